-- name: secret
SELECT key, sealed FROM secret WHERE name = $1;

-- name: secret_make
-- The first to make it wins; everybody reads what is there.
INSERT INTO secret (name, key, sealed, at) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING;

-- name: secret_put
INSERT INTO secret (name, key, sealed, at) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO UPDATE SET key = excluded.key, sealed = excluded.sealed, at = excluded.at;

-- name: secrets_all
SELECT name, key, sealed FROM secret ORDER BY name;
