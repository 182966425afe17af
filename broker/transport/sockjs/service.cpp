#include "broker/transport/sockjs/service.hpp"

#include "broker/transport/sockjs/answers.hpp"
#include "broker/transport/sockjs/endpoints.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <stdexcept>
#include <utility>

namespace broker::transport::sockjs {
namespace {

// Far more than machines have cores; a table of fixed size needs no lock.
constexpr std::size_t max_shards = 512;

std::uint64_t random_key() {
    std::random_device source;
    return (static_cast<std::uint64_t>(source()) << 32U) | source();
}

std::string etag_of(std::string_view page) {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "\"%016llx\"",
                  static_cast<unsigned long long>(session_hash(page, 0)));
    return text.data();
}

service_options checked(service_options options) {
    auto refuse = [&](char const* what) {
        throw std::invalid_argument("SockJS service '" + options.prefix + "': " + what);
    };
    if (!options.prefix.empty() && options.prefix.front() != '/') refuse("prefix needs a slash");
    if (options.prefix.ends_with('/')) refuse("prefix ends with a slash");
    if (options.protocol == nullptr) refuse("no dialect");
    if (options.streaming_limit == 0) refuse("streaming limit is 0");
    if (options.heart_beat <= options.heart_beat.zero()) refuse("heart-beat is not positive");
    if (options.disconnect_delay <= options.disconnect_delay.zero()) {
        refuse("disconnect delay is not positive");
    }
    if (options.held_sends == 0) refuse("no send may wait");
    if (options.owners != nullptr && options.forwarding.secret.empty()) {
        refuse("other nodes, but no secret that they know each other by");
    }
    return options;
}

service_state make_state(service_options options, handler_factory factory) {
    if (!factory) throw std::invalid_argument("SockJS service without a handler factory");
    auto page = make_iframe_page(options);
    auto etag = etag_of(page);
    origin_policy origins(options.allowed_origins);
    auto others = std::make_unique<forwarder>(options.forwarding);
    return {.options = std::make_shared<service_options const>(std::move(options)),
            .factory = std::move(factory),
            .origins = std::move(origins),
            .iframe_page = std::move(page),
            .iframe_etag = std::move(etag),
            .others = std::move(others)};
}

}  // namespace

struct service::impl {
    impl(service_options options, handler_factory factory, shard_context_source source)
        : state(make_state(checked(std::move(options)), std::move(factory))),
          contexts(std::move(source)) {}

    session_registry& registry_of(http_exchange& exchange);
    void handle(http_exchange_ptr const& exchange);
    void handle_forwarded(http_exchange_ptr const& exchange);
    // Nothing if it is outside of the prefix.
    std::optional<call> call_of(http_exchange_ptr const& exchange, bool forwarded);
    void serve_session(call const& call);

    service_state state;
    shard_context_source contexts;
    std::uint64_t hash_key = random_key();
    // Each entry is touched by its own shard only.
    std::array<std::shared_ptr<session_registry>, max_shards> registries;
};

session_registry& service::impl::registry_of(http_exchange& exchange) {
    auto& slot = registries.at(exchange.shard_index());
    if (!slot) {
        slot = std::make_shared<session_registry>(state.options, contexts(exchange), hash_key);
    }
    return *slot;
}

std::optional<call> service::impl::call_of(http_exchange_ptr const& exchange, bool forwarded) {
    std::string_view rest = exchange->request().path;
    if (!rest.starts_with(state.options->prefix)) return std::nullopt;
    rest.remove_prefix(state.options->prefix.size());
    return call{.service = state,
                .registry = &registry_of(*exchange),
                .exchange = exchange,
                .url = parse_url(rest),
                .forwarded = forwarded};
}

void service::impl::handle(http_exchange_ptr const& exchange) {
    auto const found = call_of(exchange, false);
    if (!found) return exchange->respond(not_found());
    auto const& call = *found;
    bool const open_to_all = call.url.where == place::greeting || call.url.where == place::iframe;
    if (!open_to_all && !state.origins.allows(exchange->request())) {
        return exchange->respond(text_response(403, "Origin not allowed\n"));
    }
    switch (call.url.where) {
        case place::greeting: return serve_greeting(call);
        case place::info: return serve_info(call);
        case place::iframe: return serve_iframe(call);
        case place::raw_websocket:
            return state.options->websocket ? serve_raw_websocket(call)
                                            : exchange->respond(not_found());
        case place::session: return serve_session(call);
        case place::nowhere: return exchange->respond(not_found());
    }
}

// The other node has looked at the origin.
void service::impl::handle_forwarded(http_exchange_ptr const& exchange) {
    auto const call = call_of(exchange, true);
    if (!call || call->url.where != place::session) return exchange->respond(not_found());
    auto const* endpoint = find_session_endpoint(call->url.transport);
    if (endpoint == nullptr || endpoint->websocket) return exchange->respond(not_found());
    serve_session(*call);
}

void service::impl::serve_session(call const& call) {
    auto const& request = call.request();
    auto const* endpoint = find_session_endpoint(call.url.transport);
    if (endpoint == nullptr || (endpoint->websocket && !state.options->websocket)) {
        return call.exchange->respond(not_found());
    }
    if (request.method == "OPTIONS" && endpoint->cors) {
        return answer_preflight(call, endpoint->methods, true);
    }
    if (!endpoint->methods.ends_with(request.method)) {
        return call.exchange->respond(method_not_allowed(endpoint->methods));
    }
    if (!endpoint->websocket) {
        auto const owner =
            session_hash(call.url.session_id, hash_key) % call.exchange->shard_count();
        if (owner != call.exchange->shard_index()) {
            return call.exchange->move_to_shard(
                owner, [this, forwarded = call.forwarded](http_exchange_ptr const& moved) {
                    forwarded ? handle_forwarded(moved) : handle(moved);
                });
        }
    }
    endpoint->serve(call);
}

service::service(service_options options, handler_factory factory, shard_context_source contexts)
    : impl_(std::make_unique<impl>(std::move(options), std::move(factory), std::move(contexts))) {}

service::~service() = default;

void service::add_to(http_routes& routes) {
    routes.add(
        impl_->state.options->prefix + "/*",
        [self = impl_.get()](http_exchange_ptr const& exchange) { self->handle(exchange); },
        http_route_group::sockjs);
}

void service::add_internal_to(http_routes& routes) {
    routes.add(
        impl_->state.options->prefix + "/*",
        [self = impl_.get()](http_exchange_ptr const& exchange) {
            if (!self->state.others->accepts(exchange->request())) {
                return exchange->respond(not_found());
            }
            self->handle_forwarded(exchange);
        },
        http_route_group::internal);
}

void service::handle(http_exchange_ptr const& exchange) {
    impl_->handle(exchange);
}

forward_counts service::forwarded() const noexcept {
    return impl_->state.others->counts();
}

std::size_t service::session_count(std::size_t shard) const {
    auto const& registry = impl_->registries.at(shard);
    return registry ? registry->size() : 0;
}

}  // namespace broker::transport::sockjs
