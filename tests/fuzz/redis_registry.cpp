#include "broker/registry/redis/address.hpp"
#include "broker/registry/redis/member.hpp"
#include "tests/fuzz/choices.hpp"
#include "tests/fuzz/redis_server.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

// A node's part in the cluster, as Redis answers it: rightly, wrongly, or with something else.
// Whatever comes, each question is answered, once, and with no more than was asked for.
//
// The input is a list of steps: what is asked of the member, and how its commands are answered.

namespace fuzz {
namespace {

using namespace broker;
using redis::clock;

class queue final : public executor {
public:
    void post(unique_function<void()> work) override { work_.push_back(std::move(work)); }
    void run() {
        while (!work_.empty()) {
            for (auto& each : std::exchange(work_, {})) each();
        }
    }

private:
    std::vector<unique_function<void()>> work_;
};

constexpr std::array<std::string_view, 4> names{"7", "8", "/topic/a", "/topic/b"};

// Redis' highest number, and what this node has itself.
constexpr std::uint64_t most_counted = INT64_MAX + std::uint64_t{1'000'000};

redis::options options_for_test() {
    redis::options made;
    made.node = "a";
    made.internal_address = "10.0.0.1:9080";
    made.command_timeout = std::chrono::hours(1);
    made.on_event = [](redis::event const& what) { expect(!what.name.empty(), "no name"); };
    made.on_state = [](redis::state) {};
    made.on_presence = [](presence_change const&) {};
    return made;
}

class trial {
public:
    explicit trial(choices choose) : choose_(choose) {}

    void run() {
        while (!choose_.empty()) {
            step();
            turn();
        }
        if (now_.time_since_epoch().count() % 2 == 0) member_.say_goodbye(clock::now());
        member_.end();
        home_.run();
        for (auto const times : answered_) expect(times == 1, "a question without its answer");
    }

private:
    void turn() {
        member_.turn(true, now_);
        home_.run();
        if (server_) server_->take_commands();
        for (auto const times : answered_) expect(times <= 1, "a question answered twice");
    }

    void step() {
        auto const what = choose_.next() % 32;
        if (what < 8) {
            if (!server_ || member_.link() == nullptr) return connect();
            return server_->answer_well(choose_);
        }
        switch (what) {
            case 8:
                if (server_) server_->answer_somehow(choose_);
                break;
            case 9:
                if (server_) server_->send(choose_.take(choose_.next() % 64));
                break;
            case 10: server_.reset(); break;
            case 11: member_.unreachable("nobody is there"); break;
            case 12: member_.master_moved("10.0.0.9:6379"); break;
            case 13:
            case 14: now_ += std::chrono::milliseconds(200 * choose_.next()); break;
            default: ask(what - 15); break;
        }
    }

    void connect() {
        if (member_.link() != nullptr) return;
        server_ = std::make_unique<redis_server>();
        redis::established link{
            .line = std::make_unique<redis::wire>(server_->client(), std::chrono::seconds(1)),
            .place = "10.0.0.9:6380",
            .run_id = "r",
            .scripts = {}};
        for (std::size_t i = 0; i != redis::script_count; ++i) {
            link.scripts.at(i) = std::to_string(i);
        }
        member_.connected(std::move(link), now_);
    }

    void ask(int what) {
        std::string const name(names.at(choose_.next() % names.size()));
        interest const one{name.front() == '/' ? interest_kind::topic : interest_kind::user, name};
        switch (what) {
            case 0: member_.enter(one, home_, [done = question()] { ++*done; }); break;
            case 1: member_.leave(one); break;
            case 2:
            case 3: find(one); break;
            case 4: claim(name); break;
            case 5: member_.release(name); break;
            case 6: find_owner(name); break;
            case 7: member_.enter_room_user("1", name); break;
            case 8: member_.leave_room_user("1", name); break;
            case 9: find_room_users(); break;
            case 10: enter_session(name); break;
            case 11: member_.leave_session(name, "s1"); break;
            case 12: find_sessions(name); break;
            case 13: count_sessions(); break;
            case 14:
                member_.send_canary(7, [done = question()](std::string_view) { ++*done; });
                break;
            default:
                for (auto const& each : member_.other_nodes()) {
                    expect(each.id != "a", "this node among the others");
                }
        }
    }

    void find(interest const& one) {
        std::vector<interest> what{one, {interest_kind::pattern, ""}};
        if (choose_.next() % 2 == 0) what.push_back({interest_kind::topic, "/topic/b"});
        auto const size = what.size();
        member_.find(std::move(what),
                     [done = question(), size](std::optional<interested_nodes> const& found) {
                         ++*done;
                         if (!found) return;
                         expect(found->size() == size, "another number of answers");
                         for (auto const& nodes : *found) {
                             std::set<std::string> const all(nodes.begin(), nodes.end());
                             expect(all.size() == nodes.size(), "a node twice");
                             expect(!all.contains("a") && !all.contains(""), "a node that is none");
                         }
                     });
    }

    void claim(std::string const& session) {
        member_.claim(session, home_, [done = question()](std::optional<session_owner> const& who) {
            ++*done;
            if (who) expect(who->here == (who->node == "a"), "here, and elsewhere");
        });
    }

    void find_owner(std::string const& session) {
        member_.find_owner(session, home_,
                           [done = question()](std::optional<session_owner> const& who) {
                               ++*done;
                               if (who) expect(who->here == (who->node == "a"), "here and there");
                           });
    }

    void find_room_users() {
        auto const most = choose_.next() % 4U;
        member_.find_room_users("1", most, home_,
                                [done = question(), most](std::optional<room_presence> const& got) {
                                    ++*done;
                                    if (!got) return;
                                    expect(got->users.size() <= most, "more users than asked for");
                                    expect(got->count <= most_counted, "less than nobody");
                                });
    }

    void enter_session(std::string const& user) {
        member_.enter_session({.user = user,
                               .id = "s1",
                               .transport = "websocket",
                               .since = std::chrono::sys_seconds(std::chrono::seconds(1))},
                              home_, [done = question()] { ++*done; });
    }

    void find_sessions(std::string const& user) {
        auto const most = choose_.next() % 4U;
        member_.find_sessions(user, most, home_,
                              [done = question(), most](found_sessions const& found) {
                                  ++*done;
                                  expect(found.sessions.size() <= most, "more than asked for");
                                  expect(found.count >= found.sessions.size(), "more than counted");
                                  expect(found.count <= most_counted, "less than none");
                                  for (auto const& each : found.sessions) {
                                      expect(std::chrono::abs(each.since.time_since_epoch()) <
                                                 std::chrono::hours(24 * 366 * 10'000LL),
                                             "a time that cannot be shown");
                                  }
                              });
    }

    void count_sessions() {
        std::vector<std::string> users;
        for (auto left = choose_.next() % 5U; left != 0; --left)
            users.emplace_back(names.at(left - 1));
        auto const size = users.size();
        member_.count_sessions(std::move(users), home_,
                               [done = question(), size](session_counts const& found) {
                                   ++*done;
                                   expect(found.counts.size() == size, "another number of counts");
                                   for (auto const each : found.counts) {
                                       expect(each <= most_counted, "less than none");
                                   }
                               });
    }

    // Where its answers are counted.
    int* question() { return &answered_.emplace_back(0); }

    choices choose_;
    clock::time_point now_ = clock::now();
    queue home_;
    std::deque<int> answered_;
    redis::options const options_ = options_for_test();
    std::unique_ptr<redis_server> server_;
    redis::member member_{options_, [] {}};
};

}  // namespace
}  // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    fuzz::trial(fuzz::choices(data, size)).run();
    return 0;
}
