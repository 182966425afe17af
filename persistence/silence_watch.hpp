#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

// Ends the wait for a server that has fallen silent.
//
// A server that stopped, or a link that stalls, may go on acknowledging what it is sent, and libpq,
// which SOCI calls without a limit, would wait for ever. A socket that another thread shuts down
// ends that wait, and the connection is as broken as any other. One thread watches all sockets of
// the process; it lives as long as one of them.

namespace persistence {

class watched_socket;

class silence_watch {
public:
    static std::shared_ptr<silence_watch> shared();

    silence_watch();
    ~silence_watch();
    silence_watch(silence_watch const&) = delete;
    silence_watch& operator=(silence_watch const&) = delete;

private:
    friend class watched_socket;
    using clock = std::chrono::steady_clock;
    static constexpr clock::time_point never = clock::time_point::max();

    void serve();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<watched_socket*> sockets_;
    clock::time_point wakes_at_ = never;
    bool ending_ = false;
    std::thread thread_;
};

// The socket of one connection, used by one thread at a time.
class watched_socket {
public:
    // Keeps a duplicate: libpq may close its own in the middle of a call.
    explicit watched_socket(int socket);
    ~watched_socket();
    watched_socket(watched_socket const&) = delete;
    watched_socket& operator=(watched_socket const&) = delete;

    // Whether a wait was ended because there was no answer.
    bool was_silent() const;

private:
    friend class silence_watch;
    friend class answer_wait;
    using clock = std::chrono::steady_clock;

    // Answers what was set before.
    clock::time_point set_end(clock::time_point end);

    std::shared_ptr<silence_watch> const watch_;
    int const socket_;
    // Under the watch's lock.
    clock::time_point end_ = silence_watch::never;
    bool was_silent_ = false;
};

// While it lives, what waits for the server waits no longer than the limit, and then fails.
class answer_wait {
public:
    // Without a socket nothing is limited.
    answer_wait(watched_socket* socket, std::chrono::milliseconds limit);
    ~answer_wait();
    answer_wait(answer_wait const&) = delete;
    answer_wait& operator=(answer_wait const&) = delete;

private:
    watched_socket* const socket_;
    std::chrono::steady_clock::time_point before_;
};

}  // namespace persistence
