-- What belongs to a person, found by keys (stream/tracing.py), and what is taken out of rows that stay.

-- name: past
SELECT content FROM past WHERE owner = ANY($1);

-- name: inputs_of
-- CROSS JOIN: from the few that are asked for to their inputs, whatever the planner thinks.
SELECT i.channel, i.source_key, i.ref, i.at, CASE WHEN i.raw IS NULL THEN 0 ELSE 1 END, i.n FROM inbound_of o CROSS JOIN inbound i
WHERE o.ref = ANY($1) AND i.channel = o.channel AND i.source_key = o.source_key;

-- name: inputs_under
SELECT channel, source_key, ref, at, CASE WHEN raw IS NULL THEN 0 ELSE 1 END, n FROM inbound
WHERE channel = $1 AND source_key = ANY($2);

-- name: inputs_at
-- Those that made no message; the messages of a moment are found by their events.
SELECT i.channel, i.source_key, i.ref, i.at, CASE WHEN i.raw IS NULL THEN 0 ELSE 1 END, i.n FROM inbound_of o CROSS JOIN inbound i
WHERE o.channel = $1 AND o.at = $2 AND i.channel = o.channel AND i.source_key = o.source_key;

-- name: inputs_nobodys
-- Dead letters and what matched nobody, in pages.
SELECT i.channel, i.source_key, i.ref, i.at, CASE WHEN i.raw IS NULL THEN 0 ELSE 1 END, i.n FROM inbound_of o CROSS JOIN inbound i
WHERE o.ref = $1 AND (o.channel, o.source_key) > ($2, $3) AND i.channel = o.channel AND i.source_key = o.source_key
ORDER BY o.channel, o.source_key LIMIT $4;

-- name: journal_moment
SELECT body FROM journal WHERE n > $1 AND n < $2 AND at = $3;

-- name: journal_redact
UPDATE journal SET body = $2 WHERE n = $1;
