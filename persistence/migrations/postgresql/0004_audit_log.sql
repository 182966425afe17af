-- Who did what to whom. Rows are written with the action that they tell of; the program changes
-- none of them, and deletes those that are older than its configuration says.
CREATE TABLE audit_log (
    id             BIGINT   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at             BIGINT   NOT NULL,
    node           TEXT     NOT NULL,
    actor_id       BIGINT,                        -- a user of the chat
    actor_name     TEXT     NOT NULL,             -- of the credentials; empty: none was given
    proof          SMALLINT NOT NULL,             -- 0 none, 1 passcode, 2 token
    action         TEXT     NOT NULL,             -- "member.add", ...
    room_id        BIGINT,
    user_id        BIGINT,                        -- to whom it was done
    message_id     BIGINT,
    details        TEXT     NOT NULL,             -- a JSON object
    request_id     TEXT     NOT NULL              -- empty: none
);

CREATE INDEX audit_log_at ON audit_log (at);
CREATE INDEX audit_log_actor ON audit_log (actor_id, id) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_log_room ON audit_log (room_id, id) WHERE room_id IS NOT NULL;
CREATE INDEX audit_log_user ON audit_log (user_id, id) WHERE user_id IS NOT NULL;

-- Nobody changes a row by mistake.
CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'rows of audit_log are never changed'; END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_is_append_only();
