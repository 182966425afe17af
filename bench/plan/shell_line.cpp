#include "bench/plan/shell_line.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <string_view>

namespace bench {
namespace {

constexpr std::string_view hidden = "***";

std::string shell_word(std::string_view word) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
    if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) {
        return std::string(word);
    }
    std::string out = "'";
    for (char const c : word) {
        if (c == '\'') {
            out += R"('\'')";
        } else {
            out += c;
        }
    }
    return out + "'";
}

bool is_secret(std::string_view name) {
    constexpr std::array<std::string_view, 6> secrets{"passcode",     "password",      "token",
                                                      "access_token", "authorization", "cookie"};
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return std::ranges::find(secrets, lower) != secrets.end();
}

// Of "a=b;c=d" and of a query: what follows the '=' of each secret, up to one of `ends`.
std::string without_secrets(std::string_view text, std::string_view ends) {
    std::string out;
    while (!text.empty()) {
        auto const size = std::min(text.find_first_of(ends), text.size());
        auto const part = text.substr(0, size);
        auto const sign = part.find('=');
        auto const begin = std::min(part.find_first_not_of(' '), part.size());
        bool const secret = sign != std::string_view::npos && sign >= begin &&
                            is_secret(part.substr(begin, part.find_first_of(" =", begin) - begin));
        out += secret ? std::string(part.substr(0, sign + 1)) + std::string(hidden)
                      : std::string(part);
        if (size == text.size()) break;
        out += text[size];
        text.remove_prefix(size + 1);
    }
    return out;
}

// What a flag takes, as it may be shown.
std::string shown(std::string_view flag, std::string_view value) {
    if (flag == "--passcode") return std::string(hidden);
    if (flag == "--url") return without_secrets(value, "?&#");
    if (flag == "--target") return without_secrets(value, ";?&#");
    auto const colon = value.find(':');
    if (flag == "--header" && is_secret(value.substr(0, colon))) {
        return std::string(value.substr(0, colon)) + ": " + std::string(hidden);
    }
    return std::string(value);
}

}  // namespace

std::string shell_line(std::vector<std::string> const& words) {
    std::string out;
    std::string_view flag;  // whose value comes next
    for (std::string_view const word : words) {
        if (!out.empty()) out += ' ';
        auto const sign = word.find('=');
        bool const is_flag = word.starts_with("--");
        if (is_flag && sign != std::string_view::npos) {
            out += shell_word(std::string(word.substr(0, sign + 1)) +
                              shown(word.substr(0, sign), word.substr(sign + 1)));
        } else {
            out += shell_word(is_flag ? std::string(word) : shown(flag, word));
        }
        // A list goes on to the next flag; there is one passcode.
        if (is_flag) {
            flag = word;
        } else if (flag == "--passcode") {
            flag = {};
        }
    }
    return out;
}

}  // namespace bench
