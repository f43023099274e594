-- Accounts: users, sessions, one-time links, API tokens, settings, uploads. Typed access is in inbox/accounts.py.

-- name: account
SELECT login, name, role, password, must_set, disabled_at, created_at, rights_at FROM account WHERE login = $1;

-- name: accounts
SELECT login, name, role, password, must_set, disabled_at, created_at, rights_at FROM account WHERE login > $1 ORDER BY login LIMIT $2;

-- name: account_admins
-- Accounts that can sign in as an admin by a password of their own.
SELECT COUNT(*) FROM account WHERE role = 'admin' AND disabled_at = 0 AND password <> '';

-- name: account_add
INSERT INTO account (login, name, role, password, must_set, disabled_at, created_at, rights_at)
VALUES ($1, $2, $3, $4, $5, 0, $6, $6) ON CONFLICT (login) DO NOTHING RETURNING login;

-- name: account_password
UPDATE account SET password = $2, must_set = 0 WHERE login = $1 AND disabled_at = 0 RETURNING login;

-- name: account_rehash
UPDATE account SET password = $2 WHERE login = $1 AND password = $3;

-- name: account_role
UPDATE account SET role = $2, rights_at = $3 WHERE login = $1 RETURNING login;

-- name: account_disabled
UPDATE account SET disabled_at = $2, rights_at = $3 WHERE login = $1 RETURNING login;

-- name: session_add
INSERT INTO account_session (hash, login, created_at, seen_at, expires_at, address, browser) VALUES ($1, $2, $3, $3, $4, $5, $6);

-- name: session_by_hash
-- The live session of a token hash with its account: $2 is now, $3 the earliest time it must have been seen.
SELECT s.login, s.created_at, s.seen_at, s.expires_at, a.name, a.role, a.password <> '', a.must_set, a.rights_at
FROM account_session s JOIN account a ON a.login = s.login
WHERE s.hash = $1 AND s.expires_at > $2 AND s.seen_at > $3 AND a.disabled_at = 0;

-- name: sessions_live
-- Of these session hashes, those that still hold.
SELECT s.hash, s.login, a.role, a.rights_at FROM account_session s JOIN account a ON a.login = s.login
WHERE s.hash = ANY($1) AND s.expires_at > $2 AND s.seen_at > $3 AND a.disabled_at = 0;

-- name: session_seen
UPDATE account_session SET seen_at = $2 WHERE hash = $1 AND seen_at < $2;

-- name: session_drop
DELETE FROM account_session WHERE hash = $1;

-- name: sessions_of
SELECT hash, created_at, seen_at, expires_at, address, browser FROM account_session WHERE login = $1 ORDER BY created_at LIMIT $2;

-- name: sessions_drop
-- All sessions of a login but one ('' for none).
DELETE FROM account_session WHERE login = $1 AND hash <> $2;

-- name: sessions_drop_oldest
-- Keep the newest $2 sessions of a login.
DELETE FROM account_session WHERE login = $1 AND hash NOT IN
(SELECT hash FROM account_session WHERE login = $1 ORDER BY created_at DESC, hash LIMIT $2);

-- name: sessions_expire
DELETE FROM account_session WHERE expires_at <= $1 OR seen_at <= $2;

-- name: link_add
INSERT INTO account_link (hash, login, expires_at) VALUES ($1, $2, $3);

-- name: link_use
-- One winner: the row is gone for everybody else.
DELETE FROM account_link WHERE hash = $1 AND expires_at > $2 RETURNING login;

-- name: links_drop
DELETE FROM account_link WHERE login = $1;

-- name: links_expire
DELETE FROM account_link WHERE expires_at <= $1;

-- name: token_add
INSERT INTO account_token (id, hash, login, name, role, created_at, expires_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0);

-- name: token_by_hash
SELECT t.id, t.login, t.role, t.created_at, t.expires_at, t.used_at, a.name, a.role, a.rights_at
FROM account_token t JOIN account a ON a.login = t.login
WHERE t.hash = $1 AND (t.expires_at = 0 OR t.expires_at > $2) AND a.disabled_at = 0;

-- name: tokens_live
SELECT t.hash, t.login, a.role, a.rights_at FROM account_token t JOIN account a ON a.login = t.login
WHERE t.hash = ANY($1) AND (t.expires_at = 0 OR t.expires_at > $2) AND a.disabled_at = 0;

-- name: token_used
UPDATE account_token SET used_at = $2 WHERE id = $1;

-- name: tokens
SELECT id, login, name, role, created_at, expires_at, used_at FROM account_token ORDER BY id LIMIT $1;

-- name: token_drop
DELETE FROM account_token WHERE id = $1 RETURNING login;

-- name: tokens_drop
DELETE FROM account_token WHERE login = $1;

-- name: setting
SELECT body FROM account_setting WHERE login = $1;

-- name: setting_save
INSERT INTO account_setting (login, body) VALUES ($1, $2) ON CONFLICT (login) DO UPDATE SET body = excluded.body;

-- name: upload_add
INSERT INTO upload (id, login, blob, name, content_type, size, at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0);

-- name: uploads
SELECT id, login, blob, name, content_type, size FROM upload WHERE id = ANY($1);

-- name: uploads_used
UPDATE upload SET used_at = $2 WHERE id = ANY($1);

-- name: uploads_stale
SELECT id, blob, used_at FROM upload WHERE at < $1 ORDER BY at LIMIT $2;

-- name: uploads_drop
DELETE FROM upload WHERE id = ANY($1);
