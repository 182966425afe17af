#pragma once

#include <algorithm>
#include <chrono>

// PostgreSQL: what somebody else has locked is waited for in short turns, so that others, who need
// something else, come in between. A batch of messages has its rooms for as long as a commit takes.

namespace persistence {

// At first, by a batch or a job. Less than a statement may take, of which only the server knows
// what it waited for.
inline std::chrono::milliseconds lock_patience(std::chrono::milliseconds statement_timeout) {
    return std::min<std::chrono::milliseconds>(statement_timeout / 2,
                                               std::chrono::milliseconds(500));
}
// By a job that comes while others have waited in vain: it may want the same.
constexpr std::chrono::milliseconds lock_patience_behind_others{20};
// By a job that has waited in vain before. One of them waits at a time.
constexpr std::chrono::milliseconds lock_patience_again{100};
// Until something is tried again.
constexpr std::chrono::milliseconds lock_retry_pause{100};

}  // namespace persistence
