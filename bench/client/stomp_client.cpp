#include "bench/client/stomp_client.hpp"

#include "bench/client/connection.hpp"
#include "bench/client/stomp_frame.hpp"

#include <array>
#include <charconv>

namespace bench {
namespace {

void append_receipt(std::string& frame, std::string_view receipt, bool escapes) {
    if (!receipt.empty()) append_header(frame, "receipt", receipt, escapes);
}

}  // namespace

stomp_client::stomp_client(client_loop& loop, client_listener& listener,
                           client_options const& options)
    : connection_(std::make_unique<connection>(*this, loop, listener, options)) {}

stomp_client::~stomp_client() = default;

void stomp_client::connect(endpoint const& to, credentials const& as, std::string_view source) {
    connection_->connect(to, as, source);
}

void stomp_client::subscribe(std::string_view id, std::string_view destination,
                             std::string_view receipt, std::string_view headers) {
    std::string& frame = connection_->compose("SUBSCRIBE");
    append_header(frame, "id", id, connection_->escapes());
    append_header(frame, "destination", destination, connection_->escapes());
    append_receipt(frame, receipt, connection_->escapes());
    frame.append(headers);
    connection_->send_composed({});
}

void stomp_client::unsubscribe(std::string_view id, std::string_view receipt) {
    std::string& frame = connection_->compose("UNSUBSCRIBE");
    append_header(frame, "id", id, connection_->escapes());
    append_receipt(frame, receipt, connection_->escapes());
    connection_->send_composed({});
}

void stomp_client::send(std::string_view destination, std::string_view body,
                        std::string_view receipt, std::string_view headers) {
    std::string& frame = connection_->compose("SEND");
    append_header(frame, "destination", destination, connection_->escapes());
    append_receipt(frame, receipt, connection_->escapes());
    frame.append(headers);
    std::array<char, 24> digits{};
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), body.size()).ptr;
    append_header(frame, "content-length",
                  std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())),
                  false);
    connection_->send_composed(body);
}

void stomp_client::disconnect(std::string_view receipt) {
    std::string& frame = connection_->compose("DISCONNECT");
    append_receipt(frame, receipt, connection_->escapes());
    connection_->send_composed({});
}

void stomp_client::close(bool politely) {
    connection_->close(politely);
}

void stomp_client::pause_reading() {
    connection_->pause_reading();
}

void stomp_client::resume_reading() {
    connection_->resume_reading();
}

bool stomp_client::connected() const noexcept {
    return connection_->connected();
}

std::uint64_t stomp_client::bytes_received() const noexcept {
    return connection_->bytes_received();
}

std::size_t stomp_client::unsent() const noexcept {
    return connection_->unsent();
}

}  // namespace bench
