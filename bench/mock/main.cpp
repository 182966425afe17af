#include "bench/client/client_loop.hpp"
#include "bench/mock/faults.hpp"
#include "bench/mock/mock_server.hpp"

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

// stampede-bench-mock: see mock_server.hpp. Prints "ready ws://127.0.0.1:PORT/ws", and at its end
// one line of JSON with what it did.

namespace {

using namespace bench;

std::atomic<bool> ended = false;
client_loop* running = nullptr;

extern "C" void on_signal(int /*number*/) {
    ended = true;
    running->wake();
}

constexpr char const* usage =
    R"(stampede-bench-mock: a small STOMP server that does wrong on purpose

  --port PORT                  0, the default, takes a free one

Messages, counted for each subscription:
  --lose-every N               number N, 2N, 3N ... is not delivered
  --duplicate-every N          ... is delivered twice
  --swap-every N               ... comes right after the next one
  --delay-every N --delay MS   ... comes later
  --delay MS                   all come later

Messages of chat rooms, counted for each room:
  --skip-seq-every N           before number N, 2N, 3N ... a seq is left out
  --repeat-seq-every N         ... has the seq of the one before

Subscriptions:
  --late-subscriptions N       each misses the next N messages to its destination

Counted over the server:
  --drop-connection-every N    deliveries in whose place the connection is cut
  --refuse-every N             CONNECTs that are answered by ERROR
  --no-receipt-every N         receipts that are not given
  --no-receipt-from N          receipts that are not given, from this number on
  --error-every N              SENDs that are answered by ERROR

  --stall-at SECONDS --stall MS
                               so long after the first SEND it does nothing at all for a while
  --heart-beat MS              heart-beats that it promises and wants
  --mute                       ... and does not send
  --spring                     RECEIPTs, users and heart-beats as Spring's simple broker has them
)";

struct options {
    std::uint64_t port = 0;
    faults wrong;
};

template <class Number>
Number number_of(std::string_view flag, std::string_view text) {
    Number out{};
    auto const [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || stop != text.data() + text.size() || out < Number{}) {
        throw std::invalid_argument(std::string(flag) + " needs a number, not \"" +
                                    std::string(text) + "\"");
    }
    return out;
}

options read_options(int argc, char** argv) {
    options out;
    faults& wrong = out.wrong;
    struct count {
        std::string_view flag;
        std::uint64_t* value;
    };
    count const counts[] = {
        {"--port", &out.port},
        {"--lose-every", &wrong.lose_every},
        {"--duplicate-every", &wrong.duplicate_every},
        {"--swap-every", &wrong.swap_every},
        {"--delay-every", &wrong.delay_every},
        {"--skip-seq-every", &wrong.skip_seq_every},
        {"--repeat-seq-every", &wrong.repeat_seq_every},
        {"--late-subscriptions", &wrong.late_subscriptions},
        {"--drop-connection-every", &wrong.drop_every},
        {"--refuse-every", &wrong.refuse_every},
        {"--no-receipt-every", &wrong.no_receipt_every},
        {"--no-receipt-from", &wrong.no_receipt_from},
        {"--error-every", &wrong.error_every},
    };
    struct span {
        std::string_view flag;
        std::chrono::milliseconds* value;
    };
    span const spans[] = {
        {"--delay", &wrong.delay},
        {"--stall", &wrong.stall},
        {"--heart-beat", &wrong.heart_beat},
    };
    for (int i = 1; i < argc; ++i) {
        std::string_view const flag = argv[i];
        if (flag == "--mute" || flag == "--spring") {
            (flag == "--mute" ? wrong.mute : wrong.spring) = true;
            continue;
        }
        if (i + 1 == argc) throw std::invalid_argument(std::string(flag) + " needs a value");
        std::string_view const value = argv[++i];
        bool known = false;
        for (auto const& [name, to] : counts) {
            if (flag != name) continue;
            *to = number_of<std::uint64_t>(flag, value);
            known = true;
        }
        for (auto const& [name, to] : spans) {
            if (flag != name) continue;
            *to = std::chrono::milliseconds(number_of<std::uint32_t>(flag, value));
            known = true;
        }
        if (flag == "--stall-at") {
            wrong.stall_at = std::chrono::duration<double>(number_of<double>(flag, value));
            known = true;
        }
        if (!known) throw std::invalid_argument("unknown option " + std::string(flag));
    }
    if (out.port > 65535) throw std::invalid_argument("--port is 65535 at most");
    if (wrong.delay_every != 0 && wrong.delay.count() == 0) {
        throw std::invalid_argument("--delay-every needs --delay MS");
    }
    return out;
}

int run(options const& wanted) {
    client_loop loop;
    running = &loop;
    mock_server server(loop, static_cast<std::uint16_t>(wanted.port), wanted.wrong);
    std::signal(SIGTERM, on_signal);
    std::signal(SIGINT, on_signal);
    std::printf("ready ws://127.0.0.1:%u/ws\n", unsigned{server.port()});
    std::fflush(stdout);
    while (!ended) loop.turn(bench_clock::now() + std::chrono::seconds(10));
    std::printf("%s\n", to_json(server.done()).c_str());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == "--help") {
        std::fputs(usage, stdout);
        return 0;
    }
    try {
        return run(read_options(argc, argv));
    } catch (std::invalid_argument const& e) {
        std::fprintf(stderr, "stampede-bench-mock: %s (see --help)\n", e.what());
        return 2;
    } catch (std::exception const& e) {
        std::fprintf(stderr, "stampede-bench-mock: %s\n", e.what());
        return 1;
    }
}
