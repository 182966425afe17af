#include "tests/support/rabbitmq_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "tests/support/free_port.hpp"

namespace tests {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr char const* programs = "/usr/lib/rabbitmq/bin/";
constexpr auto start_timeout = 120s;

[[noreturn]] void fail(std::string const& what) {
    throw std::runtime_error("rabbitmq_server: " + what);
}

passwd const* rabbitmq_user() {
    if (geteuid() != 0) return nullptr;
    passwd const* found = getpwnam("rabbitmq");
    if (found == nullptr) fail("there is no user rabbitmq");
    return found;
}

int wait_for(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
}

// True if something on the port takes connections, and says something when greeted.
bool answers(int port, std::string const& greeting) {
    int const probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    timeval const timeout{1, 0};
    setsockopt(probe, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    auto address = loopback(port);
    char byte = 0;
    bool const connected =
        connect(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    bool const answered =
        connected &&
        (greeting.empty() || (send(probe, greeting.data(), greeting.size(), MSG_NOSIGNAL) > 0 &&
                              recv(probe, &byte, 1, 0) == 1));
    close(probe);
    return answered;
}

std::string contents(std::string const& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

int open_log(std::string const& file) {
    return open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

}  // namespace

rabbitmq_server::rabbitmq_server() {
    std::string base = (fs::temp_directory_path() / "stampede-rabbitmq-XXXXXX").string();
    if (mkdtemp(base.data()) == nullptr) fail("mkdtemp " + base);
    directory_ = base;
    port_ = free_port();
    tls_port_ = free_port();
    distribution_port_ = free_port();
    mapper_port_ = free_port();
    node_name_ = "test" + std::to_string(port_) + "@localhost";
    std::ofstream(directory_ + "/rabbitmq.conf")
        << "listeners.tcp.1 = 127.0.0.1:" << port_ << "\nlog.file.level = warning\n"
        << "loopback_users = none\n"
        << "listeners.ssl.1 = 127.0.0.1:" << tls_port_
        << "\nssl_options.cacertfile = " << certificate_file()
        << "\nssl_options.certfile = " << certificate_file()
        << "\nssl_options.keyfile = " << directory_
        << "/key.pem\nssl_options.verify = verify_none\n";
    std::ofstream(directory_ + "/enabled_plugins") << "[].\n";
    if (passwd const* user = rabbitmq_user()) {
        for (auto const* file : {"", "/rabbitmq.conf", "/enabled_plugins"}) {
            if (chown((directory_ + file).c_str(), user->pw_uid, user->pw_gid) != 0) {
                fail("chown " + directory_);
            }
        }
    }
    make_certificate();
    start_port_mapper();
    start();
}

rabbitmq_server::~rabbitmq_server() {
    stop(how::crash);
    kill(mapper_, SIGKILL);
    wait_for(mapper_);
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
}

rabbitmq_server& rabbitmq_server::shared() {
    static rabbitmq_server one;
    return one;
}

std::string rabbitmq_server::url() const {
    return "amqp://guest:guest@127.0.0.1:" + std::to_string(port_);
}

std::string rabbitmq_server::tls_url() const {
    return "amqps://guest:guest@localhost:" + std::to_string(tls_port_);
}

void rabbitmq_server::make_certificate() const {
    int const log = open_log(directory_ + "/openssl.log");
    int const status =
        wait_for(spawn({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                        directory_ + "/key.pem", "-out", certificate_file()},
                       log));
    close(log);
    if (status != 0) fail("openssl:\n" + contents(directory_ + "/openssl.log"));
}

// Starts a program as the user rabbitmq with the environment of this server; it dies with the
// calling thread.
pid_t rabbitmq_server::spawn(std::vector<std::string> words, int output) const {
    std::vector<std::string> variables = {
        "HOME=" + directory_,
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG=C.UTF-8",
        "RABBITMQ_NODENAME=" + node_name_,
        "RABBITMQ_MNESIA_BASE=" + directory_,
        "RABBITMQ_LOG_BASE=" + directory_,
        "RABBITMQ_ENABLED_PLUGINS_FILE=" + directory_ + "/enabled_plugins",
        "RABBITMQ_CONFIG_FILE=" + directory_ + "/rabbitmq.conf",
        "RABBITMQ_DIST_PORT=" + std::to_string(distribution_port_),
        "ERL_EPMD_PORT=" + std::to_string(mapper_port_),
        "ERL_EPMD_ADDRESS=127.0.0.1",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=+S 1:1",
        // Makes the script become the server instead of watching over it.
        "NOTIFY_SOCKET=" + directory_ + "/nobody-listens",
    };
    auto const pointers = [](std::vector<std::string>& texts) {
        std::vector<char*> list;
        for (auto& text : texts) list.push_back(text.data());
        list.push_back(nullptr);
        return list;
    };
    auto const arguments = pointers(words);
    auto const environment = pointers(variables);
    passwd const* user = rabbitmq_user();
    pid_t const parent = getpid();
    pid_t const child = fork();
    if (child < 0) fail("fork");
    if (child > 0) return child;

    // From here on only what may be called between fork and exec of a threaded program.
    if (user != nullptr && (setgroups(1, &user->pw_gid) != 0 || setgid(user->pw_gid) != 0 ||
                            setuid(user->pw_uid) != 0)) {
        _exit(126);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(126);
    int const input = open("/dev/null", O_RDONLY);
    dup2(input, 0);
    dup2(output, 1);
    dup2(output, 2);
    close_range(3, ~0U, 0);
    if (chdir(directory_.c_str()) != 0) _exit(126);
    execve(arguments[0], arguments.data(), environment.data());
    _exit(127);
}

void rabbitmq_server::start_port_mapper() {
    int const log = open_log(directory_ + "/mapper.log");
    mapper_ = spawn(
        {"/usr/bin/epmd", "-address", "127.0.0.1", "-port", std::to_string(mapper_port_)}, log);
    close(log);
    while (!answers(mapper_port_, {})) {
        int status = 0;
        if (waitpid(mapper_, &status, WNOHANG) == mapper_) fail("epmd ended");
        std::this_thread::sleep_for(5ms);
    }
}

void rabbitmq_server::start() {
    std::string const log_file = directory_ + "/output.log";
    int const log = open_log(log_file);
    process_ = spawn({programs + std::string("rabbitmq-server")}, log);
    close(log);
    auto const deadline = std::chrono::steady_clock::now() + start_timeout;
    while (!answers(port_, std::string("AMQP\0\0\x09\x01", 8))) {
        int status = 0;
        if (waitpid(process_, &status, WNOHANG) == process_) {
            process_ = -1;
            fail("the server ended:\n" + contents(log_file));
        }
        if (std::chrono::steady_clock::now() > deadline) fail("no answer:\n" + contents(log_file));
        std::this_thread::sleep_for(50ms);
    }
}

void rabbitmq_server::stop(how manner) {
    if (process_ < 0) return;
    kill(process_, manner == how::fast ? SIGTERM : SIGKILL);
    wait_for(process_);
    process_ = -1;
}

void rabbitmq_server::freeze() {
    kill(process_, SIGSTOP);
}

void rabbitmq_server::thaw() {
    kill(process_, SIGCONT);
}

std::string rabbitmq_server::control(std::vector<std::string> words) const {
    std::string const output_file = directory_ + "/control.log";
    int const output = open(output_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    words.insert(words.begin(), {programs + std::string("rabbitmqctl"), "-q"});
    int const status = wait_for(spawn(std::move(words), output));
    close(output);
    auto text = contents(output_file);
    if (status != 0) fail("rabbitmqctl: " + text);
    return text;
}

double rabbitmq_server::cpu_seconds() const {
    std::string const text = contents("/proc/" + std::to_string(process_) + "/stat");
    // The name is in parentheses; user and system time are the fields 14 and 15.
    std::istringstream fields(text.substr(text.rfind(')') + 1));
    std::string skipped;
    for (int i = 0; i != 11; ++i) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace tests
