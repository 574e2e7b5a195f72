-- The secrets of second factors are sealed under the master key, and people have keys of the service's own that stand in addresses of pages.

-- +goose Up
-- They wait here in the clear until the service, which alone has the key, has sealed them.
CREATE TABLE second_factors_in_clear (
    account_id TEXT NOT NULL PRIMARY KEY,
    agency_id  TEXT NOT NULL,
    secret     TEXT NOT NULL
) STRICT;
INSERT INTO second_factors_in_clear (account_id, agency_id, secret) SELECT id, agency_id, totp_secret FROM accounts WHERE totp_secret <> '';
ALTER TABLE accounts DROP COLUMN totp_secret;
ALTER TABLE accounts ADD COLUMN totp_sealed BLOB; -- NULL: no second factor

-- Random, and said nowhere else: an address that is written down somewhere says nothing of whom it is about.
ALTER TABLE people ADD COLUMN page_key TEXT;
UPDATE people SET page_key = lower(hex(randomblob(16)));
CREATE UNIQUE INDEX people_by_page_key ON people (page_key);

UPDATE row_adoption SET pending = 1;
