-- Lists with the permission in the query: `$1` to `$5` are `Visibility.params()` everywhere.

-- name: list_conversations
-- What is not resolved, newest activity first.
SELECT c.body, c.updated_at, c.id FROM conversation c
WHERE ($1 = 1 OR c.offered = $2 OR c.assignee = ANY($3) OR c.team = ANY($4) OR (c.waiting = 1 AND c.queue = ANY($5))
    OR EXISTS (SELECT 1 FROM conversation_named x WHERE x.agent = $2 AND x.conversation = c.id)
    OR EXISTS (SELECT 1 FROM conversation_asked y WHERE y.agent = $2 AND y.conversation = c.id))
    AND c.status <> 'resolved' AND c.workspace = $6 AND c.status = ANY($7) AND c.spam = $8
    AND ($9 = '' OR c.assignee = $9) AND ($10 = 0 OR c.waiting = 1) AND ($11 = 0 OR c.queue = ANY($12))
    AND c.updated_at <= $13 AND (c.updated_at < $13 OR c.id < $14)
ORDER BY c.updated_at DESC, c.id DESC LIMIT $15;

-- name: list_resolved
-- The same of what is resolved. No column that an offer or a wait fills counts here.
SELECT c.body, c.updated_at, c.id FROM conversation c
WHERE ($1 = 1 OR c.assignee = ANY($3) OR c.team = ANY($4)
    OR EXISTS (SELECT 1 FROM conversation_named x WHERE x.agent = $2 AND x.conversation = c.id))
    AND c.status = 'resolved' AND c.workspace = $5 AND c.spam = $6
    AND ($7 = '' OR c.assignee = $7) AND ($8 = 0 OR c.queue = ANY($9))
    AND c.updated_at <= $10 AND (c.updated_at < $10 OR c.id < $11)
ORDER BY c.updated_at DESC, c.id DESC LIMIT $12;

-- name: list_named
-- CROSS JOIN: the few that name the agent come first, whatever the planner thinks.
SELECT c.body, c.updated_at, c.id FROM conversation_named x CROSS JOIN conversation c
WHERE c.id = x.conversation AND x.agent = $1 AND c.workspace = $2
    AND c.updated_at <= $3 AND (c.updated_at < $3 OR c.id < $4)
ORDER BY c.updated_at DESC, c.id DESC LIMIT $5;

-- name: list_own
-- What an agent has or is offered, whatever its age: the head of their snapshot. `|| ''` keeps the planner from walking the whole
-- workspace for the order's sake: an agent has few.
SELECT o.body, o.updated_at, o.id FROM (
    SELECT c.body, c.updated_at, c.id FROM conversation c
    WHERE c.assignee = $1 AND c.status <> 'resolved' AND c.workspace || '' = $2
    UNION ALL
    SELECT c.body, c.updated_at, c.id FROM conversation c
    WHERE c.offered = $1 AND c.offered <> '' AND c.assignee <> $1 AND c.workspace || '' = $2
    UNION ALL
    SELECT c.body, c.updated_at, c.id FROM conversation_asked y CROSS JOIN conversation c
    WHERE y.agent = $1 AND c.id = y.conversation AND c.workspace || '' = $2
) o ORDER BY o.updated_at DESC, o.id DESC LIMIT $3;
