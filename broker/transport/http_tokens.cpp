#include "broker/transport/http_tokens.hpp"

#include "broker/trimmed.hpp"

#include <algorithm>

namespace broker::transport {
namespace {

char lower(char character) noexcept {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character + 32) : character;
}

// Reads from the front of a header value.
class scanner {
public:
    explicit scanner(std::string_view text) : left_(text) {}

    void skip_space() {
        while (!left_.empty() && (left_.front() == ' ' || left_.front() == '\t')) {
            left_.remove_prefix(1);
        }
    }

    bool at_end() {
        skip_space();
        return left_.empty();
    }

    bool take(char wanted) {
        skip_space();
        if (left_.empty() || left_.front() != wanted) return false;
        left_.remove_prefix(1);
        return true;
    }

    std::string token() {
        skip_space();
        auto const end = std::find_if_not(left_.begin(), left_.end(), is_token_character);
        std::string found(left_.begin(), end);
        left_.remove_prefix(found.size());
        return found;
    }

    // After the opening quote.
    std::optional<std::string> quoted() {
        std::string found;
        while (!left_.empty()) {
            char character = left_.front();
            left_.remove_prefix(1);
            if (character == '"') return found;
            if (character == '\\') {
                if (left_.empty()) return std::nullopt;
                character = left_.front();
                left_.remove_prefix(1);
            }
            found += character;
        }
        return std::nullopt;
    }

private:
    std::string_view left_;
};

std::string lowered(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), lower);
    return text;
}

}  // namespace

bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

bool is_token_character(char character) noexcept {
    if ((character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
        (character >= 'A' && character <= 'Z')) {
        return true;
    }
    return std::string_view("!#$%&'*+-.^_`|~").find(character) != std::string_view::npos;
}

bool list_contains(std::string_view list, std::string_view member) noexcept {
    while (!list.empty()) {
        auto const comma = list.find(',');
        if (equal_ignoring_case(trimmed(list.substr(0, comma)), member)) return true;
        if (comma == std::string_view::npos) return false;
        list.remove_prefix(comma + 1);
    }
    return false;
}

std::optional<std::vector<http_parameter_list>> parse_parameter_lists(std::string_view text) {
    std::vector<http_parameter_list> lists;
    scanner scan(text);
    while (!scan.at_end()) {
        if (scan.take(',')) continue;  // empty members are allowed
        http_parameter_list list;
        list.name = lowered(scan.token());
        if (list.name.empty()) return std::nullopt;
        while (scan.take(';')) {
            auto name = lowered(scan.token());
            if (name.empty()) return std::nullopt;
            std::optional<std::string> value;
            if (scan.take('=')) {
                value = scan.take('"') ? scan.quoted() : std::optional(scan.token());
                if (!value || value->empty()) return std::nullopt;
            }
            list.parameters.emplace_back(std::move(name), std::move(value));
        }
        lists.push_back(std::move(list));
        if (!scan.at_end() && !scan.take(',')) return std::nullopt;
    }
    return lists;
}

}  // namespace broker::transport
