#include "tests/support/redis_server.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/support/free_port.hpp"

namespace tests {

namespace {

[[noreturn]] void fail(std::string const& what) {
    throw std::runtime_error("redis_server: " + what);
}

pid_t spawn(std::vector<std::string> words, std::string const& log) {
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t const parent = getpid();
    pid_t const child = fork();
    if (child < 0) fail("fork");
    if (child > 0) return child;

    // From here on only what may be called between fork and exec of a threaded program.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(126);
    int const output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(output, 1);
    dup2(output, 2);
    close_range(3, ~0U, 0);
    execvp(arguments[0], arguments.data());
    _exit(127);
}

std::string contents(std::string const& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

redis_server::redis_server(std::vector<std::string> const& arguments)
    : redis_server(not_started()) {
    add_arguments({"--save", "", "--appendonly", "no"});
    add_arguments(arguments);
    start();
}

redis_server::redis_server(not_started /*derived classes start it*/) : port_(free_port()) {
    directory_ = (std::filesystem::temp_directory_path() / "stampede-redis-XXXXXX").string();
    if (mkdtemp(directory_.data()) == nullptr) fail("mkdtemp");
    // A Sentinel insists on a file that it can write.
    std::string const file = directory_ + "/redis.conf";
    std::ofstream(file) << "port " << port_ << "\nbind 127.0.0.1\ndir " << directory_ << "\n";
    program_line_ = {"redis-server", file};
}

void redis_server::add_arguments(std::vector<std::string> const& more) {
    program_line_.insert(program_line_.end(), more.begin(), more.end());
}

redis_server::~redis_server() {
    kill();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

std::string redis_server::place() const {
    return "127.0.0.1:" + std::to_string(port_);
}

std::string redis_server::url() const {
    return "redis://" + place();
}

void redis_server::start() {
    using namespace std::chrono_literals;
    std::string const log = directory_ + "/log";
    process_ = spawn(program_line_, log);
    for (std::string said; said != "PONG" && !said.starts_with("NOAUTH"); said = run("PING")) {
        int status = 0;
        if (waitpid(process_, &status, WNOHANG) == process_) {
            process_ = -1;
            fail("the server ended:\n" + contents(log));
        }
        std::this_thread::sleep_for(5ms);
    }
}

void redis_server::kill() {
    if (process_ < 0) return;
    ::kill(process_, SIGKILL);
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
}

void redis_server::freeze() {
    ::kill(process_, SIGSTOP);
}

void redis_server::thaw() {
    ::kill(process_, SIGCONT);
}

std::string redis_server::run(std::string const& command) const {
    std::string const line =
        "redis-cli -h 127.0.0.1 -p " + std::to_string(port_) + " " + command + " 2>&1";
    std::unique_ptr<FILE, int (*)(FILE*)> const output(popen(line.c_str(), "r"), pclose);
    if (output == nullptr) fail("popen");
    std::string text;
    std::array<char, 4096> part;
    for (std::size_t size = 0; (size = fread(part.data(), 1, part.size(), output.get())) > 0;) {
        text.append(part.data(), size);
    }
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

redis_sentinel::redis_sentinel(redis_server const& master,
                               std::vector<std::string> const& arguments)
    : redis_server(not_started()) {
    add_arguments({"--sentinel"});
    add_arguments(arguments);
    start();
    run("SENTINEL MONITOR mymaster 127.0.0.1 " + std::to_string(master.port()) + " 1");
    run("SENTINEL SET mymaster down-after-milliseconds 300 failover-timeout 2000");
}

}  // namespace tests
