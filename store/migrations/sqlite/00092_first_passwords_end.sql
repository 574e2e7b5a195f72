-- A first password, which somebody else has given, holds for some days alone.

-- +goose Up
ALTER TABLE accounts ADD COLUMN first_password_ends TEXT; -- NULL: the password is the account's own choice, or was given before this was kept
