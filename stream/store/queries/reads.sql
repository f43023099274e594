-- What pages, the API and the followers read.

-- name: journal_after
SELECT n, at, body, scope FROM journal WHERE n > $1 ORDER BY n LIMIT $2;

-- name: journal_of_conversation
-- The events that made its messages are found by the messages' numbers.
SELECT e.n, e.at, e.body, e.scope FROM (
    SELECT j.n, j.at, j.body, j.scope FROM journal j WHERE j.conversation = $1 AND j.n > $2
    UNION ALL
    SELECT j.n, j.at, j.body, j.scope FROM message m CROSS JOIN journal j WHERE m.conversation = $1 AND m.n > $2 AND j.n = m.n
) e ORDER BY e.n LIMIT $3;

-- name: contents
SELECT id, body FROM content WHERE id = ANY($1);

-- name: unresolved
SELECT body FROM conversation WHERE status <> 'resolved' AND id > $1 ORDER BY id LIMIT $2;

-- name: messages_before
SELECT body FROM message WHERE conversation = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3;

-- name: identities_of
SELECT body FROM identity WHERE contact = $1 ORDER BY id LIMIT $2;

-- name: contacts_merged_into
SELECT body FROM contact WHERE merged_into = $1 AND merged_into <> '' ORDER BY id LIMIT $2;

-- name: identity_by_lookup
SELECT body FROM identity WHERE lookup = $1;

-- name: conversations_of
SELECT body FROM conversation WHERE identity = ANY($1) AND id < $2 ORDER BY id DESC LIMIT $3;

-- name: history_after
-- CROSS JOIN: from the key's few conversations to their messages, never the other way round.
SELECT m.n, m.body FROM conversation c CROSS JOIN message m
WHERE c.channel = $1 AND c.key = $2 AND m.conversation = c.id AND m.n > $3 ORDER BY m.n LIMIT $4;

-- name: history_newest
SELECT m.n, m.body FROM conversation c CROSS JOIN message m
WHERE c.channel = $1 AND c.key = $2 AND m.conversation = c.id ORDER BY m.n DESC LIMIT $3;

-- name: raw_input
SELECT raw FROM inbound WHERE channel = $1 AND source_key = $2;

-- name: provider_message
SELECT message, conversation FROM provider_message WHERE channel = $1 AND provider_id = $2;

-- name: thread_of_key
SELECT conversation FROM thread WHERE channel = $1 AND key = $2;

-- name: checkpoints
SELECT key, value FROM checkpoint WHERE channel = $1;

-- name: configs
SELECT version, hash, n, bundle FROM config ORDER BY version;

-- name: active_config
SELECT c.version, c.hash, c.n, b.body FROM config c JOIN content b ON b.id = c.bundle ORDER BY c.version DESC LIMIT 1;

-- name: waiting_by_queue
SELECT queue, COUNT(*) FROM conversation WHERE workspace = $1 AND waiting = 1 GROUP BY queue;

-- name: bench_source_keys
-- Every deduplication key once per message row: a bench and the kill test judge by it what was kept, and how often.
SELECT i.source_key FROM inbound i JOIN message m ON m.id = i.ref;
