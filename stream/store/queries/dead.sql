-- name: dead_list
SELECT id, channel, ref, direction, error, at, NULL FROM dead_letter WHERE id < $1 ORDER BY id DESC LIMIT $2;

-- name: dead_show
SELECT id, channel, ref, direction, error, at, raw FROM dead_letter WHERE id = $1;

-- name: dead_drop
DELETE FROM dead_letter WHERE id = $1;

-- name: dead_count
SELECT COUNT(*) FROM dead_letter;

-- name: dead_source_forget
-- A replayed letter is taken in anew under its old key. Its row alone goes: the key of a message stays.
DELETE FROM inbound WHERE channel = $1 AND source_key = $2 AND ref = $3;
