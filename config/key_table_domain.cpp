#include "config/key_table.hpp"
#include "config/key_table_units.hpp"

// The rows of the sections broker, auth, storage, chat and audit.

namespace config {

template <>
std::vector<std::string_view> names_of<auth_mode>() {
    return {"open", "required"};
}

template <>
std::vector<std::string_view> names_of<storage_backend>() {
    return {"sqlite", "postgresql"};
}

namespace table {
namespace {

void add_auth_rows(std::vector<key>& to) {
    to.push_back(row(
        "auth.mode", STAMPEDE_MEMBER(auth.mode),
        "\"open\": callers are who they say they are, for a first try; \"required\": every caller "
        "brings an account's passcode or a token. Without a restart nothing of `auth` is taken up "
        "beside another mode."));

    // The authenticator is made anew when any of them changes.
    auto add = [&to](key row) {
        if (row.reloads == reload::no) row.reloads = reload::value;
        to.push_back(std::move(row));
    };

    add(row("auth.workers", STAMPEDE_MEMBER(auth.workers),
            "Threads that check passcodes; a check takes tens of milliseconds and the memory that "
            "the hash names.",
            {.range = {1, 64}}));
    add(row("auth.max_waiting", STAMPEDE_MEMBER(auth.max_waiting),
            "Passcode checks that may wait for a worker; above it a login is refused with "
            "\"too_many_logins\".",
            {.range = {1, 1'000'000}}));
    add(row("auth.cache_ttl", STAMPEDE_MEMBER(auth.cache_ttl),
            "How long a passcode that was found right is believed again without another check; 0 "
            "to check always.",
            {.range = {0, hour}}));
    add(row("auth.cache_entries", STAMPEDE_MEMBER(auth.cache_entries),
            "How many such passcodes are remembered; only keyed digests of them are.",
            {.range = {0, 10'000'000}}));

    add(row("auth.accounts[].login", STAMPEDE_MEMBER(auth.accounts[element].login),
            "The login, unique.", {.range = {1, 255}, .required = true}));
    add(row("auth.accounts[].passcode_hash", STAMPEDE_MEMBER(auth.accounts[element].passcode_hash),
            "The argon2id hash of the passcode, as `stampede --hash-passcode` prints it.",
            {.range = {1, 1000}, .required = true, .secret = true}));
    add(row("auth.accounts[].user_id", STAMPEDE_MEMBER(auth.accounts[element].user_id),
            "The number of the chat user that the account acts as. Without it the account uses "
            "generic topics only.",
            {.range = {1, INT64_MAX}}));
    add(row("auth.accounts[].roles", STAMPEDE_MEMBER(auth.accounts[element].roles),
            "Roles, for the rules under `broker.access`."));

    add(row("auth.jwt.algorithms", STAMPEDE_MEMBER(auth.jwt.algorithms),
            "The signatures that are accepted. Empty: no tokens are.",
            {.choices = {"HS256", "RS256", "ES256"}}));
    add(row("auth.jwt.issuer", STAMPEDE_MEMBER(auth.jwt.issuer),
            "The `iss` that tokens must have. Empty: any."));
    add(row("auth.jwt.audience", STAMPEDE_MEMBER(auth.jwt.audience),
            "Tokens must have one of these in their `aud`. Empty: any."));
    add(row("auth.jwt.leeway", STAMPEDE_MEMBER(auth.jwt.leeway),
            "How far clocks may differ when `exp` and `nbf` are checked.",
            {.range = {0, 10 * minute}}));
    add(row("auth.jwt.secret", STAMPEDE_MEMBER(auth.jwt.secret),
            "The shared secret of HS256, 32 bytes or more. Better in secret_file.",
            {.range = {32, 4096}, .secret = true}));
    add(row("auth.jwt.secret_file", STAMPEDE_MEMBER(auth.jwt.secret),
            "A file with the secret; a line break at its end is not part of it.",
            {.type = value_type::file_content}));
    add(row("auth.jwt.public_key_file", STAMPEDE_MEMBER(auth.jwt.public_key),
            "The public key of RS256 or ES256, or a certificate, in PEM.",
            {.type = value_type::file_content}));
    add(row("auth.jwt.jwks_file", STAMPEDE_MEMBER(auth.jwt.jwks_file),
            "A JSON Web Key Set (RFC 7517). Read again every jwks_refresh, and when a token names "
            "a key that it lacks.",
            {.reloads = reload::content, .type = value_type::readable_path}));
    add(row("auth.jwt.jwks_url", STAMPEDE_MEMBER(auth.jwt.jwks_url),
            "The http or https address of a JSON Web Key Set, fetched like jwks_file. The last "
            "good set is kept while the address fails."));
    add(row("auth.jwt.jwks_refresh", STAMPEDE_MEMBER(auth.jwt.jwks_refresh),
            "How often the key set is fetched.", {.range = {10 * second, 24 * hour}}));
    add(row("auth.jwt.user_id_claim", STAMPEDE_MEMBER(auth.jwt.user_id_claim),
            "The claim with the chat user's number. Where a token lacks it, a `sub` that is a "
            "number is taken.",
            {.range = {1, 200}}));
    add(row("auth.jwt.roles_claim", STAMPEDE_MEMBER(auth.jwt.roles_claim),
            "The claim with the roles, a list or one text with spaces; a dotted name such as "
            "`realm_access.roles` goes into objects.",
            {.range = {1, 200}}));
}

}  // namespace

void add_domain_rows(std::vector<key>& to) {
    auto add = [&to](key row) { to.push_back(std::move(row)); };

    add(row("broker.access[].destination", STAMPEDE_MEMBER(broker.access[element].destination),
            "A destination under /topic, or a pattern: `*` stands for one level, `**` at the end "
            "for any number of them.",
            {.range = {1, 1024}, .required = true}));
    add(row("broker.access[].send", STAMPEDE_MEMBER(broker.access[element].send),
            "Who may SEND: \"*\" (everyone), \"authenticated\" (with an account or a token), "
            "\"role:NAME\", \"user:NAME\" (the user's number where there is one, else the login or "
            "`sub`). Nobody by default."));
    add(row("broker.access[].subscribe", STAMPEDE_MEMBER(broker.access[element].subscribe),
            "Who may SUBSCRIBE to one exact destination."));
    add(row("broker.access[].subscribe_wildcard",
            STAMPEDE_MEMBER(broker.access[element].subscribe_wildcard),
            "Who may SUBSCRIBE with a pattern that lies within this rule's. A pattern that an "
            "earlier rule covers in part needs that rule's consent too."));

    add_auth_rows(to);

    add(row("storage.backend", STAMPEDE_MEMBER(storage.backend),
            "\"sqlite\", a file of the node's own, or \"postgresql\"."));
    add(row("storage.path", STAMPEDE_MEMBER(storage.path),
            "SQLite's file. Without it: stampede.db in node.data_directory."));
    add(row("storage.connection", STAMPEDE_MEMBER(storage.connection),
            "PostgreSQL's URI (\"postgresql://user@host/database\") or its key=value form. With "
            "\"sslmode=verify-full\" and \"sslrootcert\" the server is verified.",
            {.range = {1, 4096}, .secret = true}));
    add(row("storage.connection_file", STAMPEDE_MEMBER(storage.connection),
            "A file with the same, for one that holds a password.",
            {.type = value_type::file_content}));
    add(row(
        "storage.replica", STAMPEDE_MEMBER(storage.replica),
        "A replica of that PostgreSQL, in the same form: what may be a little old is read there. "
        "A replica that is away is not needed.",
        {.range = {1, 4096}, .secret = true}));
    add(row("storage.replica_file", STAMPEDE_MEMBER(storage.replica),
            "A file with the same, for one that holds a password.",
            {.type = value_type::file_content}));
    add(row("storage.threads", STAMPEDE_MEMBER(storage.threads),
            "Database threads, each with a connection.", {.range = {1, 256}}));
    add(row("storage.max_waiting_jobs", STAMPEDE_MEMBER(storage.max_waiting_jobs),
            "Jobs that may wait for a database thread; above it requests are refused as busy.",
            {.range = {1, 10'000'000}}));
    add(row("storage.max_batch", STAMPEDE_MEMBER(storage.max_batch),
            "The most messages that are committed together. Batches form by themselves under load.",
            {.range = {1, 10'000}}));
    add(row("storage.max_waiting_messages", STAMPEDE_MEMBER(storage.max_waiting_messages),
            "Messages that may wait to be stored; above it SENDs are refused as busy.",
            {.range = {1, 100'000'000}}));
    add(row("storage.max_waiting_size", STAMPEDE_MEMBER(storage.max_waiting_size),
            "The same in bytes of their text.", {.range = {64 * kib, 64 * gib}}));
    add(row("storage.connect_timeout", STAMPEDE_MEMBER(storage.connect_timeout),
            "How long a connection to the database may take.", {.range = {100, 10 * minute}}));
    add(row("storage.statement_timeout", STAMPEDE_MEMBER(storage.statement_timeout),
            "How long one statement may take.", {.range = {100, 10 * minute}}));
    add(row(
        "storage.wait_timeout", STAMPEDE_MEMBER(storage.wait_timeout),
        "How long a job or a message waits for its turn, for a room that others have locked, or "
        "for a database that is away, before it is refused.",
        {.range = {100, 10 * minute}}));

    add(row("chat.max_content_length", STAMPEDE_MEMBER(chat.max_content_length),
            "The longest content of a chat message, in characters (Unicode code points).",
            {.range = {1, 1'000'000}}));
    add(row(
        "chat.presence", STAMPEDE_MEMBER(chat.presence),
        "Whether a room's subscribers are told when a user begins to listen to it, with whatever "
        "device, and when the last device has gone (`messageType` PRESENCE). In big rooms that "
        "is many messages."));
    add(row(
        "chat.lobby", STAMPEDE_MEMBER(chat.lobby),
        "In open mode, whether a public room \"Lobby\" is made when there is no room at all, so "
        "that there is one to talk in."));

    add(row("audit.keep", STAMPEDE_MEMBER(audit.keep),
            "How long the audit log's entries are kept; older ones are deleted once an hour. 0: "
            "for ever.",
            {.range = {0, 10 * 366 * 24 * hour}}));
}

}  // namespace table
}  // namespace config
