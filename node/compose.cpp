#include "node/compose.hpp"

#include "broker/auth/replaceable_authenticator.hpp"
#include "broker/server.hpp"
#include "broker/shard.hpp"
#include "broker/transport/client_of.hpp"
#include "broker/transport/sockjs/service.hpp"
#include "chat/audit_retention.hpp"
#include "chat/banned_users.hpp"
#include "chat/outside/back_end_events.hpp"
#include "chat/outside/outbox_relay.hpp"
#include "chat/turn_writer.hpp"
#include "config/changes.hpp"
#include "node/bound_listener.hpp"
#include "node/console/answers.hpp"
#include "node/console/console.hpp"
#include "node/database_lock.hpp"
#include "node/discovery/discover.hpp"
#include "node/event_log.hpp"
#include "node/health/canaries.hpp"
#include "node/health/health_routes.hpp"
#include "node/listen.hpp"
#include "node/logged_options.hpp"
#include "node/metrics/collect.hpp"
#include "node/neighbours.hpp"
#include "node/open_files.hpp"
#include "node/operations.hpp"
#include "node/session_log.hpp"
#include "node/settings_mapping.hpp"
#include "node/stomp_endpoints.hpp"
#include "node/version.hpp"
#include "node/web_routes.hpp"

#include <algorithm>
#include <boost/asio/ip/host_name.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <random>
#include <utility>

namespace node {
namespace {

namespace transport = broker::transport;

// Tells this run of this node from all others in the cluster; begins every session id.
std::string new_node_tag() {
    std::random_device random;
    std::string tag;
    for (int i = 0; i < 6; ++i) tag += "0123456789abcdefghijklmnopqrstuvwxyz"[random() % 36];
    return tag;
}

transport::transport_options client_transports_of(config::settings const& from) {
    auto out = transport_options_of(from);
    out.max_connections = most_clients(from.limits.connections.per_node);
    return out;
}

std::string node_id_of(config::cluster_settings const& from, std::string const& tag) {
    return from.node_id.empty() ? boost::asio::ip::host_name() + "-" + tag : from.node_id;
}

// Null for a database that takes many nodes.
std::unique_ptr<database_lock> lock_database(config::settings const& settings) {
    if (settings.storage.backend != config::storage_backend::sqlite) return nullptr;
    auto const folder = settings.sqlite_path().parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder);
    return std::make_unique<database_lock>(settings.sqlite_path());
}

std::unique_ptr<persistence::storage> open_storage(config::settings const& settings,
                                                   std::string node_id) {
    auto options = logged(storage_options_of(settings));
    options.node = std::move(node_id);
    return persistence::open_storage(std::move(options));
}

transport::transport_options with_limits(transport::transport_options options,
                                         broker::limiting::limiter& limiter) {
    options.admit = [&limiter](transport::peer_address const& peer) {
        return limiter.admit_socket(transport::client_of(peer), std::chrono::steady_clock::now());
    };
    return options;
}

std::string joined(std::vector<std::string> const& words) {
    std::string out;
    for (auto const& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

void say_that_it_is_open() {
    log_warning(
        "open_mode",
        {{"meaning", "everybody is believed to be who they say they are; for a first try only"},
         {"remedy", "auth.mode = \"required\""}});
}

}  // namespace

// In the order of construction; each part uses those above it and is gone before them.
struct running_node::parts {
    explicit parts(config::settings const& from)
        : settings(from),
          limits(session_limits_of(from)),
          access(access_rules_of(from.broker)),
          limiter(limits_of(from.limits), trusted_proxies_of(from.http)),
          transports(logged(with_limits(client_transports_of(from), limiter), from.sockjs.path)),
          node_id(node_id_of(from.cluster, tag)),
          only_node(lock_database(from)),
          storage(open_storage(from, node_id)),
          retention(make_retention()),
          credentials(logged(auth_options_of(from.auth))),
          bans(credentials, storage->store(),
               [this](std::vector<std::string> const& users) { close_banned(users); }),
          counted_credentials(bans),
          internal_address(listen_for_nodes(from, transports, routes_for_nodes)),
          links(make_neighbours(from, {node_id, internal_address}, server)),
          inbound(links->bus(), server),
          relay(make_relay()),
          chat(
              storage->store(),
              [this](chat::batch_listener& listener) {
                  return std::make_unique<chat::turn_writer>(storage->start_writer(listener),
                                                             transports.loop_count());
              },
              links->bus(), links->user_sessions(), counted_credentials, options_of_chat()),
          health(health::monitor_options_of(from.health)),
          for_operators(from) {}
    ~parts() {
        if (eureka) eureka->stop();
        health.stop();
        bans.stop();
        transports.stop();
        links->stop_consuming();
    }

    std::unique_ptr<chat::audit_retention> make_retention();
    std::unique_ptr<chat::outbox_relay> make_relay();
    chat::chat_options options_of_chat();
    void start();
    void add_routes();
    void watch_health();
    void drain();
    void add_console();
    void close_banned(std::vector<std::string> const& users);
    void add_metrics(metrics_page& to, descriptors open);
    void take_up(config::settings const& fresh);

    broker::services services() {
        return {.credentials = chat.authenticator(),
                .access = access,
                .app = chat.app(),
                .rooms = chat.topics(),
                .inbox = chat.inbox(),
                .events = links->bus(),
                .interests = links->interests(),
                .directory = links->user_sessions(),
                .present = settings.chat.presence ? &links->presence() : nullptr,
                .limits = limits,
                .brake = links->brake(),
                .limiter = &limiter,
                .log = &sessions_log,
                .bans = &bans};
    }

    config::settings settings;
    std::string const tag = new_node_tag();
    session_log sessions_log;
    broker::session_limits limits;
    broker::auth::rule_authorizer access;
    broker::limiting::limiter limiter;
    transport::http_routes routes;
    transport::http_routes routes_for_nodes;
    transport::transport_server transports;  // its loops take completions until all others are gone
    std::string const node_id;
    std::unique_ptr<database_lock> only_node;
    std::unique_ptr<persistence::storage> storage;
    std::unique_ptr<chat::audit_retention> retention;  // null: the audit log is kept for ever
    broker::auth::replaceable_authenticator credentials;
    chat::banned_users bans;
    counting_authenticator counted_credentials;
    broker::server server;
    std::string const internal_address;  // empty: this node is alone
    std::unique_ptr<neighbours> links;
    chat::back_end_events inbound;
    std::unique_ptr<chat::outbox_relay> relay;  // null: nobody is outside
    chat::chat_module chat;
    std::unique_ptr<transport::sockjs::service> sockjs;
    health::monitor health;
    std::unique_ptr<console::service> for_console;  // null: there is none
    std::vector<bound_listener> listeners;
    std::unique_ptr<discovery::eureka_client> eureka;  // null: no server is configured
    operations for_operators;
};

std::unique_ptr<chat::audit_retention> running_node::parts::make_retention() {
    std::chrono::milliseconds const keep = settings.audit.keep;
    if (keep.count() == 0) return nullptr;
    return std::make_unique<chat::audit_retention>(storage->store(), keep, [](std::size_t entries) {
        log_info("audit_forgotten", {{"entries", std::to_string(entries)}});
    });
}

std::unique_ptr<chat::outbox_relay> running_node::parts::make_relay() {
    if (links->outside() == nullptr) return nullptr;
    return std::make_unique<chat::outbox_relay>(storage->open_outbox(), *links->outside(),
                                                logged(chat::relay_options{}));
}

chat::chat_options running_node::parts::options_of_chat() {
    auto options = chat_options_of(settings.chat);
    if (relay) options.on_stored = [this] { relay->wake(); };
    return options;
}

void running_node::parts::start() {
    bool const open = settings.auth.mode == config::auth_mode::open;
    if (open) say_that_it_is_open();
    if (open && settings.chat.lobby) chat::ensure_lobby(storage->store());
    std::vector<transport::loop*> loops;
    for (std::size_t i = 0; i < transports.loop_count(); ++i)
        loops.push_back(&transports.loop_at(i));
    server.start(loops, services(), tag + "-");
    // Told from where the presence is kept: it reaches the shards in a turn of its own.
    links->start(&inbound, [this](broker::presence_change const& change) {
        transports.loop_at(0).post([this, change] { chat.announce(change); });
    });
    bans.start();
    add_routes();
    watch_health();
    listeners = listen_for_clients(settings.listeners, transports, routes, server);
    eureka = discovery::make_client(settings, listeners, node_id, health);
    transports.start();
    for_operators.start();
    health.start();
    if (eureka) eureka->start();
}

void running_node::parts::watch_health() {
    health::watch_loops(health, transports);
    links->add_links(health);
    health::watch_store(health, settings.health, chat.writer(), storage->store());
}

void running_node::parts::add_routes() {
    broker::gatekeepers const ask{chat.authenticator(), limiter};
    sockjs = add_stomp_endpoints(settings, {server, ask, links->session_owners()}, routes,
                                 routes_for_nodes);
    chat.register_routes(
        routes,
        [allowed = settings.http.allowed_origins](transport::http_request const& request) {
            return broker::origin_allowed(request, allowed);
        },
        &limiter);
    health::add_health_routes(routes, health);
    add_web_routes(routes);

    health::add_health_routes(for_operators.routes(), health);
    for_operators.serve_metrics(
        [this](metrics_page& page) { add_metrics(page, descriptors::counted); });
    if (settings.console.enabled) add_console();
}

void running_node::parts::add_console() {
    auto how = console_options_of(settings);
    how.node_id = node_id;
    how.internal_address = internal_address;
    how.origin_allowed =
        [allowed = settings.http.allowed_origins](transport::http_request const& request) {
            return broker::origin_allowed(request, allowed);
        };
    how.overview = [this] {
        metrics_page figures;
        // On a shard: nothing that takes a while.
        add_metrics(figures, descriptors::left_out);
        return console::overview_json({node_id, version(), std::chrono::system_clock::now()},
                                      health.summed_up(), figures);
    };
    for_console = std::make_unique<console::service>(
        std::move(how), console::parts{server, chat, storage->store(), bans, links->nodes()});
    for_console->add_to(routes);
    if (links->nodes() != nullptr) for_console->add_internal_to(routes_for_nodes);
}

void running_node::parts::close_banned(std::vector<std::string> const& users) {
    for (std::size_t i = 0; i < server.shard_count(); ++i) {
        auto& where = server.shard_at(i);
        where.loop().post([&where, users] {
            where.close_sessions_of(users, broker::close_reason::banned,
                                    broker::banned_refusal().reason);
        });
    }
}

void running_node::parts::add_metrics(metrics_page& to, descriptors open) {
    to.add(metric::build_info, 1, {version()});
    to.add(metric::node_info, 1, {node_id});
    if (auto const process = read_process_figures("/proc", open)) add_process(to, *process);
    add_shards(to, transports);
    add_health(to, health.summed_up());
    add_auth(to, counted_credentials, limiter);
    add_limits(to, limiter);
    add_store(to, storage->figures());
    links->add_metrics(to);
    if (relay) add_outbox(to, relay->counts());
    if (eureka) discovery::add_metrics(to, eureka->counts());
}

void running_node::parts::drain() {
    log_info("draining");
    health.drain();
    if (eureka) eureka->leave();
    transports.stop_accepting();
    auto const left =
        server.close_all({.reason = broker::close_reason::server_drain,
                          .detail = "The server is shutting down; reconnect.",
                          .sessions_per_second = static_cast<double>(settings.node.drain_rate),
                          .longest_return = std::chrono::milliseconds(settings.node.drain_return)},
                         std::chrono::milliseconds(settings.node.drain_deadline));
    links->stop_consuming();
    transports.stop();
    if (eureka) eureka->stop();
    log_info("drained", {{"sessions_cut", std::to_string(left)}});
}

// What can throw comes first, and was tried before: a reload is taken up whole or not at all.
void running_node::parts::take_up(config::settings const& fresh) {
    auto const changed = config::compare(settings, fresh);
    bool const new_credentials = std::ranges::any_of(
        changed.in_use, [](std::string const& key) { return key.starts_with("auth."); });
    // What was moved is read from its new place at the next start: the old one may be empty by now.
    auto use_certificates =
        transports.read_certificates([&fresh](transport::tls_files const& files) {
            return std::ranges::any_of(fresh.listeners, [&files](auto const& each) {
                return transport::tls_files{each.tls_certificate, each.tls_key} == files;
            });
        });
    if (new_credentials) credentials.replace(logged(auth_options_of(fresh.auth)));
    use_certificates();
    limiter.set(limits_of(fresh.limits));
    transports.set_max_connections(most_clients(fresh.limits.connections.per_node));
    set_log_level(fresh.log.level);
    settings = config::with_changes(std::move(settings), fresh);
    auto const tls = std::ranges::any_of(settings.listeners, &config::listener_settings::tls);
    if (tls) log_info("certificates_reloaded");
    log_info("configuration_reloaded", {{"changed", joined(changed.in_use)}});
    if (changed.need_a_restart.empty()) return;
    log_warning("restart_needed", {{"keys", joined(changed.need_a_restart)}});
}

running_node::running_node(config::settings const& settings)
    : parts_(std::make_unique<parts>(settings)) {
    parts_->start();
}

running_node::~running_node() = default;

std::string running_node::http_address() const {
    for (auto const& each : parts_->listeners) {
        if (each.http()) return each.url();
    }
    return {};
}

std::string running_node::operations_address() const {
    return parts_->for_operators.address();
}

std::vector<std::string> running_node::stomp_addresses() const {
    std::vector<std::string> all;
    for (auto const& each : parts_->listeners) {
        if (!each.http()) all.push_back(to_string(each.address));
    }
    return all;
}

void running_node::reload(config::settings const& fresh) {
    try {
        parts_->take_up(fresh);
    } catch (std::exception const& error) {
        log_warning("reload_failed", {{"reason", error.what()}});
    }
}

void running_node::drain() {
    parts_->drain();
}

}  // namespace node
