-- What the outbox asks besides claiming (see outbox.sql).

-- name: outbox_expired
-- Sends of these channels that have waited since before $2: the heads of their lanes only.
SELECT o.message, o.channel, o.conversation, o.attempts, o.parts_done, o.fence, o.first_at
FROM outbox o
WHERE o.status = 'queued' AND o.first_at <= $2 AND o.channel = ANY($1)
    AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.conversation = o.conversation AND p.n < o.n)
ORDER BY o.n LIMIT $3;
