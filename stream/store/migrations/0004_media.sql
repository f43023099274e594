-- Files that a message only points to: written before the message is, fetched after it is kept.

CREATE TABLE media (
    channel TEXT NOT NULL,
    source_key TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at DOUBLE PRECISION NOT NULL,
    claimed_until DOUBLE PRECISION NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (channel, source_key)
);
CREATE INDEX media_due ON media (due_at);
