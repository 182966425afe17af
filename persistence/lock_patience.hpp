#pragma once

#include <algorithm>
#include <chrono>

// PostgreSQL: what somebody else has locked is waited for in short turns, so that others, who need
// something else, come in between. A batch of messages has its rooms for as long as a commit takes.

namespace persistence {

// At first, by a batch or a job.
constexpr std::chrono::milliseconds lock_patience{500};
// By a job that comes while others have waited in vain: it may want the same.
constexpr std::chrono::milliseconds lock_patience_behind_others{20};
// By a job that has waited in vain before. One of them waits at a time.
constexpr std::chrono::milliseconds lock_patience_again{100};
// Until something is tried again.
constexpr std::chrono::milliseconds lock_retry_pause{100};

// Each of these is kept below the bound of a statement: what ends by that one does not say what it
// waited for.
constexpr std::chrono::milliseconds below(std::chrono::milliseconds statement_timeout,
                                          std::chrono::milliseconds patience) {
    return std::min(patience, statement_timeout / 2);
}

}  // namespace persistence
