-- What is too old or too many. The newest that is too many is found by its place, so that what is kept is not listed.

-- name: purge_parked_old
DELETE FROM parked_receipt WHERE at < $1 RETURNING state;

-- name: purge_parked_many
DELETE FROM parked_receipt WHERE at <= (SELECT at FROM parked_receipt ORDER BY at DESC LIMIT 1 OFFSET $1) RETURNING state;

-- name: purge_dead_old
DELETE FROM dead_letter WHERE at < $1 RETURNING direction;

-- name: purge_dead_many
DELETE FROM dead_letter WHERE id <= (SELECT id FROM dead_letter ORDER BY id DESC LIMIT 1 OFFSET $1) RETURNING direction;

-- name: journal_begin
-- When the first event was, also when it has been trimmed.
SELECT COALESCE((SELECT CAST(value AS DOUBLE PRECISION) FROM checkpoint WHERE channel = '@retention' AND key = 'begin'),
    (SELECT at FROM journal ORDER BY n LIMIT 1));

-- name: save_begin
INSERT INTO checkpoint (channel, key, value) VALUES ($1, $2, $3) ON CONFLICT (channel, key) DO NOTHING;

-- name: journal_oldest
SELECT n, at, body FROM journal WHERE n <= $1 ORDER BY n LIMIT $2;

-- name: journal_trim
DELETE FROM journal WHERE n <= $1;

-- name: drop_content
DELETE FROM content WHERE id = $1;

-- name: blobs_kept
-- Which of these files some content still points to.
SELECT DISTINCT blob FROM blob_ref WHERE blob = ANY($1);

-- name: inbound_page
-- By its own key, so that taking messages in keeps no index for it.
SELECT channel, source_key, ref, at, CASE WHEN raw IS NULL THEN 0 ELSE 1 END, n FROM inbound
WHERE (channel, source_key) > ($1, $2) ORDER BY channel, source_key LIMIT $3;

-- name: inbound_forget
UPDATE inbound SET raw = NULL WHERE channel = $1 AND source_key = $2;
