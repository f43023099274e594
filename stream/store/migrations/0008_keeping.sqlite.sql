-- What an erasure goes by, written only where a message is not it: what was replaced, and inputs that made no message.
-- Of what is there already every input is entered: which of them made a message is not asked.

-- `owner` is the contact whose profile it was, or the conversation of the message that was edited.
CREATE TABLE past (
    owner TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (owner, content)
) WITHOUT ROWID;
INSERT INTO past (owner, content)
SELECT DISTINCT json_extract(body, '$.contact'), json_extract(body, '$.profile') FROM journal
WHERE (body LIKE '{"type":"contact.changed"%' OR body LIKE '{"type":"contact.created"%') AND json_extract(body, '$.profile') <> '';
INSERT INTO past (owner, content)
SELECT json_extract(body, '$.conversation'), json_extract(body, '$.content') FROM journal WHERE body LIKE '{"type":"message.edited"%'
UNION
SELECT json_extract(j.body, '$.conversation'), json_extract(j.body, '$.content') FROM journal e CROSS JOIN message m CROSS JOIN journal j
WHERE e.body LIKE '{"type":"message.edited"%' AND m.id = json_extract(e.body, '$.message') AND j.n = m.n;

-- `ref` is the message or identity that it is about, `dead` for dead letters, nothing for what matched nobody.
CREATE TABLE inbound_of (
    ref TEXT NOT NULL,
    channel TEXT NOT NULL,
    source_key TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (ref, channel, source_key)
) WITHOUT ROWID;
INSERT INTO inbound_of (ref, channel, source_key, at)
SELECT CASE WHEN substr(ref, 1, 5) = 'dead_' THEN 'dead' ELSE ref END, channel, source_key, at FROM inbound WHERE raw IS NOT NULL;
CREATE INDEX inbound_of_moment ON inbound_of (channel, at);
