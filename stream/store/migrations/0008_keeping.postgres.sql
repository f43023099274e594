-- What an erasure goes by, written only where a message is not it: profiles that were replaced, and inputs that made no message.
-- Of what is there already every input is entered: which of them made a message is not asked.

CREATE TABLE contact_past (
    contact TEXT NOT NULL,
    profile TEXT NOT NULL,
    PRIMARY KEY (contact, profile)
);
INSERT INTO contact_past (contact, profile)
SELECT DISTINCT body::json ->> 'contact', body::json ->> 'profile' FROM journal
WHERE (body LIKE '{"type":"contact.changed"%' OR body LIKE '{"type":"contact.created"%') AND body::json ->> 'profile' <> '';

-- `ref` is the message or identity that it is about, `dead` for dead letters, nothing for what matched nobody.
CREATE TABLE inbound_of (
    ref TEXT NOT NULL,
    channel TEXT NOT NULL,
    source_key TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (ref, channel, source_key)
);
INSERT INTO inbound_of (ref, channel, source_key, at)
SELECT CASE WHEN substr(ref, 1, 5) = 'dead_' THEN 'dead' ELSE ref END, channel, source_key, at FROM inbound WHERE raw IS NOT NULL;
CREATE INDEX inbound_of_moment ON inbound_of (channel, at);
