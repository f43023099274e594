-- name: lease
SELECT holder, epoch, expires_at FROM lease WHERE name = $1;

-- name: save_lease
INSERT INTO lease (name, holder, epoch, expires_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, epoch = excluded.epoch, expires_at = excluded.expires_at;

-- name: renew_lease
UPDATE lease SET expires_at = $4 WHERE name = $1 AND holder = $2 AND epoch = $3 RETURNING epoch;

-- name: database_now (sqlite)
SELECT (julianday('now') - 2440587.5) * 86400.0;

-- name: database_now (postgres)
SELECT extract(epoch FROM clock_timestamp())::double precision;
