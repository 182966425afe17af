-- Up to which message of a direct room some device of the member has got what the other one wrote.
-- Other rooms do not use it.
ALTER TABLE room_members ADD COLUMN delivered_seq BIGINT NOT NULL DEFAULT 0;

-- What is older than this column counts as delivered.
UPDATE room_members
   SET delivered_seq = (SELECT last_seq FROM rooms WHERE rooms.id = room_members.room_id)
 WHERE room_id IN (SELECT id FROM rooms WHERE type = 2);
