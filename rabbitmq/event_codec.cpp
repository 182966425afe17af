#include "rabbitmq/event_codec.hpp"

#include <bit>
#include <boost/system/error_category.hpp>
#include <string>
#include <utility>
#include <variant>

namespace rabbitmq {
namespace {

using broker::access_ended_event;
using broker::bus_event;
using broker::everybody_event;
using broker::topic_event;
using broker::user_event;

constexpr char magic = 0x53;
constexpr char version = 1;
constexpr std::uint8_t ephemeral_flag = 1;

enum class event_kind : std::uint8_t { topic = 1, user, access_ended, everybody, canary };

class category final : public boost::system::error_category {
public:
    char const* name() const noexcept override { return "rabbitmq.codec"; }

    std::string message(int value) const override {
        switch (static_cast<codec_error>(value)) {
            case codec_error::not_events: return "not a body of events";
            case codec_error::unknown_version: return "events of an unknown version";
            case codec_error::truncated: return "events end too early";
            case codec_error::trailing_octets: return "an event is longer than its kind";
            case codec_error::bad_number: return "a number is longer than 64 bits";
            case codec_error::unknown_event: return "an event of an unknown kind";
            case codec_error::unknown_flags: return "a message with unknown flags";
            case codec_error::bad_message: return "a message that no node writes";
        }
        return "unknown";
    }
};

// --- writing

void append_number(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out += static_cast<char>(value | 0x80);
        value >>= 7;
    }
    out += static_cast<char>(value);
}

void append_text(std::string& out, std::string_view text) {
    append_number(out, text.size());
    out += text;
}

void append_message(std::string& out, broker::message const& m) {
    out += static_cast<char>(m.ephemeral() ? ephemeral_flag : 0);
    append_number(out, m.seq());
    append_text(out, m.tail(stomp::version::v1_2));
}

std::size_t size_of(std::uint64_t number) {
    return (static_cast<std::size_t>(std::bit_width(number | 1)) + 6) / 7;
}

std::size_t size_of(std::string_view text) {
    return size_of(std::uint64_t{text.size()}) + text.size();
}

std::size_t size_of(broker::message const& m) {
    return 1 + size_of(m.seq()) + size_of(m.tail(stomp::version::v1_2));
}

struct event_writer {
    std::string& out;

    void kind(event_kind k) { out += static_cast<char>(k); }

    void operator()(topic_event const& e) {
        kind(event_kind::topic);
        append_message(out, *e.message);
    }
    void operator()(user_event const& e) {
        kind(event_kind::user);
        append_text(out, e.user);
        append_text(out, e.queue);
        append_message(out, *e.message);
    }
    void operator()(access_ended_event const& e) {
        kind(event_kind::access_ended);
        append_text(out, e.destination);
        append_text(out, e.user);
    }
    void operator()(everybody_event const& e) {
        kind(event_kind::everybody);
        append_text(out, e.queue);
        append_message(out, *e.message);
    }
};

// Without the kind.
struct event_sizer {
    std::size_t operator()(topic_event const& e) const { return size_of(*e.message); }
    std::size_t operator()(user_event const& e) const {
        return size_of(e.user) + size_of(e.queue) + size_of(*e.message);
    }
    std::size_t operator()(access_ended_event const& e) const {
        return size_of(e.destination) + size_of(e.user);
    }
    std::size_t operator()(everybody_event const& e) const {
        return size_of(e.queue) + size_of(*e.message);
    }
};

std::size_t own_size(bus_event const& event) {
    return 1 + std::visit(event_sizer{}, event);
}

// --- reading

// Takes octets off the front. The first thing that is wrong stays; from then on everything is
// empty.
class reader {
public:
    reader(std::string_view bytes, broker::steady_time received)
        : rest_(bytes), received_(received) {}

    bool failed() const { return error_ != codec_error{}; }
    codec_error error() const { return error_; }
    bool at_end() const { return rest_.empty(); }
    bool is_canary() const {
        return !rest_.empty() && rest_.front() == static_cast<char>(event_kind::canary);
    }

    std::uint8_t octet() {
        if (rest_.empty()) return fail(codec_error::truncated), std::uint8_t{0};
        auto const value = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return value;
    }

    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            auto const next = octet();
            if (failed()) return 0;
            // The tenth octet has room for one bit.
            if (shift == 63 && next > 1) break;
            value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }
        return fail(codec_error::bad_number), std::uint64_t{0};
    }

    std::string_view text() {
        auto const size = number();
        if (failed()) return {};
        if (size > rest_.size()) return fail(codec_error::truncated), std::string_view();
        auto const taken = rest_.substr(0, static_cast<std::size_t>(size));
        rest_.remove_prefix(taken.size());
        return taken;
    }

    broker::message_ptr message() {
        auto const flags = octet();
        auto const seq = number();
        auto const tail = text();
        if (failed()) return nullptr;
        if ((flags & ~ephemeral_flag) != 0) return fail(codec_error::unknown_flags), nullptr;
        auto made = broker::message::from_tail(tail, seq, (flags & ephemeral_flag) != 0, received_);
        if (!made) fail(codec_error::bad_message);
        return made;
    }

    void fail(codec_error error) {
        if (!failed()) error_ = error;
        rest_ = {};
    }

private:
    std::string_view rest_;
    broker::steady_time received_;
    codec_error error_{};
};

bus_event read_event(reader& from) {
    switch (static_cast<event_kind>(from.octet())) {
        case event_kind::topic: return topic_event{from.message()};
        case event_kind::user: {
            user_event event;
            event.user = from.text();
            event.queue = from.text();
            event.message = from.message();
            return event;
        }
        case event_kind::access_ended: {
            access_ended_event event;
            event.destination = from.text();
            event.user = from.text();
            return event;
        }
        case event_kind::everybody: {
            everybody_event event;
            event.queue = from.text();
            event.message = from.message();
            return event;
        }
        case event_kind::canary: break;  // read elsewhere: it is no event
    }
    from.fail(codec_error::unknown_event);
    return {};
}

}  // namespace

boost::system::error_code make_error_code(codec_error error) {
    static category const instance;
    return {static_cast<int>(error), instance};
}

void begin_events(std::string& body) {
    body += magic;
    body += version;
}

void append_event(std::string& body, bus_event const& event) {
    append_number(body, own_size(event));
    std::visit(event_writer{body}, event);
}

std::size_t encoded_size(bus_event const& event) {
    auto const size = own_size(event);
    return size_of(std::uint64_t{size}) + size;
}

std::size_t encoded_canary_size(std::uint64_t number) {
    auto const size = 1 + size_of(number);
    return size_of(std::uint64_t{size}) + size;
}

void append_canary(std::string& body, std::uint64_t number) {
    append_number(body, 1 + size_of(number));
    body += static_cast<char>(event_kind::canary);
    append_number(body, number);
}

decoded_events decode_events(std::string_view body, broker::steady_time received) {
    decoded_events decoded;
    auto const fault = [&decoded](codec_error error) {
        if (!decoded.fault) decoded.fault = error;
    };
    if (body.empty() || body.front() != magic) return fault(codec_error::not_events), decoded;
    if (body.size() < 2) return fault(codec_error::truncated), decoded;
    if (body[1] != version) return fault(codec_error::unknown_version), decoded;
    reader all(body.substr(2), received);
    do {
        reader one(all.text(), received);
        if (all.failed()) return fault(all.error()), decoded;
        if (one.is_canary()) {
            one.octet();
            auto const number = one.number();
            if (!one.failed() && !one.at_end()) one.fail(codec_error::trailing_octets);
            if (one.failed()) {
                fault(one.error());
            } else {
                decoded.canaries.push_back(number);
            }
            continue;
        }
        auto event = read_event(one);
        if (!one.failed() && !one.at_end()) one.fail(codec_error::trailing_octets);
        if (one.failed()) {
            fault(one.error());
        } else {
            decoded.events.push_back(std::move(event));
        }
    } while (!all.at_end());
    return decoded;
}

}  // namespace rabbitmq
