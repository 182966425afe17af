-- Who may not come in, until somebody lifts the ban.
CREATE TABLE bans (
    name           TEXT     PRIMARY KEY,          -- a user's number or name
    banned_by      TEXT     NOT NULL,             -- of the credentials
    since          BIGINT   NOT NULL,
    reason         TEXT     NOT NULL              -- for people; may be empty
);
