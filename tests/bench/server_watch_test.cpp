#include "bench/run/server_watch.hpp"

#include <doctest/doctest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <string>

using namespace std::chrono_literals;

namespace {

// A process that uses all of a core until it is told to stand still.
class busy_process {
public:
    busy_process() : pid_(fork()) {
        if (pid_ != 0) return;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (std::atomic<int> spins = 0;; ++spins) {
        }
    }
    ~busy_process() {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    busy_process(busy_process const&) = delete;
    busy_process& operator=(busy_process const&) = delete;

    void stand_still() const {
        kill(pid_, SIGSTOP);
        waitpid(pid_, nullptr, WUNTRACED);
    }
    pid_t pid() const noexcept { return pid_; }

private:
    pid_t pid_;
};

std::atomic<bool> const go_on = false;

}  // namespace

TEST_CASE("a server that works is not idle, and is once it stands still") {
    busy_process server;
    bench::server_watch watch({server.pid()});
    CHECK_FALSE(watch.wait_until_idle(1s, go_on));
    server.stand_still();
    CHECK(watch.wait_until_idle(30s, go_on));
}

TEST_CASE("who has no server to watch waits for none, and who is stopped waits no longer") {
    CHECK(bench::server_watch({}).wait_until_idle(30s, go_on));
    busy_process server;
    std::atomic<bool> const stopped = true;
    CHECK_FALSE(bench::server_watch({server.pid()}).wait_until_idle(30s, stopped));
}

TEST_CASE("memory that may not be read is no figure, and is told once") {
    pid_t const child = fork();
    if (child == 0) _exit(0);
    // Ended and not waited for: there is still a process, but nothing of its memory to read.
    siginfo_t ended{};
    REQUIRE(waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) == 0);
    bench::server_watch watch({getpid(), child});
    CHECK(watch.problems().empty());
    CHECK_FALSE(watch.pss_bytes());
    CHECK_FALSE(watch.pss_bytes());
    CHECK(watch.cpu_seconds());
    REQUIRE(watch.problems().size() == 1);
    CHECK(watch.problems().front().find(std::to_string(child)) != std::string::npos);
    waitpid(child, nullptr, 0);
}

TEST_CASE("a process that has gone ends the watching, and is told once") {
    pid_t const child = fork();
    if (child == 0) _exit(0);
    bench::server_watch watch({getpid(), child});
    waitpid(child, nullptr, 0);
    CHECK_FALSE(watch.cpu_seconds());
    CHECK_FALSE(watch.pss_bytes());
    CHECK_FALSE(watch.watches());
    REQUIRE(watch.problems().size() == 1);
    CHECK(watch.problems().front().find("has ended") != std::string::npos);
}

TEST_CASE("one's own memory can be read") {
    bench::server_watch watch({getpid()});
    CHECK(watch.pss_bytes().value_or(0) > 0);
    CHECK(watch.problems().empty());
}
