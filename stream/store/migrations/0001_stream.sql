-- The journal, what it points to, the current state, and what is under way.

CREATE TABLE journal_head (
    id BIGINT PRIMARY KEY,
    n BIGINT NOT NULL,
    epoch TEXT NOT NULL
);

CREATE TABLE journal (
    n {NUMBER} PRIMARY KEY,
    at DOUBLE PRECISION NOT NULL,
    conversation TEXT,
    body TEXT NOT NULL,
    scope TEXT
);
CREATE INDEX journal_conversation ON journal (conversation, n) WHERE conversation IS NOT NULL;

CREATE TABLE content (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL
);

CREATE TABLE inbound (
    channel TEXT NOT NULL,
    source_key TEXT NOT NULL,
    n BIGINT NOT NULL,
    ref TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    raw {BYTES},
    PRIMARY KEY (channel, source_key)
);

CREATE TABLE conversation (
    id TEXT PRIMARY KEY,
    workspace TEXT NOT NULL,
    channel TEXT NOT NULL,
    key TEXT NOT NULL,
    identity TEXT NOT NULL,
    status TEXT NOT NULL,
    queue TEXT NOT NULL,
    team TEXT NOT NULL,
    assignee TEXT NOT NULL,
    offered TEXT NOT NULL,
    waiting BIGINT NOT NULL,
    spam BIGINT NOT NULL,
    updated_at DOUBLE PRECISION NOT NULL,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX conversation_unresolved_key ON conversation (channel, key) WHERE status <> 'resolved';
CREATE INDEX conversation_key ON conversation (channel, key);
CREATE INDEX conversation_unresolved ON conversation (id) WHERE status <> 'resolved';
CREATE INDEX conversation_recent ON conversation (workspace, updated_at, id) WHERE status <> 'resolved';
CREATE INDEX conversation_resolved ON conversation (workspace, updated_at, id) WHERE status = 'resolved';
CREATE INDEX conversation_assignee ON conversation (assignee) WHERE status <> 'resolved';
CREATE INDEX conversation_offered ON conversation (offered) WHERE offered <> '';
CREATE INDEX conversation_waiting ON conversation (workspace, queue) WHERE waiting = 1;
CREATE INDEX conversation_identity ON conversation (identity, id);

CREATE TABLE conversation_named (
    conversation TEXT NOT NULL,
    agent TEXT NOT NULL,
    PRIMARY KEY (agent, conversation)
) {KEYED};

CREATE TABLE thread (
    channel TEXT NOT NULL,
    key TEXT NOT NULL,
    conversation TEXT NOT NULL,
    PRIMARY KEY (channel, key)
) {KEYED};

CREATE TABLE message (
    id TEXT PRIMARY KEY,
    conversation TEXT NOT NULL,
    seq BIGINT NOT NULL,
    n BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX message_place ON message (conversation, seq);

CREATE TABLE provider_message (
    channel TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    message TEXT NOT NULL,
    conversation TEXT NOT NULL,
    PRIMARY KEY (channel, provider_id)
) {KEYED};

CREATE TABLE contact (
    id TEXT PRIMARY KEY,
    workspace TEXT NOT NULL,
    merged_into TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX contact_merged ON contact (merged_into) WHERE merged_into <> '';

CREATE TABLE identity (
    id TEXT PRIMARY KEY,
    contact TEXT NOT NULL,
    lookup TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL
);
CREATE INDEX identity_contact ON identity (contact);

CREATE TABLE agent (
    id TEXT PRIMARY KEY,
    workspace TEXT NOT NULL,
    load BIGINT NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE outbox (
    message TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    conversation TEXT NOT NULL,
    n BIGINT NOT NULL,
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    parts_done BIGINT NOT NULL,
    due_at DOUBLE PRECISION NOT NULL,
    fence BIGINT NOT NULL,
    worker TEXT NOT NULL,
    claimed_until DOUBLE PRECISION NOT NULL,
    first_at DOUBLE PRECISION NOT NULL,
    error TEXT NOT NULL
);
CREATE INDEX outbox_lane ON outbox (conversation, n);
CREATE INDEX outbox_due ON outbox (status, due_at, n);

CREATE TABLE dead_letter (
    id TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    ref TEXT NOT NULL,
    direction TEXT NOT NULL,
    error TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    raw {BYTES}
);

CREATE TABLE parked_receipt (
    channel TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    state TEXT NOT NULL,
    error TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    watermark BIGINT NOT NULL,
    PRIMARY KEY (channel, provider_id, state)
);

CREATE TABLE checkpoint (
    channel TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (channel, key)
);

CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    expires_at DOUBLE PRECISION NOT NULL
);

CREATE TABLE config (
    version BIGINT PRIMARY KEY,
    hash TEXT NOT NULL,
    bundle TEXT NOT NULL,
    n BIGINT NOT NULL
);

INSERT INTO journal_head (id, n, epoch) VALUES (1, 0, {EPOCH});
