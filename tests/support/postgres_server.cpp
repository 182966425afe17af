#include "tests/support/postgres_server.hpp"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/support/free_port.hpp"

namespace tests {

namespace {

namespace fs = std::filesystem;

constexpr char const* programs = "/usr/lib/postgresql/15/bin/";

[[noreturn]] void fail(std::string const& what) {
    throw std::runtime_error("postgres_server: " + what);
}

passwd const* postgres_user() {
    if (geteuid() != 0) return nullptr;
    passwd const* found = getpwnam("postgres");
    if (found == nullptr) fail("there is no user postgres");
    return found;
}

// Starts a program as the user postgres, which dies with the calling thread.
pid_t spawn(std::vector<std::string> words, std::string const& log) {
    passwd const* user = postgres_user();
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t const parent = getpid();
    pid_t const child = fork();
    if (child < 0) fail("fork");
    if (child > 0) return child;

    // From here on only what may be called between fork and exec of a threaded program.
    if (user != nullptr && (setgroups(1, &user->pw_gid) != 0 || setgid(user->pw_gid) != 0 ||
                            setuid(user->pw_uid) != 0)) {
        _exit(126);
    }
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (getppid() != parent) _exit(126);
    int const output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    int const input = open("/dev/null", O_RDONLY);
    dup2(input, 0);
    dup2(output, 1);
    dup2(output, 2);
    close_range(3, ~0U, 0);
    if (chdir("/") != 0) _exit(126);
    execv(arguments[0], arguments.data());
    _exit(127);
}

int wait_for(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

std::string contents(std::string const& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

void postgres_server::make_directory() {
    std::string base = (fs::temp_directory_path() / "stampede-postgres-XXXXXX").string();
    if (mkdtemp(base.data()) == nullptr) fail("mkdtemp " + base);
    directory_ = base;
    if (passwd const* user = postgres_user();
        user != nullptr && chown(base.c_str(), user->pw_uid, user->pw_gid) != 0) {
        fail("chown " + base);
    }
}

postgres_server::postgres_server(standby_of other) {
    make_directory();
    std::string const data = directory_ + "/data";
    std::string const log = directory_ + "/log";
    int const status = wait_for(
        spawn({programs + std::string("pg_basebackup"), "--pgdata=" + data, "--host=127.0.0.1",
               "--port=" + std::to_string(other.source.port()), "--username=postgres",
               "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"},
              log));
    if (status != 0) fail("pg_basebackup failed:\n" + contents(log));
    std::ofstream(data + "/postgresql.conf", std::ios::app)
        << "unix_socket_directories = '" << directory_ << "'\n";
    start();
}

postgres_server::postgres_server(std::string const& settings) {
    make_directory();
    std::string const data = directory_ + "/data";
    std::string const log = directory_ + "/log";
    int const status =
        wait_for(spawn({programs + std::string("initdb"), "--pgdata=" + data, "--username=postgres",
                        "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"},
                       log));
    if (status != 0) fail("initdb failed:\n" + contents(log));
    std::ofstream(data + "/postgresql.conf", std::ios::app)
        << "listen_addresses = '127.0.0.1'\nunix_socket_directories = '" << directory_
        << "'\nmax_connections = 200\nfsync = on\nsynchronous_commit = on\n"
        << "logging_collector = off\nlog_min_messages = warning\n"
        << settings << "\n";
    // Whoever is called "walled" needs a password.
    std::string const rules = contents(data + "/pg_hba.conf");
    std::ofstream(data + "/pg_hba.conf") << "host all walled 127.0.0.1/32 scram-sha-256\n" << rules;
    start();
}

postgres_server::~postgres_server() {
    stop(how::crash);
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
}

postgres_server& postgres_server::shared() {
    // Deadlocks are looked for at once; the tests make some.
    static postgres_server one("deadlock_timeout = 50ms");
    return one;
}

std::string postgres_server::connection_string(std::string const& database) const {
    return "host=127.0.0.1 port=" + std::to_string(port_) + " user=postgres dbname=" + database;
}

std::string postgres_server::fresh_schema() {
    std::string const name = "s" + std::to_string(++schemas_);
    execute("CREATE SCHEMA " + name);
    return connection_string() + " options='-c search_path=" + name + "'";
}

void postgres_server::execute(std::string const& sql) {
    std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectdb(connection_string().c_str()),
                                                          PQfinish);
    std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection.get(), sql.c_str()),
                                                          PQclear);
    ExecStatusType const status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fail(PQerrorMessage(connection.get()));
    }
}

void postgres_server::stop(how manner) {
    if (process_ < 0) return;
    // SIGINT breaks connections off and writes a checkpoint; SIGQUIT leaves a recovery to do.
    kill(process_, manner == how::fast ? SIGINT : SIGQUIT);
    wait_for(process_);
    process_ = -1;
}

void postgres_server::start() {
    using namespace std::chrono_literals;
    if (port_ == 0) port_ = free_port();
    std::string const log = directory_ + "/log";
    process_ = spawn({programs + std::string("postgres"), "-D", directory_ + "/data", "-p",
                      std::to_string(port_)},
                     log);
    std::string const address = connection_string();
    while (PQping(address.c_str()) != PQPING_OK) {
        int status = 0;
        if (waitpid(process_, &status, WNOHANG) == process_) {
            process_ = -1;
            fail("the server ended:\n" + contents(log));
        }
        std::this_thread::sleep_for(10ms);
    }
}

double postgres_server::cpu_seconds() const {
    double ticks = 0;
    for (auto const& entry : fs::directory_iterator("/proc")) {
        if (entry.path().filename().string().find_first_not_of("0123456789") != std::string::npos) {
            continue;
        }
        std::string const text = contents(entry.path().string() + "/stat");
        // The name is in parentheses and may hold blanks; state and parent follow it.
        auto const after_name = text.rfind(')');
        if (after_name == std::string::npos) continue;
        std::istringstream fields(text.substr(after_name + 1));
        std::string state;
        pid_t parent = 0;
        fields >> state >> parent;
        if (parent != process_) continue;
        std::string skipped;
        for (int i = 0; i != 9; ++i) fields >> skipped;
        double user = 0;
        double system = 0;
        fields >> user >> system;
        ticks += user + system;
    }
    return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace tests
