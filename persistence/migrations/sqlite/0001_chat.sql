-- Rooms, their members, their messages, the users and the outbox.
-- Times are milliseconds since 1970-01-01T00:00:00Z.

CREATE TABLE rooms (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    name           TEXT    NOT NULL,
    study_id       INTEGER UNIQUE,
    type           INTEGER NOT NULL,             -- 0 public, 1 private, 2 direct
    direct_low     INTEGER,                      -- the two users of a direct room,
    direct_high    INTEGER,                      -- the smaller id first
    max_members    INTEGER NOT NULL DEFAULT 0,   -- 0: no limit
    member_count   INTEGER NOT NULL DEFAULT 0,
    metadata       TEXT    NOT NULL DEFAULT '',  -- a JSON object, or empty
    retention_days INTEGER,                      -- null: kept for ever
    last_seq       INTEGER NOT NULL DEFAULT 0,
    created_at     INTEGER NOT NULL,
    deactivated_at INTEGER,                      -- null: the room takes messages
    UNIQUE (direct_low, direct_high)
) STRICT;

CREATE INDEX rooms_public ON rooms (id) WHERE type = 0;

CREATE TABLE room_members (
    room_id       INTEGER NOT NULL REFERENCES rooms (id),
    user_id       INTEGER NOT NULL,
    role          INTEGER NOT NULL,              -- 0 member, 1 admin, 2 owner
    nickname      TEXT    NOT NULL,
    joined_at     INTEGER NOT NULL,
    left_at       INTEGER,                       -- null: is a member
    last_read_seq INTEGER NOT NULL DEFAULT 0,
    muted_until   INTEGER,                       -- no notifications before; null: not muted
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX room_members_of_user ON room_members (user_id, room_id) WHERE left_at IS NULL;

-- What belongs to a message refers to (room_id, seq), as on PostgreSQL.
CREATE TABLE messages (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id         INTEGER NOT NULL,
    seq             INTEGER NOT NULL,            -- 1, 2, 3, ... in its room
    author_id       INTEGER NOT NULL,
    nickname        TEXT    NOT NULL,
    type            INTEGER NOT NULL,            -- 0 chat, 1 join, 2 leave
    status          INTEGER NOT NULL DEFAULT 0,  -- 0 sent
    content         TEXT    NOT NULL,
    parent_seq      INTEGER,                     -- the message this one answers
    thread_seq      INTEGER,                     -- the first message of its thread
    idempotency_key TEXT,
    created_at      INTEGER NOT NULL,
    edited_at       INTEGER,
    deleted_at      INTEGER,
    UNIQUE (room_id, seq)
) STRICT;

CREATE UNIQUE INDEX messages_idempotency ON messages (room_id, author_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;

-- What has yet to be published outside, one row for each event; it refers to the message instead
-- of copying it. Written only while a relay is configured that empties it.
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    event      INTEGER NOT NULL,                 -- 0 message created
    room_id    INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    id           INTEGER PRIMARY KEY,
    nickname     TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    withdrawn_at INTEGER
) STRICT;
