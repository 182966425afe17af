#include "broker/transport/transport_server.hpp"

#include "broker/transport/http_connection.hpp"
#include "broker/transport/listener.hpp"
#include "broker/transport/tcp_wire.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <future>
#include <thread>
#include <utility>

namespace broker::transport {
namespace {

using namespace std::string_literals;

// The whole of an answer: whoever gets it is not read from.
std::string turned_away(http_fault const& why) {
    auto answer = to_response(why);
    answer.headers.push_back({"Retry-After", "10"});
    http_head_options options;
    options.content_length = answer.body.size();
    options.connection = http_connection_header::close;
    return http_head(answer.status, answer.headers, options) + answer.body;
}

turned_away_texts const& http_refusals() {
    static turned_away_texts const texts{
        .node_full = turned_away({503, "node_full", "The node takes no more connections."}),
        .address_full =
            turned_away({429, "too_many_connections", "Too many connections from this address."})};
    return texts;
}

turned_away_texts const& stomp_refusals() {
    static turned_away_texts const texts{.node_full =
                                             "ERROR\n"
                                             "message:too many connections\n"
                                             "code:node_full\n"
                                             "content-type:text/plain\n\n"
                                             "The node takes no more connections.\n\0"s,
                                         .address_full =
                                             "ERROR\n"
                                             "message:too many connections\n"
                                             "code:too_many_connections\n"
                                             "content-type:text/plain\n\n"
                                             "Too many connections from this address.\n\0"s};
    return texts;
}

// STOMP over TCP may do without heart-beats: then only the kernel notices a peer that has vanished.
void watch_for_vanished_peer(int descriptor) {
    auto const set = [descriptor](int level, int option, int value) {
        ::setsockopt(descriptor, level, option, &value, sizeof value);
    };
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
    set(IPPROTO_TCP, TCP_KEEPCNT, 4);
}

}  // namespace

struct transport_server::impl {
    explicit impl(transport_options options) {
        thread_name = options.thread_name;
        shared.http = options.http;
        shared.tcp = options.tcp;
        shared.max_connections.store(options.max_connections, std::memory_order_relaxed);
        shared.admit = std::move(options.admit);
        shared.on_answered = std::move(options.on_answered);
        for (std::size_t i = 0; i < std::max<std::size_t>(options.loops, 1); ++i) {
            loops.push_back(std::make_unique<loop>(i));
            hosts.push_back(std::make_unique<connection_host>(*loops.back(), shared));
            shared.hosts.push_back(hosts.back().get());
        }
        accepters.resize(loops.size());
        accepters_until_stop.resize(loops.size());
    }

    boost::system::result<std::uint16_t> listen(listener_options const& options,
                                                accepter::factory const& make,
                                                turned_away_texts const& refusals) {
        std::shared_ptr<tls_context> tls;
        if (options.tls) tls = std::make_shared<tls_context>(*options.tls);
        if (options.port != 0) {
            if (auto const error = check_port_is_free(options.address, options.port)) return error;
        }
        std::vector<int> sockets;
        auto port = options.port;
        for (std::size_t i = 0; i < loops.size(); ++i) {
            auto const opened = open_listening_socket(options.address, port);
            auto const real = opened ? local_port(*opened) : opened.error();
            if (opened) sockets.push_back(*opened);
            if (!real) {
                for (int const socket : sockets) ::close(socket);
                return real.error();
            }
            port = *real;
        }
        for (std::size_t i = 0; i < loops.size(); ++i) {
            auto fresh = std::make_unique<accepter>(*hosts[i], sockets[i], tls, make, refusals);
            if (options.open_until_stop) fresh->take_everybody();
            auto& among = options.open_until_stop ? accepters_until_stop[i] : accepters[i];
            loops[i]->post([&among, fresh = std::move(fresh)]() mutable {
                fresh->start();
                among.push_back(std::move(fresh));
            });
        }
        if (tls != nullptr) certificates.push_back(std::move(tls));
        return port;
    }

    // Runs `work` on every loop and waits until all have done it.
    template <typename Work>
    void on_every_loop(Work work) {
        std::vector<std::future<void>> done;
        for (std::size_t i = 0; i < loops.size(); ++i) {
            std::promise<void> promise;
            done.push_back(promise.get_future());
            loops[i]->post([i, work, promise = std::move(promise)]() mutable {
                work(i);
                promise.set_value();
            });
        }
        for (auto& one : done) one.wait();
    }

    std::string thread_name;
    transport_shared shared;
    // Before the loops, so that they outlive them: a loop destroys at its end what was retired
    // last.
    std::vector<std::unique_ptr<connection_host>> hosts;
    std::vector<std::unique_ptr<loop>> loops;
    // By loop, on its thread.
    std::vector<std::vector<std::unique_ptr<accepter>>> accepters;
    std::vector<std::vector<std::unique_ptr<accepter>>> accepters_until_stop;
    std::vector<std::shared_ptr<tls_context>> certificates;
    std::vector<std::thread> threads;
};

transport_server::transport_server(transport_options options)
    : impl_(std::make_unique<impl>(std::move(options))) {}

transport_server::~transport_server() {
    stop();
}

std::size_t transport_server::loop_count() const noexcept {
    return impl_->loops.size();
}

loop& transport_server::loop_at(std::size_t index) noexcept {
    return *impl_->loops[index];
}

boost::system::result<std::uint16_t> transport_server::listen(listener_options const& options,
                                                              http_routes const& routes) {
    auto const make = [&routes](connection_host& host, byte_stream stream, peer_address peer) {
        auto fresh = std::make_unique<http_connection>(host, std::move(stream), peer, routes);
        auto& opened = *fresh;
        host.add(std::move(fresh));
        opened.open();
    };
    return impl_->listen(options, make, http_refusals());
}

boost::system::result<std::uint16_t> transport_server::listen(listener_options const& options,
                                                              tcp_factory factory) {
    auto const make = [factory = std::move(factory)](connection_host& host, byte_stream stream,
                                                     peer_address peer) {
        auto handler = factory(host.home(), peer.text());
        if (handler == nullptr) {
            host.shared().open.fetch_sub(1, std::memory_order_relaxed);
            return;
        }
        watch_for_vanished_peer(stream.descriptor());
        auto fresh = std::make_unique<tcp_wire>(host, std::move(stream), std::move(handler));
        auto& opened = *fresh;
        host.add(std::move(fresh));
        opened.open();
    };
    return impl_->listen(options, make, stomp_refusals());
}

void transport_server::start() {
    for (std::size_t i = 0; i < impl_->loops.size(); ++i) {
        auto& thread = impl_->threads.emplace_back([this, i] { impl_->loops[i]->run(); });
        auto const name = impl_->thread_name + "-" + std::to_string(i);
        ::pthread_setname_np(thread.native_handle(), name.c_str());
    }
}

void transport_server::stop_accepting() {
    if (impl_->threads.empty()) return;
    impl_->on_every_loop([this](std::size_t i) {
        for (auto const& one : impl_->accepters[i]) one->stop();
        impl_->hosts[i]->drain();
    });
}

unique_function<void()> transport_server::read_certificates(
    std::function<bool(tls_files const&)> const& wanted) const {
    std::vector<std::pair<tls_context*, std::shared_ptr<SSL_CTX>>> fresh;
    for (auto const& one : impl_->certificates) {
        if (wanted(one->files())) fresh.emplace_back(one.get(), one->read_again());
    }
    return [fresh = std::move(fresh)]() mutable {
        for (auto& [context, certificate] : fresh) context->use(std::move(certificate));
    };
}

void transport_server::set_max_connections(std::size_t most) noexcept {
    impl_->shared.max_connections.store(most, std::memory_order_relaxed);
}

transport_counts transport_server::counts() const noexcept {
    auto const& shared = impl_->shared;
    return {shared.open.load(std::memory_order_relaxed),
            shared.accepted.load(std::memory_order_relaxed),
            shared.refused.load(std::memory_order_relaxed)};
}

std::int64_t transport_server::waiting_bytes() const noexcept {
    std::int64_t all = 0;
    for (auto const& host : impl_->hosts) all += host->queues().waiting_bytes();
    return all;
}

void transport_server::stop() {
    if (impl_->threads.empty()) return;
    impl_->on_every_loop([this](std::size_t i) {
        impl_->accepters[i].clear();
        impl_->accepters_until_stop[i].clear();
        impl_->hosts[i]->close_all();
    });
    // Two rounds: what the first one's handlers posted to other loops, such as a connection on its
    // way to another shard, arrives before the second, and is closed by it.
    impl_->on_every_loop([this](std::size_t i) { impl_->hosts[i]->close_all(); });
    impl_->on_every_loop([this](std::size_t i) { impl_->loops[i]->stop(); });
    for (auto& thread : impl_->threads) thread.join();
    impl_->threads.clear();
}

}  // namespace broker::transport
