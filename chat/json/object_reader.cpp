#include "chat/json/object_reader.hpp"

#include "chat/json/wire_names.hpp"
#include "chat/limits.hpp"

#include <simdjson.h>
#include <algorithm>
#include <charconv>
#include <vector>

namespace chat::json {
namespace {

namespace dom = simdjson::dom;

std::optional<std::uint64_t> whole_number(dom::element value) {
    if (value.is_uint64()) return value.get_uint64().value_unsafe();
    if (!value.is_string()) return std::nullopt;
    std::string_view const digits = value.get_string().value_unsafe();
    std::uint64_t number = 0;
    auto const* const end = digits.data() + digits.size();
    auto const parsed = std::from_chars(digits.data(), end, number);
    if (digits.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return number;
}

// In valid JSON a backslash begins an escape, unless it is the second one of an escape itself.
bool escapes_nul(std::string_view valid) {
    for (auto at = valid.find('\\'); at < valid.size(); at = valid.find('\\', at + 2)) {
        if (valid.substr(at).starts_with("\\u0000")) return true;
    }
    return false;
}

// The same JSON with whole numbers of 19 digits or more as floating-point ones: the parser takes no
// others that do not fit in 64 bits, and somebody may send them in a field that is not read here.
std::string with_rounded_numbers(std::string_view text) {
    constexpr std::size_t long_enough = 19;
    std::string out;
    bool in_string = false;
    for (std::size_t at = 0; at < text.size();) {
        char const c = text[at];
        if (in_string || c < '0' || c > '9') {
            auto const taken = in_string && c == '\\' ? text.substr(at, 2) : text.substr(at, 1);
            if (c == '"') in_string = !in_string;
            out += taken;
            at += taken.size();
            continue;
        }
        // A number, with what may follow its digits.
        auto const end = std::min(text.find_first_not_of("0123456789.eE+-", at), text.size());
        auto const number = text.substr(at, end - at);
        out += number;
        bool const whole = number.find_first_of(".eE") == std::string_view::npos;
        if (whole && number.size() >= long_enough) out += "e0";
        at = end;
    }
    return out;
}

}  // namespace

struct object_reader::found {
    std::string_view name;
    dom::element value;
};

struct object_reader::document {
    dom::parser parser;
    dom::object root;
    std::vector<found> fields;  // of the object: each is asked for by several names
    bool usable = false;
};

object_reader::object_reader(std::string_view text, std::string_view inside) : inside_(inside) {
    thread_local document of_this_thread;
    document_ = &of_this_thread;
    document_->usable = false;

    dom::element root;
    auto failed = document_->parser.parse(text.data(), text.size()).get(root);
    if (failed == simdjson::NUMBER_ERROR) {
        failed = document_->parser.parse(with_rounded_numbers(text)).get(root);
    }
    if (failed != simdjson::SUCCESS) {
        problem_ = text.empty()
                       ? refusal(errc::bad_json, "The body is empty; a JSON object was expected.")
                       : refusal(errc::bad_json, std::string("The body is not valid JSON: ") +
                                                     simdjson::error_message(failed));
        return;
    }
    if (root.get_object().get(document_->root) != simdjson::SUCCESS) {
        problem_ = refusal(errc::bad_json, "The body is JSON, but not an object.");
        return;
    }
    document_->fields.clear();
    for (auto const [name, value] : document_->root) document_->fields.push_back({name, value});
    document_->usable = true;
}

object_reader::~object_reader() = default;

bool object_reader::find(spellings names, found& out) {
    if (problem_ || !document_->usable) return false;
    for (auto const name : names) {
        auto const at = std::ranges::find(document_->fields, name, &found::name);
        if (at == document_->fields.end() || at->value.is_null()) continue;
        out = *at;
        return true;
    }
    return false;
}

std::optional<std::uint64_t> object_reader::id(spellings names) {
    found field;
    if (!find(names, field)) return std::nullopt;
    auto const number = whole_number(field.value);
    if (number && *number >= 1 && *number <= limits::highest_id) return number;
    wrong(field.name, "a whole number from 1 to " + std::to_string(limits::highest_id));
    return std::nullopt;
}

std::optional<std::uint64_t> object_reader::number(spellings names, std::uint64_t highest) {
    found field;
    if (!find(names, field)) return std::nullopt;
    auto const number = whole_number(field.value);
    if (number && *number <= highest) return number;
    wrong(field.name, "a whole number from 0 to " + std::to_string(highest));
    return std::nullopt;
}

std::optional<std::string> object_reader::text(spellings names, std::size_t longest) {
    found field;
    if (!find(names, field)) return std::nullopt;
    return text_of(field, longest);
}

std::optional<std::string> object_reader::text_or_number(spellings names, std::size_t longest) {
    found field;
    if (!find(names, field)) return std::nullopt;
    if (field.value.is_uint64()) return std::to_string(field.value.get_uint64().value_unsafe());
    return text_of(field, longest);
}

std::optional<std::string> object_reader::text_of(found const& field, std::size_t longest) {
    if (!field.value.is_string()) {
        wrong(field.name, "a string");
        return std::nullopt;
    }
    std::string_view const value = field.value.get_string().value_unsafe();
    if (value.find('\0') != std::string_view::npos) {
        wrong(field.name, "a string without U+0000");
        return std::nullopt;
    }
    // Counting is only needed when the bytes do not show it.
    if (value.size() > longest && code_points(value) > longest) {
        wrong(field.name, "a string of at most " + std::to_string(longest) + " characters");
        return std::nullopt;
    }
    return std::string(value);
}

std::optional<std::size_t> object_reader::one_of(spellings names,
                                                 std::span<std::string_view const> known) {
    found field;
    if (!find(names, field)) return std::nullopt;
    std::optional<std::size_t> place;
    if (field.value.is_string()) place = place_of(field.value.get_string().value_unsafe(), known);
    if (!place) {
        std::string expected = "one of";
        for (auto const one : known) expected.append(" ").append(one);
        wrong(field.name, expected);
    }
    return place;
}

std::optional<std::string> object_reader::object(spellings names, std::size_t longest) {
    found field;
    if (!find(names, field)) return std::nullopt;
    if (!field.value.is_object()) {
        wrong(field.name, "an object");
        return std::nullopt;
    }
    return within(longest, field.name, simdjson::minify(field.value));
}

std::optional<std::string> object_reader::itself(std::string_view name, std::size_t longest) {
    if (problem_ || !document_->usable) return std::nullopt;
    return within(longest, name, simdjson::minify(document_->root));
}

std::optional<std::string> object_reader::within(std::size_t longest, std::string_view name,
                                                 std::string minified) {
    if (escapes_nul(minified)) {
        wrong(name, "an object without U+0000");
        return std::nullopt;
    }
    if (minified.size() > longest) {
        wrong(name, "an object of at most " + std::to_string(longest) + " bytes");
        return std::nullopt;
    }
    return minified;
}

void object_reader::missing(std::string_view name, std::string_view expected) {
    blame(name, "is missing: it must be", expected);
}

void object_reader::wrong(std::string_view name, std::string_view expected) {
    blame(name, "must be", expected);
}

void object_reader::blame(std::string_view name, std::string_view how, std::string_view expected) {
    if (problem_) return;
    std::string text("The field '");
    text.append(inside_).append(name).append("' ").append(how).append(" ").append(expected);
    problem_ = refusal(errc::bad_field, text.append("."));
}

std::size_t code_points(std::string_view utf8) noexcept {
    return static_cast<std::size_t>(std::ranges::count_if(
        utf8, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

}  // namespace chat::json
