#pragma once

#include "persistence/sql_session.hpp"
#include "persistence/storage.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

// Says whether a replica may answer a read: it may when it has replayed whatever the source had
// committed when the read came. So a replica's answer is never older than the source's would be,
// whichever node wrote. Used by several threads; waits for the database. Never throws: a replica
// that is away, lags, or is none any more is not used for a while.
// docs/decisions/0017-a-replica-answers-what-it-has.md.

namespace persistence {

class replica {
public:
    // A read waits this long for the replica to catch up with it, then the source answers.
    static constexpr std::chrono::milliseconds patience{20};
    // For so long nobody asks a replica that lagged, or was away.
    static constexpr std::chrono::milliseconds pause_after_lag{1'000};
    static constexpr std::chrono::milliseconds pause_when_away{5'000};

    explicit replica(storage_options const& options);

    // True when `session`, which is made when it is empty, may answer a read that comes now.
    bool ready(std::unique_ptr<sql_session>& session);
    // The session failed in the middle of a read.
    void failed(std::unique_ptr<sql_session>& session, std::string_view why);

private:
    using clock = std::chrono::steady_clock;

    // Where the source's log stands. Positions of two servers can be compared only on one timeline
    // of one cluster: a replica that went another way than the new source has other data.
    struct position {
        std::int64_t cluster = 0;
        std::int64_t timeline = 0;
        std::string log;
    };

    enum class answer : std::int64_t { behind = 0, reached = 1, astray = 2 };

    bool connected(std::unique_ptr<sql_session>& session);
    // Read at the source after the call began; readers that come together share one.
    std::optional<position> source_position();
    static answer compare(sql_session& session, position const& wanted);
    void set_aside(std::chrono::milliseconds pause);
    void tell(bool back, std::string detail);

    storage_options const options_;
    std::atomic<clock::duration::rep> aside_until_{0};
    std::atomic<bool> away_{false};

    std::mutex mutex_;
    std::unique_ptr<sql_session> source_;
    clock::time_point source_pause_until_{};
    clock::time_point read_at_{};  // when the reading of last_ began
    std::optional<position> last_;
};

}  // namespace persistence
