#include "broker/transport/sockjs/answers.hpp"
#include "broker/transport/sockjs/endpoints.hpp"
#include "broker/transport/sockjs/frame_decoder.hpp"
#include "broker/transport/sockjs/other_nodes.hpp"
#include "broker/transport/sockjs/utf8.hpp"

#include <algorithm>
#include <utility>
#include <variant>

// What several endpoints do.

namespace broker::transport::sockjs {
namespace {

constexpr std::size_t max_callback_bytes = 32;

bool is_callback_name(std::string_view name) {
    return !name.empty() && name.size() <= max_callback_bytes &&
           std::ranges::all_of(name, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.';
           });
}

// The answer that refuses an opening, or the handler of a new connection.
using opening = std::variant<http_response, std::unique_ptr<handler>>;

void open_application(call const& call, unique_function<void(opening)> done) {
    auto make = [call, done = std::move(done)](std::optional<http_response> refusal) mutable {
        if (refusal) return done(std::move(*refusal));
        auto application = call.service.factory(call.request(), call.registry->home());
        if (!application) return done(text_response(503, "Too many connections\n"));
        done(std::move(application));
    };
    if (!call.options().admit) return make(std::nullopt);
    call.options().admit(call.request(), call.registry->home(), std::move(make));
}

void attach(call const& call, session& session, receiver_maker const& make) {
    auto const ticket = session.next_ticket();
    call.exchange->on_abort([weak = session.weak_from_this(), ticket] {
        if (auto const self = weak.lock()) self->receiver_lost(ticket);
    });
    session.attach(make(call.exchange), ticket);
}

// Attaches the receiver to the session of the URL. False if there is none here.
bool attach_to_known(call const& call, receiver_maker const& make) {
    auto const known = call.registry->find(call.url.session_id);
    if (!known) return false;
    if (known->belongs_to(call.request())) {
        attach(call, *known, make);
    } else {
        refuse(call, not_found(), true);
    }
    return true;
}

void open_here(call const& call, std::shared_ptr<session_claim> claim, receiver_maker make) {
    // Until the receiver is attached: an admission may take its time, and the peer may not wait.
    auto const lost = std::make_shared<bool>(false);
    call.exchange->on_abort([lost] { *lost = true; });
    open_application(call, [call, lost, claim = std::move(claim),
                            make = std::move(make)](opening result) mutable {
        if (*lost) return;
        if (auto* refusal = std::get_if<http_response>(&result)) {
            return refuse(call, std::move(*refusal), true);
        }
        // Somebody else may have opened it while admission was under way.
        if (attach_to_known(call, make)) return;
        auto const opened = call.registry->open(
            call.url.session_id, call.request(),
            std::move(std::get<std::unique_ptr<handler>>(result)), std::move(claim));
        attach(call, *opened, make);
    });
}

std::optional<http_response> decode(inbound_batch& batch, service_options const& options) {
    if (!is_utf8({batch.bytes.data(), batch.bytes.size()})) {
        return text_response(500, "Broken JSON encoding.");
    }
    switch (decode_messages(batch.bytes, payload_form::array, batch.messages)) {
        case decode_status::ok: break;
        case decode_status::empty:
        case decode_status::not_an_array: return text_response(500, "Payload expected.");
        case decode_status::broken: return text_response(500, "Broken JSON encoding.");
        case decode_status::too_many_messages: return text_response(413, "Too many messages.");
    }
    bool const fits = std::ranges::all_of(batch.messages, [&](std::span<char> message) {
        return message.size() <= options.max_message_bytes;
    });
    if (!fits) return text_response(413, "Message too big.");
    return std::nullopt;
}

void add_session_headers(http_response& response, call const& call, bool cors) {
    add_no_cache(response, *call.options().protocol);
    if (cors) add_cors(response, call.request(), *call.options().protocol);
    if (call.options().jsessionid) add_session_cookie(response, call.request());
}

}  // namespace

void refuse(call const& call, http_response response, bool cors) {
    add_session_headers(response, call, cors);
    call.exchange->respond(std::move(response));
}

http_response session_response(call const& call, unsigned status, std::string_view content_type,
                               bool cors) {
    auto response = empty_response(status);
    add_content_type(response, content_type);
    add_session_headers(response, call, cors);
    return response;
}

void answer_preflight(call const& call, std::string_view methods, bool with_cookie) {
    auto response = empty_response(204);
    add_long_cache(response);
    add_header(response, "Access-Control-Allow-Methods", methods);
    add_header(response, "Access-Control-Max-Age", std::to_string(one_year.count()));
    add_cors(response, call.request(), *call.options().protocol);
    if (with_cookie && call.options().jsessionid) add_session_cookie(response, call.request());
    call.exchange->respond(std::move(response));
}

std::optional<std::string> callback_parameter(call const& call) {
    auto name = call.request().query_parameter("c");
    if (!name) name = call.request().query_parameter("callback");
    if (name && is_callback_name(*name)) return name;

    auto response = session_response(call, 500, plain_type, false);
    response.body = name ? "invalid \"callback\" parameter\n" : "\"callback\" parameter required\n";
    call.exchange->respond(std::move(response));
    return std::nullopt;
}

void receive(call const& call, receiver_maker make) {
    if (attach_to_known(call, make)) return;
    if (call.forwarded) return refuse(call, not_found(), true);
    if (call.registry->full()) {
        return refuse(call, text_response(503, "Too many sessions\n"), true);
    }
    if (!may_be_elsewhere(call)) return open_here(call, nullptr, std::move(make));
    claim_session(call, true,
                  [call, make = std::move(make)](std::shared_ptr<session_claim> claim) mutable {
                      if (attach_to_known(call, make)) return;
                      open_here(call, std::move(claim), std::move(make));
                  });
}

void take_messages(call const& call, std::string_view payload, http_response accepted, bool cors) {
    auto const known = call.registry->find(call.url.session_id);
    if (!known && may_be_elsewhere(call)) return forward_to_owner(call, cors);
    if (!known || !known->belongs_to(call.request())) return refuse(call, not_found(), cors);
    if (payload.size() > call.options().max_payload_bytes) {
        return refuse(call, text_response(413, "Payload too big."), cors);
    }
    inbound_batch batch;
    batch.bytes.assign(payload.begin(), payload.end());
    if (auto refusal = decode(batch, call.options())) {
        return refuse(call, std::move(*refusal), cors);
    }
    batch.done = [call, cors, accepted = std::move(accepted)](send_outcome outcome) mutable {
        switch (outcome) {
            case send_outcome::accepted: return call.exchange->respond(std::move(accepted));
            case send_outcome::gone: return refuse(call, not_found(), cors);
            case send_outcome::busy:
                return refuse(call, text_response(503, "Earlier messages still wait."), cors);
        }
    };
    known->take(std::move(batch));
}

websocket_options socket_options(service_options const& options, std::size_t max_message_bytes) {
    websocket_options out;
    out.max_message_bytes = max_message_bytes;
    out.outbound_bytes = options.outbound_bytes;
    out.permessage_deflate = options.permessage_deflate;
    out.ping_interval_s = options.ping_interval_s;
    out.ping_timeout_s = options.ping_timeout_s;
    return out;
}

bool check_upgrade(call const& call) {
    if (call.exchange->is_websocket_upgrade()) return true;
    auto const upgrade = call.request().header("upgrade");
    http_response response = upgrade
                                 ? text_response(400, "\"Connection\" must be \"Upgrade\".\n")
                                 : text_response(400, "Can \"Upgrade\" only to \"WebSocket\".\n");
    call.exchange->respond(std::move(response));
    return false;
}

void accept(call const& call, std::string_view subprotocol, websocket_options const& options,
            std::function<std::unique_ptr<websocket_handler>(std::unique_ptr<handler>)> make) {
    auto done = [call, subprotocol = std::string(subprotocol), options,
                 make = std::move(make)](opening result) {
        if (auto* refusal = std::get_if<http_response>(&result)) {
            return call.exchange->respond(std::move(*refusal));
        }
        call.exchange->accept_websocket(
            subprotocol, options, make(std::move(std::get<std::unique_ptr<handler>>(result))));
    };
    open_application(call, std::move(done));
}

}  // namespace broker::transport::sockjs
