#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What the bench writes into each body to know it again: the run, the publisher, the message's
// number and when it was due. It may stand anywhere in a body, so in a JSON string, too.

namespace bench {

struct stamp {
    std::uint32_t run = 0;        // another run's messages are not ours
    std::uint32_t publisher = 0;  // over all threads
    std::uint64_t number = 0;     // 1, 2, 3 ... of this publisher
    std::chrono::steady_clock::time_point due;
};

inline constexpr std::size_t stamp_size = 50;

// Writes the stamp's characters, printable ones, over the start of `out`; at least stamp_size.
void write_stamp(stamp const& value, char* out) noexcept;

// The first stamp in a body; nothing when there is none.
std::optional<stamp> find_stamp(std::string_view body) noexcept;

// A text of at least stamp_size bytes whose stamp is written anew for each message.
class stamped_text {
public:
    stamped_text(std::string_view before, std::size_t bytes, std::string_view after);

    std::string_view with(stamp const& value) noexcept {
        write_stamp(value, text_.data() + at_);
        return text_;
    }

private:
    std::string text_;
    std::size_t at_;
};

}  // namespace bench
