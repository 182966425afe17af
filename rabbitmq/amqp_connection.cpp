#include "rabbitmq/amqp_connection.hpp"

#include "broker/tls/server_check.hpp"

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <algorithm>
#include <array>
#include <map>
#include <type_traits>

namespace rabbitmq {
namespace {

// What RabbitMQ proposes by itself.
constexpr int frame_size = 131'072;
constexpr channel_number channels = 8;
constexpr channel_number setup_channel = 1;
// Bodies grow as they come; a header alone does not take memory.
constexpr std::uint64_t reserved_body = 1U << 20U;

// rabbitmq-c does not write to what it is given to read.
amqp_bytes_t bytes_of(std::string_view text) {
    return {text.size(), const_cast<char*>(text.data())};
}

std::string text_of(amqp_bytes_t bytes) {
    return bytes.len == 0 ? std::string() : std::string(static_cast<char*>(bytes.bytes), bytes.len);
}

timeval to_timeval(std::chrono::milliseconds time) {
    timeval value{};
    value.tv_sec = static_cast<time_t>(time.count() / 1000);
    value.tv_usec = static_cast<suseconds_t>(time.count() % 1000 * 1000);
    return value;
}

[[noreturn]] void fail(std::string_view doing, std::string_view why) {
    throw link_failure(std::string(doing).append(": ").append(why));
}

void check(int status, std::string_view doing) {
    if (status != AMQP_STATUS_OK) fail(doing, amqp_error_string2(status));
}

// What a close of the connection or of a channel says.
std::string close_text(amqp_method_t const& method) {
    if (method.id == AMQP_CONNECTION_CLOSE_METHOD) {
        return text_of(static_cast<amqp_connection_close_t*>(method.decoded)->reply_text);
    }
    if (method.id == AMQP_CHANNEL_CLOSE_METHOD) {
        return text_of(static_cast<amqp_channel_close_t*>(method.decoded)->reply_text);
    }
    return "unexpected answer";
}

void check(amqp_rpc_reply_t const& reply, std::string_view doing) {
    switch (reply.reply_type) {
        case AMQP_RESPONSE_NORMAL: return;
        case AMQP_RESPONSE_LIBRARY_EXCEPTION: fail(doing, amqp_error_string2(reply.library_error));
        case AMQP_RESPONSE_SERVER_EXCEPTION: fail(doing, close_text(reply.reply));
        case AMQP_RESPONSE_NONE: break;
    }
    fail(doing, "no answer");
}

amqp_table_entry_t text_entry(char const* name, std::string_view text) {
    amqp_table_entry_t entry{};
    entry.key = amqp_cstring_bytes(name);
    entry.value.kind = AMQP_FIELD_KIND_UTF8;
    entry.value.value.bytes = bytes_of(text);
    return entry;
}

amqp_table_entry_t true_entry(char const* name) {
    amqp_table_entry_t entry{};
    entry.key = amqp_cstring_bytes(name);
    entry.value.kind = AMQP_FIELD_KIND_BOOLEAN;
    entry.value.value.boolean = 1;
    return entry;
}

std::vector<std::pair<std::string, std::string>> texts_of(amqp_table_t const& table) {
    std::vector<std::pair<std::string, std::string>> texts;
    for (int i = 0; i != table.num_entries; ++i) {
        auto const& [key, value] = table.entries[i];
        if (value.kind != AMQP_FIELD_KIND_UTF8 && value.kind != AMQP_FIELD_KIND_BYTES) continue;
        texts.emplace_back(text_of(key), text_of(value.value.bytes));
    }
    return texts;
}

struct connection_closer {
    void operator()(amqp_connection_state_t connection) const noexcept {
        amqp_destroy_connection(connection);
    }
};
using connection_handle =
    std::unique_ptr<std::remove_pointer_t<amqp_connection_state_t>, connection_closer>;

}  // namespace

// The handle, and the message whose frames are coming in on each channel.
class amqp_connection::state {
public:
    explicit state(connection_handle handle) : handle_(std::move(handle)) {}

    amqp_connection_state_t get() const { return handle_.get(); }

    // Sends a method of the setup channel, and waits for its answer unless the method says no.
    template <typename Method>
    void declare(amqp_method_number_t number, amqp_method_number_t answered_by, Method& method,
                 std::string_view doing) {
        if (method.nowait != 0) {
            return check(amqp_send_method(get(), setup_channel, number, &method), doing);
        }
        amqp_simple_rpc_decoded(get(), setup_channel, number, answered_by, &method);
        check(amqp_get_rpc_reply(get()), doing);
    }

    // A frame may complete something.
    std::optional<incoming> take(amqp_frame_t const& frame) {
        switch (frame.frame_type) {
            case AMQP_FRAME_METHOD: return take_method(frame.channel, frame.payload.method);
            case AMQP_FRAME_HEADER: return take_header(frame);
            case AMQP_FRAME_BODY: return take_body(frame);
            default: return std::nullopt;
        }
    }

private:
    struct partial {
        delivery message;
        std::uint64_t missing = 0;
    };

    std::optional<incoming> take_method(channel_number channel, amqp_method_t const& method) {
        switch (method.id) {
            case AMQP_BASIC_DELIVER_METHOD: {
                auto const& deliver = *static_cast<amqp_basic_deliver_t*>(method.decoded);
                auto& begun = partial_[channel].message;
                begun = {};
                begun.channel = channel;
                begun.tag = deliver.delivery_tag;
                begun.redelivered = deliver.redelivered != 0;
                begun.exchange = text_of(deliver.exchange);
                begun.routing_key = text_of(deliver.routing_key);
                return std::nullopt;
            }
            case AMQP_BASIC_ACK_METHOD: {
                auto const& ack = *static_cast<amqp_basic_ack_t*>(method.decoded);
                return confirm{ack.delivery_tag, ack.multiple != 0, true};
            }
            case AMQP_BASIC_NACK_METHOD: {
                auto const& nack = *static_cast<amqp_basic_nack_t*>(method.decoded);
                return confirm{nack.delivery_tag, nack.multiple != 0, false};
            }
            case AMQP_CONNECTION_BLOCKED_METHOD:
                return link_blocked{
                    text_of(static_cast<amqp_connection_blocked_t*>(method.decoded)->reason)};
            case AMQP_CONNECTION_UNBLOCKED_METHOD: return link_unblocked{};
            case AMQP_CONNECTION_CLOSE_METHOD:
            case AMQP_CHANNEL_CLOSE_METHOD: fail("closed by RabbitMQ", close_text(method));
            case AMQP_BASIC_CANCEL_METHOD: fail("closed by RabbitMQ", "the queue was deleted");
            default: return std::nullopt;
        }
    }

    std::optional<incoming> take_header(amqp_frame_t const& frame) {
        auto const& properties =
            *static_cast<amqp_basic_properties_t*>(frame.payload.properties.decoded);
        auto& [message, missing] = partial_[frame.channel];
        auto const text = [&properties](amqp_flags_t flag, amqp_bytes_t value) {
            return (properties._flags & flag) != 0 ? text_of(value) : std::string();
        };
        message.content_type = text(AMQP_BASIC_CONTENT_TYPE_FLAG, properties.content_type);
        message.type = text(AMQP_BASIC_TYPE_FLAG, properties.type);
        message.message_id = text(AMQP_BASIC_MESSAGE_ID_FLAG, properties.message_id);
        message.app_id = text(AMQP_BASIC_APP_ID_FLAG, properties.app_id);
        if ((properties._flags & AMQP_BASIC_HEADERS_FLAG) != 0) {
            message.headers = texts_of(properties.headers);
        }
        missing = frame.payload.properties.body_size;
        message.body.reserve(static_cast<std::size_t>(std::min(missing, reserved_body)));
        return missing == 0 ? complete(frame.channel) : std::nullopt;
    }

    std::optional<incoming> take_body(amqp_frame_t const& frame) {
        auto& [message, missing] = partial_[frame.channel];
        auto const& piece = frame.payload.body_fragment;
        message.body.append(static_cast<char*>(piece.bytes), piece.len);
        missing -= std::min<std::uint64_t>(missing, piece.len);
        return missing == 0 ? complete(frame.channel) : std::nullopt;
    }

    std::optional<incoming> complete(channel_number channel) {
        return std::exchange(partial_[channel].message, {});
    }

    connection_handle handle_;
    std::map<channel_number, partial> partial_;
};

namespace {

// For a connection with TLS; `server` lives until it is open.
amqp_socket_t* make_tls_socket(amqp_connection_state_t connection,
                               broker::tls::server_check& server) {
    auto* const socket = amqp_ssl_socket_new(connection);
    if (socket == nullptr) return nullptr;
    // The name is compared by the check; what rabbitmq-c compares knows no IP addresses.
    amqp_ssl_socket_set_verify_hostname(socket, 0);
    try {
        server.prepare(static_cast<SSL_CTX*>(amqp_ssl_socket_get_context(socket)));
    } catch (std::runtime_error const& error) {
        fail("connecting", error.what());
    }
    return socket;
}

void open_socket(amqp_connection_state_t connection, broker_address const& address,
                 connection_options const& options) {
    broker::tls::server_check server(address.host, options.ca_file);
    auto* const socket =
        address.tls ? make_tls_socket(connection, server) : amqp_tcp_socket_new(connection);
    if (socket == nullptr) throw std::bad_alloc();
    auto const timeout = to_timeval(options.connect_timeout);
    auto const status =
        amqp_socket_open_noblock(socket, address.host.c_str(), address.port, &timeout);
    if (status == AMQP_STATUS_OK) return;
    bool const in_tls =
        status == AMQP_STATUS_SSL_CONNECTION_FAILED || status == AMQP_STATUS_SSL_PEER_VERIFY_FAILED;
    std::string const why = amqp_error_string2(status);
    fail("connecting", in_tls ? server.failure(why) : why);
}

// A peer that is gone or takes nothing must not hold the thread for the kernel's quarter of an
// hour; what is small must not wait for more.
void set_socket_options(int socket, connection_options const& options) {
    auto const timeout = static_cast<unsigned>(
        std::chrono::milliseconds(std::max(options.heart_beat, std::chrono::seconds(1))).count() *
        2);
    setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
    int const on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void log_in(amqp_connection_state_t connection, broker_address const& address,
            connection_options const& options) {
    std::array capabilities = {true_entry("connection.blocked"), true_entry("publisher_confirms"),
                               true_entry("basic.nack"), true_entry("consumer_cancel_notify")};
    std::array<amqp_table_entry_t, 3> properties = {text_entry("product", "Stampede"),
                                                    text_entry("connection_name", options.name),
                                                    amqp_table_entry_t{}};
    properties[2].key = amqp_cstring_bytes("capabilities");
    properties[2].value.kind = AMQP_FIELD_KIND_TABLE;
    properties[2].value.value.table = {static_cast<int>(capabilities.size()), capabilities.data()};
    amqp_table_t const table{static_cast<int>(properties.size()), properties.data()};
    auto const answer = amqp_login_with_properties(
        connection, address.vhost.c_str(), channels, frame_size,
        static_cast<int>(options.heart_beat.count()), &table, AMQP_SASL_METHOD_PLAIN,
        address.user.c_str(), address.password.c_str());
    auto const error = answer.library_error;
    // A port with TLS breaks off when it hears something else.
    if (!address.tls && answer.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION &&
        (error == AMQP_STATUS_SOCKET_ERROR || error == AMQP_STATUS_CONNECTION_CLOSED ||
         error == AMQP_STATUS_BAD_AMQP_DATA)) {
        fail("logging in", std::string(amqp_error_string2(error)) +
                               " (the address of a port with TLS begins with amqps://)");
    }
    check(answer, "logging in");
}

}  // namespace

amqp_connection::amqp_connection(broker_address const& address, connection_options const& options) {
    connection_handle handle(amqp_new_connection());
    if (!handle) throw std::bad_alloc();
    auto const timeout = to_timeval(options.connect_timeout);
    check(amqp_set_handshake_timeout(handle.get(), &timeout), "connecting");
    check(amqp_set_rpc_timeout(handle.get(), &timeout), "connecting");
    open_socket(handle.get(), address, options);
    set_socket_options(amqp_get_sockfd(handle.get()), options);
    log_in(handle.get(), address, options);
    state_ = std::make_unique<state>(std::move(handle));
    open_channel(setup_channel);
}

amqp_connection::~amqp_connection() = default;

void amqp_connection::open_channel(channel_number channel) {
    if (amqp_channel_open(state_->get(), channel) == nullptr) {
        check(amqp_get_rpc_reply(state_->get()), "opening a channel");
    }
}

void amqp_connection::declare_topic_exchange(std::string_view name, declaration how) {
    amqp_exchange_declare_t method{};
    method.exchange = bytes_of(name);
    method.type = amqp_cstring_bytes("topic");
    method.durable = 1;
    method.nowait = how == declaration::not_awaited ? 1 : 0;
    state_->declare(AMQP_EXCHANGE_DECLARE_METHOD, AMQP_EXCHANGE_DECLARE_OK_METHOD, method,
                    "declaring the exchange");
}

void amqp_connection::declare_durable_queue(std::string_view name, declaration how) {
    amqp_queue_declare_t method{};
    method.queue = bytes_of(name);
    method.durable = 1;
    method.nowait = how == declaration::not_awaited ? 1 : 0;
    state_->declare(AMQP_QUEUE_DECLARE_METHOD, AMQP_QUEUE_DECLARE_OK_METHOD, method,
                    "declaring a durable queue");
}

void amqp_connection::declare_own_queue(std::string_view name, std::size_t most_bytes) {
    amqp_table_entry_t bound{};
    bound.key = amqp_cstring_bytes("x-max-length-bytes");
    bound.value.kind = AMQP_FIELD_KIND_I64;
    bound.value.value.i64 = static_cast<std::int64_t>(most_bytes);
    amqp_queue_declare_t method{};
    method.queue = bytes_of(name);
    method.exclusive = 1;
    method.auto_delete = 1;
    method.arguments = {1, &bound};
    state_->declare(AMQP_QUEUE_DECLARE_METHOD, AMQP_QUEUE_DECLARE_OK_METHOD, method,
                    "declaring the node's queue");
}

void amqp_connection::bind(std::string_view queue, std::string_view exchange, std::string_view key,
                           declaration how) {
    amqp_queue_bind_t method{};
    method.queue = bytes_of(queue);
    method.exchange = bytes_of(exchange);
    method.routing_key = bytes_of(key);
    method.nowait = how == declaration::not_awaited ? 1 : 0;
    state_->declare(AMQP_QUEUE_BIND_METHOD, AMQP_QUEUE_BIND_OK_METHOD, method, "binding a queue");
}

void amqp_connection::select_confirms(channel_number channel) {
    amqp_confirm_select(state_->get(), channel);
    check(amqp_get_rpc_reply(state_->get()), "asking for confirms");
}

void amqp_connection::consume(channel_number channel, std::string_view queue,
                              std::uint16_t prefetch) {
    amqp_basic_qos(state_->get(), channel, 0, prefetch, 0);
    check(amqp_get_rpc_reply(state_->get()), "setting the prefetch");
    amqp_basic_consume(state_->get(), channel, bytes_of(queue), amqp_empty_bytes, 0, 0, 0,
                       amqp_empty_table);
    check(amqp_get_rpc_reply(state_->get()), "consuming a queue");
}

bool amqp_connection::writable() const {
    pollfd waiting{socket(), POLLOUT, 0};
    // An error counts as writable: the write then says which.
    return poll(&waiting, 1, 0) > 0;
}

std::size_t amqp_connection::header_room() const {
    // The frame's own fields, and the other properties: texts of at most 255 octets.
    constexpr std::size_t others = 2'048;
    return static_cast<std::size_t>(amqp_get_frame_max(state_->get())) - others;
}

void amqp_connection::publish(channel_number channel, publication const& what) {
    amqp_basic_properties_t properties{};
    auto const set = [&properties](amqp_flags_t flag, amqp_bytes_t& field, std::string_view value) {
        if (value.empty()) return;
        properties._flags |= flag;
        field = bytes_of(value);
    };
    set(AMQP_BASIC_CONTENT_TYPE_FLAG, properties.content_type, what.content_type);
    set(AMQP_BASIC_TYPE_FLAG, properties.type, what.type);
    set(AMQP_BASIC_MESSAGE_ID_FLAG, properties.message_id, what.message_id);
    set(AMQP_BASIC_APP_ID_FLAG, properties.app_id, what.app_id);
    properties._flags |= AMQP_BASIC_DELIVERY_MODE_FLAG;
    properties.delivery_mode =
        what.persistent ? AMQP_DELIVERY_PERSISTENT : AMQP_DELIVERY_NONPERSISTENT;
    std::vector<amqp_table_entry_t> entries;
    for (auto const& [name, value] : what.headers) {
        auto& entry = entries.emplace_back(text_entry("", value));
        entry.key = bytes_of(name);
    }
    if (!entries.empty()) {
        properties._flags |= AMQP_BASIC_HEADERS_FLAG;
        properties.headers = {static_cast<int>(entries.size()), entries.data()};
    }
    check(amqp_basic_publish(state_->get(), channel, bytes_of(what.exchange),
                             bytes_of(what.routing_key), 0, 0, &properties, bytes_of(what.body)),
          "publishing");
}

void amqp_connection::acknowledge(channel_number channel, std::uint64_t tag, bool multiple) {
    check(amqp_basic_ack(state_->get(), channel, tag, multiple ? 1 : 0), "acknowledging");
}

std::optional<incoming> amqp_connection::next() {
    for (;;) {
        timeval const at_once{};
        amqp_frame_t frame;
        auto const status = amqp_simple_wait_frame_noblock(state_->get(), &frame, &at_once);
        if (status == AMQP_STATUS_TIMEOUT) return std::nullopt;
        check(status, "reading");
        auto got = state_->take(frame);
        amqp_maybe_release_buffers_on_channel(state_->get(), frame.channel);
        if (got) return got;
    }
}

int amqp_connection::socket() const {
    return amqp_get_sockfd(state_->get());
}

void amqp_connection::close() noexcept {
    timeval const a_second{1, 0};
    amqp_set_rpc_timeout(state_->get(), &a_second);
    amqp_connection_close(state_->get(), AMQP_REPLY_SUCCESS);
}

void amqp_connection::interrupt() noexcept {
    ::shutdown(socket(), SHUT_RDWR);
}

}  // namespace rabbitmq
