-- What the append program reads and writes. One text for both databases: `$1` parameters, `= ANY($1)` for "in this list".

-- name: head_lock
-- Every append takes this row first: numbers follow commit order, and every check below it holds at commit.
UPDATE journal_head SET n = n WHERE id = 1 RETURNING n;

-- name: head_move
UPDATE journal_head SET n = $1 WHERE id = 1;

-- name: head
SELECT n, epoch FROM journal_head WHERE id = 1;

-- name: load_sources
SELECT source_key, n, ref FROM inbound WHERE channel = $1 AND source_key = ANY($2);

-- name: load_threads
SELECT key, conversation FROM thread WHERE channel = $1 AND key = ANY($2);

-- name: load_providers
SELECT provider_id, message, conversation FROM provider_message WHERE channel = $1 AND provider_id = ANY($2);

-- name: load_parked
SELECT provider_id, state, error, at, watermark FROM parked_receipt WHERE channel = $1 AND provider_id = ANY($2) ORDER BY at;

-- name: load_lookups
SELECT lookup, id FROM identity WHERE lookup = ANY($1);

-- name: load_conversation
SELECT id, body FROM conversation WHERE id = ANY($1);

-- name: load_message
SELECT id, body FROM message WHERE id = ANY($1);

-- name: load_written
-- The numbers of the events that made these messages.
SELECT id, n FROM message WHERE id = ANY($1);

-- name: load_earlier
SELECT m.id, m.body FROM message w JOIN message m ON m.conversation = w.conversation AND m.seq < w.seq
WHERE w.id = $1 ORDER BY m.seq DESC LIMIT $2;

-- name: load_contact
SELECT id, body FROM contact WHERE id = ANY($1);

-- name: load_identity
SELECT id, body FROM identity WHERE id = ANY($1);

-- name: load_agent
SELECT id, body FROM agent WHERE id = ANY($1);

-- name: load_all_agents
SELECT id, body FROM agent;

-- name: load_kin
SELECT id, contact, body FROM identity WHERE contact = ANY($1);

-- name: load_outbox
SELECT message, channel, conversation, n, status, attempts, parts_done, due_at, fence, worker, claimed_until, first_at, error
FROM outbox WHERE message = ANY($1);

-- name: load_lanes
-- The sends under way: at most one of a conversation.
SELECT message, channel, conversation, n, status, attempts, parts_done, due_at, fence, worker, claimed_until, first_at, error
FROM outbox WHERE conversation = ANY($1) AND status = 'sending';

-- name: load_leases
SELECT name, epoch FROM lease WHERE name = ANY($1);

-- name: load_config
SELECT version, hash, n FROM config ORDER BY version DESC LIMIT 1;

-- name: save_journal
INSERT INTO journal (n, at, conversation, body, scope) VALUES ($1, $2, $3, $4, $5);

-- name: save_content
INSERT INTO content (id, body) VALUES ($1, $2);

-- name: erase_content
UPDATE content SET body = $2 WHERE id = $1;

-- name: save_inbound
INSERT INTO inbound (channel, source_key, n, ref, at, raw) VALUES ($1, $2, $3, $4, $5, $6);

-- name: save_inbound_of
-- A dead letter that is taken in again may come under its old key once more.
INSERT INTO inbound_of (ref, channel, source_key, at) VALUES ($1, $2, $3, $4) ON CONFLICT (ref, channel, source_key) DO NOTHING;

-- name: save_conversation
INSERT INTO conversation
    (id, workspace, channel, key, identity, status, queue, team, assignee, offered, waiting, spam, updated_at, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (id) DO UPDATE SET
    status = excluded.status, queue = excluded.queue, team = excluded.team, assignee = excluded.assignee,
    offered = excluded.offered, waiting = excluded.waiting, spam = excluded.spam, updated_at = excluded.updated_at,
    body = excluded.body;

-- name: touch_conversation
-- What a message changes: no column that a list chooses by, so the other indexes stay as they are.
UPDATE conversation SET updated_at = $2, body = $3 WHERE id = $1;

-- name: save_named
INSERT INTO conversation_named (conversation, agent) VALUES ($1, $2) ON CONFLICT (agent, conversation) DO NOTHING;

-- name: save_asked
INSERT INTO conversation_asked (conversation, agent) VALUES ($1, $2) ON CONFLICT (agent, conversation) DO NOTHING;

-- name: drop_asked
DELETE FROM conversation_asked WHERE conversation = $1 AND agent = $2;

-- name: save_thread
INSERT INTO thread (channel, key, conversation) VALUES ($1, $2, $3)
ON CONFLICT (channel, key) DO UPDATE SET conversation = excluded.conversation;

-- name: save_message
INSERT INTO message (id, conversation, seq, n, body) VALUES ($1, $2, $3, $4, $5);

-- name: change_message
UPDATE message SET body = $2 WHERE id = $1;

-- name: see_provider
-- Others' ids: whoever repeats one later takes nothing over.
INSERT INTO provider_message (channel, provider_id, message, conversation) VALUES ($1, $2, $3, $4)
ON CONFLICT (channel, provider_id) DO NOTHING;

-- name: save_provider
INSERT INTO provider_message (channel, provider_id, message, conversation) VALUES ($1, $2, $3, $4)
ON CONFLICT (channel, provider_id) DO UPDATE SET message = excluded.message, conversation = excluded.conversation;

-- name: save_contact
INSERT INTO contact (id, workspace, merged_into, body) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET merged_into = excluded.merged_into, body = excluded.body;

-- name: save_past
INSERT INTO past (owner, content) VALUES ($1, $2) ON CONFLICT (owner, content) DO NOTHING;

-- name: save_identity
INSERT INTO identity (id, contact, lookup, body) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET contact = excluded.contact, body = excluded.body;

-- name: save_agent
INSERT INTO agent (id, workspace, load, body) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET load = excluded.load, body = excluded.body;

-- name: save_outbox
INSERT INTO outbox
    (message, channel, conversation, n, status, attempts, parts_done, due_at, fence, worker, claimed_until, first_at, error)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (message) DO UPDATE SET
    n = excluded.n, status = excluded.status, attempts = excluded.attempts, parts_done = excluded.parts_done, due_at = excluded.due_at,
    fence = excluded.fence, first_at = excluded.first_at, worker = excluded.worker, claimed_until = excluded.claimed_until, error = excluded.error;

-- name: drop_outbox
DELETE FROM outbox WHERE message = $1;

-- name: save_blob
INSERT INTO blob_ref (blob, content) VALUES ($1, $2) ON CONFLICT (blob, content) DO NOTHING;

-- name: drop_blobs
DELETE FROM blob_ref WHERE content = $1;

-- name: save_dead
INSERT INTO dead_letter (id, channel, ref, direction, error, at, raw) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: save_parked
INSERT INTO parked_receipt (channel, provider_id, state, error, at, watermark) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (channel, provider_id, state) DO NOTHING;

-- name: drop_parked
DELETE FROM parked_receipt WHERE channel = $1 AND provider_id = $2;

-- name: save_checkpoint
INSERT INTO checkpoint (channel, key, value) VALUES ($1, $2, $3)
ON CONFLICT (channel, key) DO UPDATE SET value = excluded.value;

-- name: save_config
INSERT INTO config (version, hash, bundle, n) VALUES ($1, $2, $3, $4);
