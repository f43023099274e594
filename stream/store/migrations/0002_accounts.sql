-- Who may sign in, how they prove it, and what they have chosen for themselves. Agents' facts are in `agent`, joined by login.

CREATE TABLE account (
    login TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password TEXT NOT NULL,
    must_set BIGINT NOT NULL,
    disabled_at DOUBLE PRECISION NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    rights_at DOUBLE PRECISION NOT NULL
);

CREATE TABLE account_session (
    hash TEXT PRIMARY KEY,
    login TEXT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    seen_at DOUBLE PRECISION NOT NULL,
    expires_at DOUBLE PRECISION NOT NULL,
    address TEXT NOT NULL,
    browser TEXT NOT NULL
);
CREATE INDEX account_session_login ON account_session (login, created_at);
CREATE INDEX account_session_expiry ON account_session (expires_at);

CREATE TABLE account_link (
    hash TEXT PRIMARY KEY,
    login TEXT NOT NULL,
    expires_at DOUBLE PRECISION NOT NULL
);
CREATE INDEX account_link_login ON account_link (login);

CREATE TABLE account_token (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    expires_at DOUBLE PRECISION NOT NULL,
    used_at DOUBLE PRECISION NOT NULL
);
CREATE INDEX account_token_login ON account_token (login);

CREATE TABLE account_setting (
    login TEXT PRIMARY KEY,
    body TEXT NOT NULL
);

-- Files that an agent has uploaded and that no message has yet.
CREATE TABLE upload (
    id TEXT PRIMARY KEY,
    login TEXT NOT NULL,
    blob TEXT NOT NULL,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    used_at DOUBLE PRECISION NOT NULL
);
CREATE INDEX upload_age ON upload (at);
