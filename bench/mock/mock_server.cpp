#include "bench/mock/mock_server.hpp"

#include "bench/mock/mock_connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

namespace bench {
namespace {

// How long a message is held for its successor to overtake it.
constexpr std::chrono::milliseconds held_at_most{300};
constexpr std::chrono::milliseconds spring_heart_beat{10'000};

[[noreturn]] void fail(char const* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

bool is_every(std::uint64_t n, std::uint64_t number) noexcept {
    return n != 0 && number % n == 0;
}

}  // namespace

mock_server::mock_server(client_loop& loop, std::uint16_t port, faults const& does_wrong)
    : loop_(loop),
      wrong_(does_wrong),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    if (wrong_.spring && wrong_.heart_beat.count() == 0) wrong_.heart_beat = spring_heart_beat;
    int const on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (bind(listener_, generic, size) != 0 || listen(listener_, SOMAXCONN) != 0 ||
        getsockname(listener_, generic, &size) != 0) {
        fail("listen");
    }
    port_ = ntohs(address.sin_port);
    loop_.inside().join(listener_, *this, EPOLLIN);
}

mock_server::~mock_server() {
    *alive_ = false;
    loop_.inside().leave(*this);
    connections_.clear();
    ::close(listener_);
}

void mock_server::on_ready(std::uint32_t /*events*/) {
    for (;;) {
        sockaddr_in from{};
        socklen_t size = sizeof from;
        int const socket = accept4(listener_, reinterpret_cast<sockaddr*>(&from), &size,
                                   SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket < 0) return;
        std::array<char, INET_ADDRSTRLEN> address{};
        inet_ntop(AF_INET, &from.sin_addr, address.data(), address.size());
        ++done_.connections_from[address.data()];
        int const on = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        ++accepted_;
        connections_.emplace(accepted_,
                             std::make_unique<mock_connection>(*this, accepted_, socket));
    }
}

void mock_server::subscribe(std::uint64_t connection, std::string_view id,
                            std::string_view destination, std::string const& place) {
    ++done_.subscribes;
    subscriptions_[place].push_back(std::make_unique<subscription>(subscription{
        connection, std::string(id), std::string(destination), wrong_.late_subscriptions}));
}

void mock_server::unsubscribe(std::uint64_t connection, std::string_view id) {
    ++done_.unsubscribes;
    for (auto& [place, all] : subscriptions_) {
        std::erase_if(
            all, [&](auto const& one) { return one->connection == connection && one->id == id; });
    }
}

void mock_server::stall_later() {
    auto const when = std::chrono::duration_cast<std::chrono::nanoseconds>(wrong_.stall_at);
    loop_.at(bench_clock::now() + when,
             [stall = wrong_.stall] { std::this_thread::sleep_for(stall); });
}

void mock_server::take(std::string_view place, std::string_view content_type,
                       std::string_view body) {
    constexpr std::string_view chat = "/app/chat.";
    if (place.starts_with(chat)) return take_of_chat(place.substr(chat.size()), body);
    std::string headers;
    if (!content_type.empty()) headers.append("content-type:").append(content_type).append("\n");
    publish(place, headers, body);
}

void mock_server::take_of_chat(std::string_view action, std::string_view body) {
    if (action == "join") {
        ++done_.joins;
    } else if (action == "leave") {
        ++done_.leaves;
    } else if (action != "sendMessage") {
        return;  // who types or has read is nobody's concern
    }
    constexpr std::string_view key = "\"chatRoomId\":";
    auto const begin = body.find(key);
    if (begin == std::string_view::npos) return;
    auto const digits = body.substr(begin + key.size());
    std::string const number(digits.substr(0, digits.find_first_not_of("0123456789")));
    publish("/topic/chatroom/" + number, "seq:" + std::to_string(next_seq(rooms_[number])) + "\n",
            body);
}

std::uint64_t mock_server::next_seq(room& of) {
    ++of.messages;
    if (of.seq > 0 && is_every(wrong_.repeat_seq_every, of.messages)) {
        ++done_.seqs_repeated;
        return of.seq;
    }
    if (is_every(wrong_.skip_seq_every, of.messages)) {
        ++done_.seqs_skipped;
        ++of.seq;
    }
    return ++of.seq;
}

void mock_server::publish(std::string_view place, std::string_view headers, std::string_view body) {
    auto const found = subscriptions_.find(place);
    if (found == subscriptions_.end()) return;
    for (auto& to : found->second) deliver(*to, place, headers, body);
}

void mock_server::deliver(subscription& to, std::string_view place, std::string_view headers,
                          std::string_view body) {
    auto const connection = connections_.find(to.connection);
    if (connection == connections_.end() || connection->second->ended()) return;
    if (to.late > 0) {
        --to.late;
        ++done_.missed;
        return;
    }
    std::uint64_t const number = ++to.messages;
    if (is_every(wrong_.lose_every, number)) {
        ++done_.lost;
        return;
    }
    if (is_every(wrong_.drop_every, ++handed_over_)) {
        ++done_.dropped_connections;
        connection->second->cut();
        return;
    }
    std::string frame = "MESSAGE\nsubscription:" + to.id +
                        "\nmessage-id:" + std::to_string(to.connection) + "-" +
                        std::to_string(number) + "\ndestination:";
    frame.append(to.destination).append("\n").append(headers);
    frame.append("content-length:" + std::to_string(body.size()) + "\n\n").append(body);
    frame.push_back('\0');

    ++done_.delivered;
    bool const twice = is_every(wrong_.duplicate_every, number);
    if (twice) ++done_.duplicated;
    if (is_every(wrong_.swap_every, number)) {
        release_held(to);
        to.held.assign(twice ? 2 : 1, frame);
        // A last message has no successor.
        loop_.at(bench_clock::now() + held_at_most,
                 [this, alive = alive_, number, id = to.id, from = to.connection,
                  name = std::string(place)] {
                     if (!*alive) return;
                     for (auto& one : subscriptions_[name]) {
                         if (one->connection == from && one->id == id && one->messages == number) {
                             release_held(*one);
                         }
                     }
                 });
        return;
    }
    if (twice) emit(to.connection, frame, number);
    emit(to.connection, std::move(frame), number);
    if (!to.held.empty()) {
        ++done_.swapped;
        release_held(to);
    }
}

void mock_server::release_held(subscription& of) {
    for (auto& frame : std::exchange(of.held, {})) hand_over(of.connection, frame);
}

void mock_server::emit(std::uint64_t connection, std::string frame, std::uint64_t number) {
    bool const late = wrong_.delay.count() > 0 &&
                      (wrong_.delay_every == 0 || is_every(wrong_.delay_every, number));
    if (!late) return hand_over(connection, frame);
    ++done_.delayed;
    loop_.at(bench_clock::now() + wrong_.delay,
             [this, alive = alive_, connection, frame = std::move(frame)] {
                 if (*alive) hand_over(connection, frame);
             });
}

void mock_server::hand_over(std::uint64_t connection, std::string_view frame) {
    auto const found = connections_.find(connection);
    if (found != connections_.end()) found->second->send(frame);
}

void mock_server::end(std::uint64_t connection) {
    // Later: the connection, or a delivery to its subscriptions, is still on the stack.
    loop_.at(bench_clock::now(), [this, alive = alive_, connection] {
        if (!*alive) return;
        for (auto& [destination, all] : subscriptions_) {
            std::erase_if(all, [&](auto const& one) { return one->connection == connection; });
        }
        connections_.erase(connection);
    });
}

}  // namespace bench
