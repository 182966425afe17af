#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A client of the tests: a blocking socket, plain or TLS, with just enough HTTP and WebSocket to
// say what a test wants to say, right or wrong. Every wait ends after 20 s with an exception.

namespace transport_test {

struct http_answer {
    unsigned status = 0;
    std::string head;  // as received, with its last empty line
    std::string body;  // chunks joined
    std::size_t chunks = 0;

    // The value of a header, or "" when there is none.
    std::string header(std::string_view name) const;
};

struct websocket_frame {
    unsigned first = 0;  // FIN, reserved bits, opcode
    std::string payload;

    unsigned opcode() const { return first & 0x0F; }
    unsigned close_code() const;
};

// A client's frame, masked.
std::string masked_frame(unsigned first, std::string_view payload,
                         std::uint32_t mask = 0x5AC3'9E17);
std::string close_payload(unsigned code, std::string_view reason = {});

class socket_client {
public:
    enum class security { plain, tls };

    explicit socket_client(std::uint16_t port, security mode = security::plain,
                           int receive_buffer_bytes = 0);
    // On a socket that exists already.
    socket_client(int descriptor, std::uint16_t port);
    ~socket_client();
    socket_client(socket_client&& other) noexcept;
    socket_client(socket_client const&) = delete;
    socket_client& operator=(socket_client const&) = delete;

    void send(std::string_view bytes);
    // What is there, at least one byte; empty at the end of the stream.
    std::string receive();
    std::string receive_exactly(std::size_t bytes);
    std::string receive_until(std::string_view end);
    std::string receive_to_end();
    // Waits until the peer has closed; true unless it was by a reset.
    bool ended_orderly();

    http_answer receive_answer(bool to_head = false);

    // Opens a WebSocket on `path`; returns the answer (101 when it worked).
    http_answer upgrade(std::string_view path, std::string_view more_headers = {});
    void send_frame(unsigned first, std::string_view payload);
    void send_text(std::string_view payload) { send_frame(0x81, payload); }
    websocket_frame receive_frame();

    void half_close();
    void close(bool reset = false);
    // The serial number of the server's certificate, in hexadecimal.
    std::string certificate_serial() const;
    std::string tls_version() const;
    std::string alpn() const;
    int descriptor() const noexcept { return descriptor_; }

private:
    void connect(std::uint16_t port);
    std::string receive_some();

    int descriptor_ = -1;
    struct tls_session;
    std::unique_ptr<tls_session> tls_;
    std::string unread_;
};

// Uses up this process's descriptors while it lives, but for a few sockets to connect.
class no_descriptors_left {
public:
    explicit no_descriptors_left(int sockets);
    ~no_descriptors_left();
    no_descriptors_left(no_descriptors_left const&) = delete;
    no_descriptors_left& operator=(no_descriptors_left const&) = delete;

    // With a socket that was kept for it.
    socket_client connect(std::uint16_t port) const;

private:
    mutable std::vector<int> sockets_;
    std::vector<int> fillers_;
    std::uint64_t limit_;
};

}  // namespace transport_test
