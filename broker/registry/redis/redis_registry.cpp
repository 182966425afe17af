#include "broker/registry/redis/redis_registry.hpp"

#include "broker/registry/redis/connector.hpp"
#include "broker/registry/redis/mailbox.hpp"
#include "broker/registry/redis/member.hpp"

#include <poll.h>
#include <pthread.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <utility>

namespace broker {

namespace {

redis::options checked(redis::options given) {
    bool const is_word = !given.node.empty() && std::ranges::all_of(given.node, [](char c) {
        return static_cast<unsigned char>(c) > ' ' && c != '\x7f';
    });
    if (!is_word) throw std::invalid_argument("a node's id is one word");
    if (given.renewal * 2 > given.lease) {
        throw std::invalid_argument("a lease is renewed twice in its time at least");
    }
    return given;
}

}  // namespace

// The thread, its mailbox, and what it works on.
class redis_registry::worker {
public:
    explicit worker(redis::options given)
        : options_(checked(std::move(given))),
          member_(options_, [this] { connector_.connect(); }),
          connector_(options_, {.on_connected = [this](redis::established link) { on(link); },
                                .on_failed =
                                    [this](std::string why) {
                                        post([why = std::move(why)](redis::member& self) {
                                            self.unreachable(why);
                                        });
                                    },
                                .on_moved =
                                    [this](std::string place) {
                                        post([place = std::move(place)](redis::member& self) {
                                            self.master_moved(place);
                                        });
                                    }}) {
        connector_.connect();
        thread_ = std::thread([this] { run(); });
    }

    ~worker() { stop(farewell::said); }

    worker(worker const&) = delete;
    worker& operator=(worker const&) = delete;

    // Work for the thread: a callable that takes the member.
    template <typename Work>
    void post(Work work) {
        mailbox_.post([this, work = std::move(work)]() mutable { work(member_); });
    }

    void stop(farewell manner) {
        if (!thread_.joinable()) return;
        connector_.stop();
        mailbox_.post([this, manner] {
            manner_ = manner;
            stopping_ = true;
        });
        thread_.join();
    }

    figures measured() const {
        return {.commands = commands_,
                .lookups = lookups_,
                .keys = keys_,
                .complete = complete_,
                .nodes = nodes_,
                .latency = member_.latency().figures()};
    }

private:
    void on(redis::established& link) {
        post([link = std::move(link)](redis::member& self) mutable {
            self.connected(std::move(link), redis::clock::now());
        });
    }

    void run() {
        // hiredis and OpenSSL write with write(), which raises a signal when the other side is
        // gone.
        sigset_t broken_pipe;
        sigemptyset(&broken_pipe);
        sigaddset(&broken_pipe, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);

        bool readable = false;
        while (!stopping_) {
            for (redis::mailbox::work& each : mailbox_.take()) each();
            member_.turn(readable, redis::clock::now());
            publish_figures();
            if (!stopping_) readable = wait();
        }
        if (manner_ == farewell::said) {
            member_.say_goodbye(redis::clock::now() + options_.command_timeout);
        }
        member_.end();
        publish_figures();
        mailbox_.close();
    }

    // True when the connection has something to read.
    bool wait() {
        using namespace std::chrono;
        using namespace std::chrono_literals;
        std::array<pollfd, 2> what{};
        what[0] = {.fd = mailbox_.descriptor(), .events = POLLIN, .revents = 0};
        nfds_t count = 1;
        if (redis::connection const* link = member_.link()) {
            what[1] = {.fd = link->socket(), .events = POLLIN, .revents = 0};
            if (link->wants_to_write()) what[1].events |= POLLOUT;
            count = 2;
        }
        timespec time{};
        bool ends = false;
        if (auto const next = member_.next_turn(); next != redis::clock::time_point::max()) {
            auto const left = std::max<nanoseconds>(next - redis::clock::now(), 0ns);
            time = {.tv_sec = left / 1s, .tv_nsec = (left % 1s).count()};
            ends = true;
        }
        if (ppoll(what.data(), count, ends ? &time : nullptr, nullptr) <= 0) return false;
        return count == 2 && (what[1].revents & ~POLLOUT) != 0;
    }

    void publish_figures() {
        commands_ = member_.commands();
        lookups_ = member_.questions().lookups_done();
        keys_ = member_.questions().keys_asked();
        complete_ = member_.complete();
        nodes_ = member_.link() == nullptr ? 0 : member_.others() + 1;
    }

    redis::options const options_;
    redis::mailbox mailbox_;
    redis::member member_;
    redis::connector connector_;
    bool stopping_ = false;  // both set on the thread
    farewell manner_ = farewell::said;
    std::atomic<std::uint64_t> commands_ = 0;
    std::atomic<std::uint64_t> lookups_ = 0;
    std::atomic<std::uint64_t> keys_ = 0;
    std::atomic<bool> complete_ = false;
    std::atomic<std::size_t> nodes_ = 0;
    std::thread thread_;
};

redis_registry::redis_registry(redis::options options)
    : worker_(std::make_unique<worker>(std::move(options))) {}

redis_registry::~redis_registry() = default;

void redis_registry::stop(farewell manner) {
    worker_->stop(manner);
}

redis_registry::figures redis_registry::measured() const {
    return worker_->measured();
}

void redis_registry::set_off_bus(bool off) {
    worker_->post([off](redis::member& self) { self.set_off_bus(off); });
}

void redis_registry::send_canary(std::uint64_t number,
                                 unique_function<void(std::string_view)> done) {
    worker_->post([number, done = std::move(done)](redis::member& self) mutable {
        self.send_canary(number, std::move(done));
    });
}

void redis_registry::other_nodes(executor& home,
                                 unique_function<void(std::vector<cluster_node>)> done) {
    worker_->post([&home, done = std::move(done)](redis::member& self) mutable {
        home.post([found = self.other_nodes(), done = std::move(done)]() mutable {
            done(std::move(found));
        });
    });
}

void redis_registry::enter(interest what, executor& home, unique_function<void()> done) {
    worker_->post([what = std::move(what), &home, done = std::move(done)](auto& self) mutable {
        self.enter(what, home, std::move(done));
    });
}

void redis_registry::leave(interest const& what) {
    worker_->post([what](redis::member& self) { self.leave(what); });
}

void redis_registry::find(std::vector<interest> what,
                          unique_function<void(std::optional<interested_nodes>)> done) {
    worker_->post([what = std::move(what), done = std::move(done)](auto& self) mutable {
        self.find(std::move(what), std::move(done));
    });
}

void redis_registry::claim(std::string session, executor& home,
                           unique_function<void(std::optional<session_owner>)> done) {
    worker_->post([session = std::move(session), &home, done = std::move(done)](
                      auto& self) mutable { self.claim(session, home, std::move(done)); });
}

void redis_registry::find(std::string session, executor& home,
                          unique_function<void(std::optional<session_owner>)> done) {
    worker_->post([session = std::move(session), &home, done = std::move(done)](
                      auto& self) mutable { self.find_owner(session, home, std::move(done)); });
}

void redis_registry::release(std::string session) {
    worker_->post([session = std::move(session)](auto& self) { self.release(session); });
}

void redis_registry::enter_room_user(std::string room, std::string user) {
    worker_->post([room = std::move(room), user = std::move(user)](auto& self) {
        self.enter_room_user(room, user);
    });
}

void redis_registry::leave_room_user(std::string room, std::string user) {
    worker_->post([room = std::move(room), user = std::move(user)](auto& self) {
        self.leave_room_user(room, user);
    });
}

void redis_registry::find_room_users(std::string room, std::size_t most, executor& home,
                                     unique_function<void(std::optional<room_presence>)> done) {
    worker_->post(
        [room = std::move(room), most, &home, done = std::move(done)](auto& self) mutable {
            self.find_room_users(room, most, home, std::move(done));
        });
}

void redis_registry::enter_session(user_session what, executor& home,
                                   unique_function<void()> done) {
    worker_->post([what = std::move(what), &home, done = std::move(done)](auto& self) mutable {
        self.enter_session(what, home, std::move(done));
    });
}

void redis_registry::leave_session(std::string_view user, std::string_view id) {
    worker_->post([user = std::string(user), id = std::string(id)](redis::member& self) {
        self.leave_session(user, id);
    });
}

void redis_registry::find_sessions(std::string user, std::size_t most, executor& home,
                                   unique_function<void(found_sessions)> done) {
    worker_->post(
        [user = std::move(user), most, &home, done = std::move(done)](auto& self) mutable {
            self.find_sessions(user, most, home, std::move(done));
        });
}

void redis_registry::count_sessions(std::vector<std::string> users, executor& home,
                                    unique_function<void(session_counts)> done) {
    worker_->post([users = std::move(users), &home, done = std::move(done)](auto& self) mutable {
        self.count_sessions(std::move(users), home, std::move(done));
    });
}

}  // namespace broker
