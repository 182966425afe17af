#include "config/key_table.hpp"
#include "config/key_table_units.hpp"

// The rows of the section eureka.

namespace config::table {

void add_discovery_rows(std::vector<key>& to) {
    auto add = [&to](key row) { to.push_back(std::move(row)); };

    add(row("eureka.urls", STAMPEDE_MEMBER(eureka.urls),
            "The servers' addresses, \"http://user:password@host:8761/eureka\"; the next is tried "
            "when one fails. Netflix' own server has `/eureka/v2`.",
            {.secret = true}));
    add(row("eureka.password", STAMPEDE_MEMBER(eureka.password),
            "The password for addresses that have a user and no password. Better in "
            "password_file.",
            {.range = {1, 4096}, .secret = true}));
    add(row("eureka.password_file", STAMPEDE_MEMBER(eureka.password),
            "A file with the password; a line break at its end is not part of it.",
            {.type = value_type::file_content}));
    add(row("eureka.app", STAMPEDE_MEMBER(eureka.app),
            "The service's name, the same for all nodes; others ask for it.", {.range = {1, 100}}));
    add(row("eureka.instance_id", STAMPEDE_MEMBER(eureka.instance_id),
            "The node's name among those of the service; it keeps it over restarts. Without it: "
            "host_name, app and port with colons between.",
            {.range = {0, 200}}));
    add(row("eureka.host_name", STAMPEDE_MEMBER(eureka.host_name),
            "How others reach the node: a name, or an address where names are not known. Without "
            "it: the host's name.",
            {.range = {0, 253}}));
    add(row("eureka.ip_address", STAMPEDE_MEMBER(eureka.ip_address),
            "The node's address. Without it: the HTTP listener's own, or that of the first network "
            "interface.",
            {.range = {0, 45}}));
    add(row("eureka.port", STAMPEDE_MEMBER(eureka.port),
            "The port of HTTP and WebSocket, where it is another one from outside. 0: that of the "
            "first HTTP listener without TLS.",
            {.range = {0, 65'535}}));
    add(row("eureka.secure_port", STAMPEDE_MEMBER(eureka.secure_port),
            "The same for TLS. 0: that of the first HTTP listener with TLS.",
            {.range = {0, 65'535}}));
    add(row("eureka.heart_beat", STAMPEDE_MEMBER(eureka.heart_beat),
            "How often the registration is renewed, in whole seconds.",
            {.range = {second, 10 * minute}}));
    add(row("eureka.lease", STAMPEDE_MEMBER(eureka.lease),
            "How long servers keep the registration of a node that does not renew it.",
            {.range = {2 * second, hour}}));
    add(row("eureka.timeout", STAMPEDE_MEMBER(eureka.timeout),
            "How long a request may take, and at the end the whole deregistration.",
            {.range = {50, minute}}));
    add(row("eureka.metadata", STAMPEDE_MEMBER(eureka.metadata),
            "More that others may read of the node, \"zone=a\", besides `websocketPath`, "
            "`sockjsPath`, `nodeId`, `version` and `stompPort`."));
}

}  // namespace config::table
