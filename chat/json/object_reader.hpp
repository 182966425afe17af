#pragma once

#include "chat/refusal.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// The fields of one JSON object that a client sent.
//
// Fields that nobody asks for are ignored. A field may have several spellings: the first one that
// is there counts, and null is the same as absent. The first thing that is wrong (no object, a
// field of the wrong type) is kept as problem(), and everything asked afterwards is absent: a
// decoder asks for all its fields and looks at the problem once. Used within one function: every
// thread has one parser, so a reader's fields are gone when the next reader is made on the same
// thread.

namespace chat::json {

using spellings = std::initializer_list<std::string_view>;

class object_reader {
public:
    // A problem's text has `inside` before the names of fields: "message." for what is in one. It
    // outlives us.
    explicit object_reader(std::string_view text, std::string_view inside = {});
    ~object_reader();
    object_reader(object_reader const&) = delete;
    object_reader& operator=(object_reader const&) = delete;

    // A positive whole number, 1 to 2^63-1; as a JSON number or as a string of digits.
    std::optional<std::uint64_t> id(spellings names);
    // A whole number from 0 to `highest`, in the same two forms.
    std::optional<std::uint64_t> number(spellings names, std::uint64_t highest);
    // A string without U+0000, which databases cannot store, of at most `longest` code points.
    std::optional<std::string> text(spellings names, std::size_t longest);
    // As text(), but a number is taken as its digits: for names that may be numeric.
    std::optional<std::string> text_or_number(spellings names, std::size_t longest);
    // One of the names in `known` (json/wire_names.hpp): its place there.
    std::optional<std::size_t> one_of(spellings names, std::span<std::string_view const> known);
    // An object, as minified JSON of at most `longest` bytes.
    std::optional<std::string> object(spellings names, std::size_t longest);
    // The whole object, in the same way; a problem with it calls it `name`.
    std::optional<std::string> itself(std::string_view name, std::size_t longest);

    // Notes that a required field is missing, unless something is wrong already.
    void missing(std::string_view name, std::string_view expected);
    void wrong(std::string_view name, std::string_view expected);

    std::optional<refusal> const& problem() const noexcept { return problem_; }

private:
    struct document;  // hides the parser
    struct found;
    bool find(spellings names, found& out);
    std::optional<std::string> text_of(found const& field, std::size_t longest);
    void blame(std::string_view name, std::string_view how, std::string_view expected);
    std::optional<std::string> within(std::size_t longest, std::string_view name,
                                      std::string minified);

    document* document_;  // the thread's
    std::string_view inside_;
    std::optional<refusal> problem_;
};

// Code points of valid UTF-8.
std::size_t code_points(std::string_view utf8) noexcept;

}  // namespace chat::json
