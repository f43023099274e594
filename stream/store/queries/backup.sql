-- name: journal_epoch
-- A restored database may lack what clients have seen: a new epoch makes every one of them start over.
UPDATE journal_head SET epoch = $1 WHERE id = 1;

-- name: leases_end
-- Whoever held a lease of the database that was backed up is not here.
UPDATE lease SET expires_at = 0.0;
