#pragma once

#include "config/settings.hpp"

#include <memory>
#include <string>
#include <vector>

// One node, whole: made from its settings, serving when the constructor returns.
//
// The only place that names implementations: which store, which bus, which authenticator. Made,
// drained and destroyed on the main thread.

namespace node {

class running_node {
public:
    // Throws std::exception with a sentence for the operator when something cannot be had: a port,
    // a certificate, the database.
    explicit running_node(config::settings const& settings);
    ~running_node();
    running_node(running_node const&) = delete;
    running_node& operator=(running_node const&) = delete;

    // "http://127.0.0.1:8080", of the first HTTP listener, with the port it really has.
    std::string http_address() const;
    // "http://127.0.0.1:9464", of the operations listener; empty without one.
    std::string operations_address() const;
    // "127.0.0.1:61613", of each plain STOMP listener.
    std::vector<std::string> stomp_addresses() const;

    // Takes up what can change without a restart, and reads the certificates of the TLS listeners
    // again. What was changed and needs a restart is named in the log. `fresh` is good in itself
    // and in its parts (wrong_in_parts).
    void reload(config::settings const& fresh);

    // Stops accepting, tells every session to leave, and waits for them and for what is being
    // stored, at most as long as node.drain_deadline says.
    void drain();

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace node
