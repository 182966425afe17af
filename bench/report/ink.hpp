#pragma once

#include <string>
#include <string_view>

// Colour for terminals that have it.

namespace bench {

class ink {
public:
    explicit ink(bool colour) noexcept : colour_(colour) {}

    std::string bold(std::string_view text) const { return in("1", text); }
    std::string faint(std::string_view text) const { return in("2", text); }
    std::string good(std::string_view text) const { return in("32", text); }
    std::string bad(std::string_view text) const { return in("1;31", text); }
    std::string warning(std::string_view text) const { return in("33", text); }
    std::string accent(std::string_view text) const { return in("36", text); }

private:
    std::string in(std::string_view code, std::string_view text) const {
        if (!colour_ || text.empty()) return std::string{text};
        return "\x1b[" + std::string{code} + "m" + std::string{text} + "\x1b[0m";
    }

    bool colour_;
};

}  // namespace bench
