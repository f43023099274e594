-- name: outbox_lock (sqlite)
SELECT 1;

-- name: outbox_lock (postgres)
-- Claims are short; one at a time keeps the lanes right without row locks.
SELECT pg_advisory_xact_lock(8141001);

-- name: outbox_claimable
SELECT o.message, o.channel, o.conversation, o.attempts, o.parts_done, o.fence, o.first_at
FROM outbox o
WHERE o.status = 'queued' AND o.due_at <= $2 AND o.channel = ANY($1)
    AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.conversation = o.conversation AND p.n < o.n)
ORDER BY o.due_at, o.n LIMIT $3;

-- name: outbox_take
UPDATE outbox SET status = 'sending', worker = $2, fence = $3, claimed_until = $4 WHERE message = $1;

-- name: outbox_part_done
UPDATE outbox SET parts_done = $3 WHERE message = $1 AND fence = $2 RETURNING message;

-- name: outbox_extend
UPDATE outbox SET claimed_until = $3 WHERE message = $1 AND fence = $2 RETURNING message;

-- name: outbox_abandoned
SELECT message, channel, conversation, attempts, parts_done, fence, first_at, claimed_until
FROM outbox WHERE status = 'sending' AND channel = ANY($1) AND claimed_until <= $2 ORDER BY n LIMIT $3;

-- name: outbox_next_due
-- Of the heads of their lanes: what waits behind another send is not due, whatever its time.
SELECT MIN(o.due_at) FROM outbox o WHERE o.status = 'queued' AND o.channel = ANY($1)
    AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.conversation = o.conversation AND p.n < o.n);

-- name: outbox_pending
SELECT COUNT(*), MIN(first_at) FROM outbox;
