-- The search index: fed in batches by a follower of the journal, rebuilt by forgetting its cursor.

-- name: search_put (sqlite)
INSERT INTO search_doc (ref, kind, conversation, contact, content) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (ref) DO UPDATE SET content = excluded.content;

-- name: search_terms (sqlite)
INSERT OR REPLACE INTO search_index (rowid, terms) VALUES ($1, $2);

-- name: search_ids (sqlite)
SELECT ref, id FROM search_doc WHERE ref = ANY($1);

-- name: search_put (postgres)
INSERT INTO search_doc (ref, kind, conversation, contact, content, terms)
VALUES ($1, $2, $3, $4, $5, to_tsvector('simple', $6))
ON CONFLICT (ref) DO UPDATE SET content = excluded.content, terms = excluded.terms;

-- name: search_forget_terms (sqlite)
DELETE FROM search_index WHERE rowid IN (SELECT id FROM search_doc WHERE content = ANY($1));

-- name: search_forget_terms (postgres)
SELECT 1 WHERE $1::text[] IS NULL;

-- name: search_forget
DELETE FROM search_doc WHERE content = ANY($1);

-- name: search_clear (sqlite)
DELETE FROM search_index;

-- name: search_clear (postgres)
SELECT 1;

-- name: search_clear_docs
DELETE FROM search_doc;

-- name: search_find (sqlite)
SELECT d.id, d.kind, d.ref, d.conversation, d.contact FROM search_index i JOIN search_doc d ON d.id = i.rowid
LEFT JOIN conversation c ON c.id = d.conversation
WHERE i.search_index MATCH $7 AND d.id < $8
    AND ((d.kind <> 'contact' AND c.workspace = $6 AND ($1 = 1 OR c.offered = $2 OR c.assignee = ANY($3) OR c.team = ANY($4)
            OR (c.waiting = 1 AND c.queue = ANY($5))
            OR EXISTS (SELECT 1 FROM conversation_named x WHERE x.agent = $2 AND x.conversation = c.id)
            OR EXISTS (SELECT 1 FROM conversation_asked q WHERE q.agent = $2 AND q.conversation = c.id)))
        OR (d.kind = 'contact' AND EXISTS (SELECT 1 FROM identity y CROSS JOIN conversation v
            WHERE y.contact IN (d.contact, (SELECT k.merged_into FROM contact k WHERE k.id = d.contact)) AND v.identity = y.id
            AND v.workspace = $6 AND ($1 = 1 OR v.offered = $2 OR v.assignee = ANY($3) OR v.team = ANY($4)
            OR (v.waiting = 1 AND v.queue = ANY($5))
            OR EXISTS (SELECT 1 FROM conversation_named z WHERE z.agent = $2 AND z.conversation = v.id)
            OR EXISTS (SELECT 1 FROM conversation_asked q WHERE q.agent = $2 AND q.conversation = v.id)))))
ORDER BY d.id DESC LIMIT $9;

-- name: search_find (postgres)
SELECT d.id, d.kind, d.ref, d.conversation, d.contact FROM search_doc d
LEFT JOIN conversation c ON c.id = d.conversation
WHERE d.terms @@ to_tsquery('simple', $7) AND d.id < $8
    AND ((d.kind <> 'contact' AND c.workspace = $6 AND ($1 = 1 OR c.offered = $2 OR c.assignee = ANY($3) OR c.team = ANY($4)
            OR (c.waiting = 1 AND c.queue = ANY($5))
            OR EXISTS (SELECT 1 FROM conversation_named x WHERE x.agent = $2 AND x.conversation = c.id)
            OR EXISTS (SELECT 1 FROM conversation_asked q WHERE q.agent = $2 AND q.conversation = c.id)))
        OR (d.kind = 'contact' AND EXISTS (SELECT 1 FROM identity y CROSS JOIN conversation v
            WHERE y.contact IN (d.contact, (SELECT k.merged_into FROM contact k WHERE k.id = d.contact)) AND v.identity = y.id
            AND v.workspace = $6 AND ($1 = 1 OR v.offered = $2 OR v.assignee = ANY($3) OR v.team = ANY($4)
            OR (v.waiting = 1 AND v.queue = ANY($5))
            OR EXISTS (SELECT 1 FROM conversation_named z WHERE z.agent = $2 AND z.conversation = v.id)
            OR EXISTS (SELECT 1 FROM conversation_asked q WHERE q.agent = $2 AND q.conversation = v.id)))))
ORDER BY d.id DESC LIMIT $9;
