#include "tests/session/node_stub.hpp"

#include "broker/routing/destination.hpp"
#include "broker/session/message_head.hpp"

#include <doctest/doctest.h>
#include <stdexcept>
#include <utility>

namespace test {

using namespace broker;

bool stub_rules::may_send(principal const& caller, std::string_view destination) const {
    return destination.starts_with("/topic/open/") || caller.has_role("server");
}

bool stub_rules::may_subscribe(principal const& caller, std::string_view destination) const {
    return destination.starts_with("/topic/open/") || caller.has_role("server");
}

principal_ptr make_principal(std::string name, std::vector<std::string> roles,
                             std::optional<wall_time> expires_at) {
    auto made = std::make_shared<principal>();
    made->name = std::move(name);
    made->roles = std::move(roles);
    made->expires_at = expires_at;
    return made;
}

node_stub::node_stub(node_options options)
    : limits_(options.limits),
      environment_{limits_, rules_, topics_},
      session_(environment_, {std::move(options.session_id), options.link,
                              std::move(options.caller), now_, wall_now_}) {}

void node_stub::receive_bytes(std::string_view bytes) {
    session_.on_bytes_received(now_);
    input_ += bytes;
    feed();
}

void node_stub::feed() {
    while (!session_.closed() && !session_.suspended() && !input_.empty()) {
        auto const before = input_.size();
        // The frame's views lie in the block, which stays until its actions are performed.
        auto block = input_;
        std::span<char> rest(block);
        auto outcome = parser_.next(rest, scratch_, session_.frame_limits());
        input_.erase(0, before - rest.size());
        if (auto const* frame = std::get_if<stomp::frame>(&outcome)) {
            session_.on_frame(*frame, now_, actions_);
            perform();
        } else if (auto const* error = std::get_if<stomp::parse_error>(&outcome)) {
            session_.on_parse_error(*error, actions_);
            perform();
            return;
        }
    }
}

void node_stub::perform() {
    actions_.perform([this](auto&& next) { on(std::move(next)); });
}

void node_stub::connect(std::string_view accepted, std::string_view more_headers) {
    receive("CONNECT\naccept-version:" + std::string(accepted) + "\nhost:x\n" +
            std::string(more_headers) + "\n^@");
    REQUIRE(session_.connected());
    take();
}

void node_stub::pass(std::chrono::milliseconds time) {
    now_ += time;
    wall_now_ += time;
    session_.on_time(now_, wall_now_, actions_);
    perform();
    feed();
}

void node_stub::app_done(std::size_t index, app_outcome outcome) {
    REQUIRE(index < held.size());
    auto const ticket = held[index].ticket;
    held.erase(held.begin() + static_cast<std::ptrdiff_t>(index));
    session_.on_app_done(ticket, std::move(outcome), now_, actions_);
    perform();
    feed();
}

void node_stub::authenticated(auth_outcome outcome) {
    session_.on_authenticated(std::move(outcome), now_, actions_);
    perform();
    feed();
}

void node_stub::subscribed(std::optional<topic_refusal> refusal) {
    session_.on_subscribe_done(std::exchange(opening_, subscription_handle::none),
                               std::move(refusal), actions_);
    perform();
    feed();
}

void node_stub::publish(message_fields fields) {
    fan_out(std::make_shared<message const>(fields));
    perform();
}

void node_stub::end_subscription(std::string_view id, topic_refusal why) {
    for (auto const& s : session_.subscriptions()) {
        if (s.id() != id) continue;
        session_.on_subscription_ended(s.handle(), why, actions_);
        break;
    }
    perform();
}

void node_stub::request_close(close_reason reason, std::string_view detail,
                              std::optional<std::chrono::milliseconds> retry_after) {
    session_.on_close_requested(reason, detail, retry_after, actions_);
    perform();
}

std::vector<std::string> node_stub::take() {
    return std::exchange(out_, {});
}

std::string node_stub::take_one() {
    auto const all = take();
    REQUIRE(all.size() == 1);
    return all.front();
}

void node_stub::on(action::send_frame&& a) {
    emit(std::move(a.bytes));
}

void node_stub::on(action::send_heart_beat&&) {
    out_.emplace_back("(heart-beat)");
    session_.on_bytes_sent(now_);
}

void node_stub::on(action::authenticate&& a) {
    asked.push_back(a.offered);
    if (authenticate) {
        if (auto outcome = authenticate(a.offered)) {
            session_.on_authenticated(std::move(*outcome), now_, actions_);
        }
        return;
    }
    auto const login = a.offered.login.value_or("");
    auto const nothing = login.empty() && !a.offered.authorization;
    if (nothing) return session_.on_authenticated(make_principal(""), now_, actions_);
    auto const good = (login == "alice" || login == "bob") && a.offered.passcode == "secret";
    if (good) return session_.on_authenticated(make_principal(login), now_, actions_);
    session_.on_authenticated(auth_refusal{"bad_credentials", "The login or passcode is wrong."},
                              now_, actions_);
}

void node_stub::on(action::become_connected&& a) {
    version = a.version;
    callers.push_back(a.caller);
    parser_.set_version(a.version);
}

void node_stub::on(action::renew_caller&& a) {
    callers.push_back(a.caller);
}

void node_stub::on(action::open_subscription&& a) {
    auto name = std::string(a.opened->destination());
    if (a.after_seq) name += '@' + std::to_string(*a.after_seq);
    opened.push_back(std::move(name));
    if (a.opened->source() == subscription_source::sequenced_topic) {
        opening_ = a.opened->handle();
        return;
    }
    session_.on_subscribe_done(a.opened->handle(), std::nullopt, actions_);
}

void node_stub::on(action::end_subscription&& a) {
    ended.emplace_back(a.ended.destination());
}

void node_stub::on(action::publish&& a) {
    published.push_back(a.message);
    fan_out(a.message);
}

void node_stub::on(action::publish_to_user&& a) {
    published_to_users.push_back(a);
    if (session_.caller()->name == a.user) fan_out(a.message);
}

void node_stub::on(action::app_send&& a) {
    auto const destination = std::string(a.destination);
    auto const alone = destination.starts_with("/app/alone");
    if (alone && a.behind_others) return session_.on_app_flow(a, app_flow::after_others, actions_);
    app_sends.push_back(destination);
    auto const barrier = alone || destination.starts_with("/app/barrier");
    auto const hold = barrier || destination.starts_with("/app/slow");
    auto const flow = barrier ? app_flow::barrier : app_flow::pipelined;
    if (hold) {
        held.push_back({a.ticket, destination, std::string(a.frame->body)});
    } else if (destination.starts_with("/app/fail")) {
        session_.on_app_done(a.ticket, app_error{"not_a_member", "You are no member of room 1."},
                             now_, actions_);
    } else {
        session_.on_app_done(a.ticket, {}, now_, actions_);
    }
    session_.on_app_flow(a, flow, actions_);
}

void node_stub::on(action::deliver&& a) {
    emit(a.head + std::string(a.message->tail(session_.version())));
}

void node_stub::on(action::close&& a) {
    out_.push_back("(close " + std::string(describe(a.reason).label) + ")");
}

void node_stub::emit(std::string bytes) {
    if (on_frame_out) on_frame_out(bytes);
    out_.push_back(visible(bytes));
    session_.on_bytes_sent(now_);
}

void node_stub::fan_out(message_ptr const& message) {
    if (session_.closed()) return;  // action::close takes the subscriptions along
    for (auto const& s : session_.subscriptions()) {
        auto const hit = s.source() == subscription_source::user_queue
                             ? "/user" + std::string(s.queue()) == message->destination()
                             : matches(s.destination(), message->destination());
        if (!hit || s.state() == subscription_state::ended) continue;
        auto const head = s.needs_acks() ? session_.on_deliver(s.handle(), message, actions_)
                                         : make_message_head(session_.version(), s.id());
        if (!head) return;
        emit(*head + std::string(message->tail(session_.version())));
    }
}

std::string visible(std::string_view bytes) {
    std::string out;
    for (auto const c : bytes) {
        if (c == '\0') {
            out += "^@";
        } else {
            out += c;
        }
    }
    return out;
}

std::string hidden(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 2) == "^@") {
            out += '\0';
            ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

bool has_line(std::string_view frame, std::string_view line) {
    return ("\n" + std::string(frame) + "\n").find("\n" + std::string(line) + "\n") !=
           std::string::npos;
}

}  // namespace test
