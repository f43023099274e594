-- Lists with the permission in the query: `$1` to `$5` are `Visibility.params()` everywhere.

-- name: list_conversations
SELECT c.body, c.updated_at, c.id FROM conversation c
WHERE ($1 = 1 OR c.offered = $2 OR c.assignee = ANY($3) OR c.team = ANY($4) OR (c.waiting = 1 AND c.queue = ANY($5))
    OR EXISTS (SELECT 1 FROM conversation_named x WHERE x.agent = $2 AND x.conversation = c.id))
    AND c.workspace = $6 AND c.status = ANY($7) AND c.spam = $8
    AND ($9 = '' OR c.assignee = $9) AND ($10 = 0 OR c.waiting = 1) AND ($11 = 0 OR c.queue = ANY($12))
    AND (c.updated_at < $13 OR (c.updated_at = $13 AND c.id < $14))
ORDER BY c.updated_at DESC, c.id DESC LIMIT $15;

-- name: list_named
SELECT c.body, c.updated_at, c.id FROM conversation_named x JOIN conversation c ON c.id = x.conversation
WHERE x.agent = $1 AND c.workspace = $2 AND (c.updated_at < $3 OR (c.updated_at = $3 AND c.id < $4))
ORDER BY c.updated_at DESC, c.id DESC LIMIT $5;

-- name: list_own
-- What an agent has or is offered, whatever its age: the head of their snapshot.
SELECT c.body, c.updated_at, c.id FROM conversation c
WHERE (c.assignee = $1 OR c.offered = $1) AND c.status <> 'resolved' AND c.workspace = $2
ORDER BY c.updated_at DESC, c.id DESC LIMIT $3;
