-- Where a write has found no room, readiness asks for as much room as a large record takes before it says that there is some again.

-- +goose Up
ALTER TABLE probe ADD COLUMN room BLOB;
