-- Files that still have to be fetched. Typed access is in connectors/media.py.

-- name: media_put
INSERT INTO media (channel, source_key, body, attempts, due_at, claimed_until, created_at) VALUES ($1, $2, $3, 0, $5, 0, $4)
ON CONFLICT (channel, source_key) DO NOTHING;

-- name: media_claimable
SELECT channel, source_key, body, attempts, created_at FROM media
WHERE channel = ANY($1) AND due_at <= $2 AND claimed_until <= $2 ORDER BY due_at LIMIT $3;

-- name: media_of
SELECT channel, source_key, body, attempts, created_at FROM media WHERE channel = $1 AND source_key = $2 AND claimed_until <= $3;

-- name: media_take
UPDATE media SET claimed_until = $3, attempts = attempts + 1 WHERE channel = $1 AND source_key = $2;

-- name: media_later
UPDATE media SET due_at = $3, claimed_until = 0 WHERE channel = $1 AND source_key = $2;

-- name: media_drop
DELETE FROM media WHERE channel = $1 AND source_key = $2;

-- name: media_count
SELECT COUNT(*) FROM media;

-- name: inbound_ref
-- What a deduplication key became: a message's id for messages.
SELECT ref FROM inbound WHERE channel = $1 AND source_key = $2;
