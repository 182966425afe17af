#include "stomp/frame_parser.hpp"

#include "stomp/head_reader.hpp"

#include <algorithm>
#include <cstring>

namespace stomp {

using detail::body_plan;
using detail::head_reader;

namespace {

constexpr limits no_limits{detail::nowhere, detail::nowhere, detail::nowhere, detail::nowhere};

}  // namespace

// A frame whose end has not come yet, with where reading stopped.
struct frame_parser::partial_frame {
    explicit partial_frame(head_reader const& r) : reader(r) {}

    // Doubles the memory when it is full, but never goes beyond what the frame will need.
    void append(std::string_view piece) {
        auto const size = bytes.size() + piece.size();
        if (size > bytes.capacity()) {
            auto room = std::max(size, 2 * bytes.capacity());
            if (in_body() && plan.content_length) {
                room = std::min(room, head_size + *plan.content_length + 1);
            }
            bytes.reserve(room);
        }
        bytes.insert(bytes.end(), piece.begin(), piece.end());
    }

    // Reads the head, which is complete, anew: the views of the first reading are gone.
    std::variant<body_plan, parse_error> read_head(limits const& bounds,
                                                   std::vector<header_view>& headers) {
        auto const head = std::string_view(bytes.data(), head_size);
        headers.clear();
        reader = head_reader(reader.negotiated());
        reader.advance(head.data(), head.size(), no_limits, headers);
        return detail::finish_head(reader, head, bounds, headers);
    }

    bool in_body() const noexcept { return head_size != 0; }
    std::size_t body_size() const noexcept { return bytes.size() - head_size; }
    std::string_view body() const noexcept { return {bytes.data() + head_size, body_size()}; }

    // How much of `input` belongs to the body, its NUL included, or shows it to be wrong.
    std::size_t missing_body(std::span<char const> input, limits const& bounds) const noexcept {
        if (plan.content_length) return *plan.content_length + 1 - body_size();
        if (!plan.allowed) return 1;
        auto const room = bounds.max_body - std::min(bounds.max_body, body_size());
        auto const window = std::min(input.size(), std::min(room, detail::nowhere - 1) + 1);
        auto const* const nul = static_cast<char const*>(std::memchr(input.data(), '\0', window));
        return nul ? static_cast<std::size_t>(nul - input.data()) + 1 : window;
    }

    std::vector<char> bytes;
    head_reader reader;
    std::size_t head_size = 0;  // 0: still in the head
    body_plan plan;             // once in the body
};

namespace {

// Where the body ends, from its first `size` bytes of which `looked_at` hold no end.
struct body_end {
    enum class kind { open, closed, failed } what = kind::open;
    std::size_t size = 0;  // closed: of the body, without the NUL
    parse_error error{};
};

body_end find_body_end(std::string_view body, std::size_t looked_at, body_plan const& plan,
                       command c, limits const& bounds) {
    if (plan.content_length) {
        auto const length = *plan.content_length;
        if (body.size() <= length) return {};
        if (body[length] == '\0') return {body_end::kind::closed, length};
        return {body_end::kind::failed, 0, {.code = errc::missing_terminator}};
    }
    if (!plan.allowed) {
        if (body.empty()) return {};
        if (body[0] == '\0') return {body_end::kind::closed, 0};
        return {body_end::kind::failed, 0, {errc::body_not_allowed, to_string(c)}};
    }
    auto const end = std::min(body.size(), std::min(bounds.max_body, detail::nowhere - 1) + 1);
    if (looked_at < end) {
        auto const* const nul = std::memchr(body.data() + looked_at, '\0', end - looked_at);
        if (nul) {
            auto const size = static_cast<std::size_t>(static_cast<char const*>(nul) - body.data());
            return {body_end::kind::closed, size};
        }
    }
    if (end <= bounds.max_body) return {};
    return {body_end::kind::failed, 0, {errc::body_too_large, {}, bounds.max_body}};
}

frame make_frame(head_reader const& reader, body_plan const& plan, std::string_view body,
                 std::vector<header_view>& headers) {
    if (reader.has_escapes()) detail::unescape_headers(headers, reader.rules());
    return {.command = reader.command(),
            .has_content_length = plan.content_length.has_value(),
            .headers = headers,
            .body = body};
}

// The first `most` bytes of `input`, which moves past them.
std::string_view take(std::span<char>& input, std::size_t most) noexcept {
    auto const size = std::min(most, input.size());
    auto const piece = std::string_view(input.data(), size);
    input = input.subspan(size);
    return piece;
}

std::string printable(std::string_view text) {
    constexpr std::size_t longest = 64;
    std::string result;
    for (auto const c : text.substr(0, longest)) result += c >= ' ' && c <= '~' ? c : '?';
    if (text.size() > longest) result += "...";
    return result;
}

}  // namespace

std::string parse_error::describe() const {
    auto const quoted = subject.empty() ? std::string() : " '" + printable(subject) + "'";
    auto const bound = std::to_string(limit);
    switch (code) {
        case errc::unknown_command: return "A frame begins with the unknown command" + quoted + ".";
        case errc::malformed_header:
            return "The header line" + quoted + " has no name or no ':' after it.";
        case errc::nul_in_head: return "A NUL came before the blank line that ends the headers.";
        case errc::stray_octet:
            return "Only line ends may stand between the NUL of a frame and the next command.";
        case errc::undefined_escape:
            return "The header" + quoted +
                   " has a backslash that begins no escape of this version.";
        case errc::head_not_utf8: return "The command and headers of a frame must be UTF-8.";
        case errc::invalid_content_length: return "The content-length" + quoted + " is no number.";
        case errc::missing_terminator:
            return "The octet after the body of content-length octets is not NUL.";
        case errc::body_not_allowed:
            return "The frame" + quoted + " has a body; only SEND, MESSAGE and ERROR may.";
        case errc::header_line_too_long:
            return "The header line" + quoted + " is longer than " + bound + " bytes.";
        case errc::too_many_headers: return "A frame has more than " + bound + " headers.";
        case errc::headers_too_large:
            return "The headers of a frame take more than " + bound + " bytes.";
        case errc::body_too_large:
            return "The body of a frame takes more than " + bound + " bytes.";
        default: return std::string(text(code)) + '.';
    }
}

frame_parser::frame_parser() noexcept = default;
frame_parser::frame_parser(frame_parser&&) noexcept = default;
frame_parser& frame_parser::operator=(frame_parser&&) noexcept = default;
frame_parser::~frame_parser() = default;

std::size_t frame_parser::held_bytes() const noexcept {
    return partial_ ? sizeof(partial_frame) + partial_->bytes.capacity() : 0;
}

outcome frame_parser::next(std::span<char>& input, header_scratch& scratch, limits const& bounds) {
    scratch.clear();
    if (failed_) return fail({.code = *failed_}, input);
    if (input.empty()) return need_more{};
    if (partial_) return resume(input, scratch, bounds);
    if (input.front() <= '\r' || after_cr_ || nul_due_) {
        if (auto skipped = skip_line_ends(input)) {
            if (auto const* error = std::get_if<parse_error>(&*skipped)) {
                return fail(*error, input);
            }
            return *skipped;
        }
    }
    return begin(input, scratch, bounds);
}

// What stands between frames: line ends, and the NUL that may follow a frame ended by
// finish_message. Nothing if a frame begins.
std::optional<outcome> frame_parser::skip_line_ends(std::span<char>& input) {
    if (nul_due_) {
        nul_due_ = false;
        loses_nul_ = input.front() != '\0';
        if (!loses_nul_) input = input.subspan(1);
    }
    auto beat = false;
    while (!input.empty()) {
        auto const c = input.front();
        if (c == '\n') {
            beat = true;
            after_cr_ = false;
        } else if (c == '\r' && !after_cr_) {
            after_cr_ = true;
        } else {
            break;
        }
        input = input.subspan(1);
    }
    if (beat) return heart_beat{};
    if (input.empty()) return need_more{};
    if (after_cr_ || input.front() == '\0') return parse_error{.code = errc::stray_octet};
    return std::nullopt;
}

outcome frame_parser::begin(std::span<char>& input, header_scratch& scratch, limits const& bounds) {
    auto* const frame_begin = input.data();
    auto const available = std::string_view(input.data(), input.size());
    auto& headers = scratch.headers_;
    auto reader = head_reader(version_);
    auto const refuse = [&](parse_error error) {
        error.receipt = reader.find_receipt(frame_begin);
        return fail(error, input);
    };
    auto const progress = reader.advance(input.data(), input.size(), bounds, headers);
    if (auto const* error = std::get_if<parse_error>(&progress)) return refuse(*error);

    auto const* const complete = std::get_if<head_reader::complete>(&progress);
    auto plan = body_plan{};
    if (complete) {
        auto const head = available.substr(0, complete->size);
        auto const finished = detail::finish_head(reader, head, bounds, headers);
        if (auto const* error = std::get_if<parse_error>(&finished)) {
            return refuse(*error);
        }
        plan = *std::get_if<body_plan>(&finished);

        auto const rest = available.substr(head.size());
        auto const end = find_body_end(rest, 0, plan, reader.command(), bounds);
        if (end.what == body_end::kind::failed) return refuse(end.error);
        if (end.what == body_end::kind::closed) {
            input = input.subspan(head.size() + end.size + 1);
            return make_frame(reader, plan, rest.substr(0, end.size), headers);
        }
    }

    partial_ = std::make_unique<partial_frame>(reader);
    partial_->append(take(input, input.size()));
    if (complete) {
        partial_->head_size = complete->size;
        partial_->plan = plan;
    }
    return need_more{};
}

// Appends to the head line by line, so that nothing of what follows the head is copied.
std::optional<parse_error> frame_parser::resume_head(std::span<char>& input,
                                                     header_scratch& scratch,
                                                     limits const& bounds) {
    auto& partial = *partial_;
    while (!partial.in_body() && !input.empty()) {
        // One byte over the limit is enough to find it exceeded.
        auto const room =
            bounds.max_headers_total - std::min(bounds.max_headers_total, partial.bytes.size());
        auto const window = std::min(input.size(), std::max<std::size_t>(room, 1));
        auto const* const lf = static_cast<char const*>(std::memchr(input.data(), '\n', window));
        partial.append(take(input, lf ? static_cast<std::size_t>(lf - input.data()) + 1 : window));

        auto const progress = partial.reader.advance(partial.bytes.data(), partial.bytes.size(),
                                                     bounds, scratch.headers_);
        if (auto const* error = std::get_if<parse_error>(&progress)) return *error;
        auto const* const complete = std::get_if<head_reader::complete>(&progress);
        if (!complete) continue;

        partial.head_size = complete->size;
        auto const finished = partial.read_head(bounds, scratch.headers_);
        if (auto const* error = std::get_if<parse_error>(&finished)) return *error;
        partial.plan = *std::get_if<body_plan>(&finished);
    }
    return std::nullopt;
}

outcome frame_parser::resume(std::span<char>& input, header_scratch& scratch,
                             limits const& bounds) {
    auto& partial = *partial_;
    if (!partial.in_body()) {
        if (auto const error = resume_head(input, scratch, bounds)) {
            return fail_partial(*error, input, scratch);
        }
        if (!partial.in_body()) return need_more{};
    }

    auto const looked_at = partial.body_size();
    partial.append(take(input, partial.missing_body(input, bounds)));
    auto const end =
        find_body_end(partial.body(), looked_at, partial.plan, partial.reader.command(), bounds);
    if (end.what == body_end::kind::failed) return fail_partial(end.error, input, scratch);
    if (end.what == body_end::kind::open) return need_more{};
    return finish_partial(scratch, end.size);
}

outcome frame_parser::finish_message(header_scratch& scratch) {
    if (!partial_ || !partial_->in_body()) return need_more{};
    auto const& partial = *partial_;
    auto const size = partial.body_size();
    auto const& length = partial.plan.content_length;
    auto const has_body = rule_of(partial.reader.command()).may_have_body || size != 0;
    auto const complete = length ? size == *length : !has_body || loses_nul_;
    if (!complete) return need_more{};
    nul_due_ = true;
    return finish_partial(scratch, size);
}

// The bytes move to `scratch`, so that the parser holds nothing from here on.
outcome frame_parser::finish_partial(header_scratch& scratch, std::size_t body_size) {
    auto& headers = scratch.headers_;
    partial_->read_head(no_limits, headers);
    auto const body = partial_->body().substr(0, body_size);
    auto const result = make_frame(partial_->reader, partial_->plan, body, headers);
    scratch.assembled_ = std::move(partial_->bytes);
    partial_.reset();
    return result;
}

outcome frame_parser::fail(parse_error error, std::span<char>& input) {
    failed_ = error.code;
    input = input.subspan(input.size());
    return error;
}

outcome frame_parser::fail_partial(parse_error error, std::span<char>& input,
                                   header_scratch& scratch) {
    error.receipt = partial_->reader.find_receipt(partial_->bytes.data());
    scratch.assembled_ = std::move(partial_->bytes);
    partial_.reset();
    return fail(error, input);
}

}  // namespace stomp
