#include "bench/client/stomp_frame.hpp"

#include "bench/client/stomp_client.hpp"

#include <charconv>
#include <cstddef>
#include <cstring>
#include <optional>

namespace bench {
namespace {

constexpr auto npos = std::string_view::npos;

void skip_line_ends(std::string_view& bytes) noexcept {
    std::size_t at = 0;
    while (at < bytes.size() && (bytes[at] == '\n' || bytes[at] == '\r')) ++at;
    bytes.remove_prefix(at);
}

// Calls `line` for each header's line, without its end, until it answers false. Returns where the
// body begins, or npos when the head has no end.
template <class Line>
std::size_t walk_head(std::string_view frame, Line line) noexcept {
    std::size_t at = frame.find('\n');
    while (at != npos) {
        ++at;
        std::size_t const end = frame.find('\n', at);
        if (end == npos) return npos;
        std::size_t size = end - at;
        if (size > 0 && frame[end - 1] == '\r') --size;
        if (size == 0) return end + 1;
        if (!line(frame.substr(at, size))) return npos;
        at = end;
    }
    return npos;
}

std::optional<std::size_t> content_length(std::string_view line) noexcept {
    constexpr std::string_view name = "content-length:";
    if (!line.starts_with(name)) return std::nullopt;
    line.remove_prefix(name.size());
    auto const first = line.find_first_not_of(' ');
    if (first == npos) return std::nullopt;
    std::size_t out = 0;
    auto const [stop, error] = std::from_chars(line.data() + first, line.data() + line.size(), out);
    if (error != std::errc{}) return std::nullopt;
    return out;
}

}  // namespace

bool take_frame(std::string_view& bytes, std::string_view& frame) noexcept {
    skip_line_ends(bytes);
    std::optional<std::size_t> length;
    std::size_t const body = walk_head(bytes, [&](std::string_view line) {
        if (!length) length = content_length(line);
        return true;
    });
    // A NUL in the head ends what is no frame.
    std::size_t end = bytes.substr(0, body).find('\0');
    if (end == npos) {
        if (body == npos) return false;
        if (length) {
            // Written so that a length near the end of the range does not wrap around.
            if (*length >= bytes.size() - body) return false;
            if (bytes[body + *length] == '\0') end = body + *length;
        }
        // Without a length, or with one that is not true.
        if (end == npos) end = bytes.find('\0', body);
        if (end == npos) return false;
    }
    frame = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    return true;
}

bool is_one_frame(std::string_view message, std::string_view& frame) noexcept {
    auto const* const nul =
        static_cast<char const*>(std::memchr(message.data(), '\0', message.size()));
    if (nul == nullptr) return false;
    auto const size = static_cast<std::size_t>(nul - message.data());
    if (size + 1 != message.size() && !is_heart_beat(message.substr(size + 1))) return false;
    frame = message.substr(0, size);
    skip_line_ends(frame);
    return true;
}

bool is_heart_beat(std::string_view bytes) noexcept {
    skip_line_ends(bytes);
    return bytes.empty();
}

server_command command_of(std::string_view frame) noexcept {
    auto const is = [frame](std::string_view name) {
        return frame.starts_with(name) && frame.size() > name.size() &&
               (frame[name.size()] == '\n' || frame[name.size()] == '\r');
    };
    if (is("MESSAGE")) return server_command::message;
    if (is("RECEIPT")) return server_command::receipt;
    if (is("CONNECTED")) return server_command::connected;
    if (is("ERROR")) return server_command::error;
    return server_command::unknown;
}

std::string_view header_of(std::string_view frame, std::string_view name) noexcept {
    std::string_view out;
    walk_head(frame, [&](std::string_view line) {
        if (line.size() <= name.size() || line[name.size()] != ':' || !line.starts_with(name)) {
            return true;
        }
        out = line.substr(name.size() + 1);
        return false;
    });
    return out;
}

std::string_view body_of(std::string_view frame) noexcept {
    auto const at = walk_head(frame, [](std::string_view) { return true; });
    return at == npos ? std::string_view() : frame.substr(at);
}

void append_header(std::string& out, std::string_view name, std::string_view value, bool escapes) {
    out.append(name).push_back(':');
    if (!escapes || value.find_first_of("\\:\r\n") == npos) {
        out.append(value);
    } else {
        for (char const c : value) {
            switch (c) {
                case '\\': out.append("\\\\"); break;
                case ':': out.append("\\c"); break;
                case '\r': out.append("\\r"); break;
                case '\n': out.append("\\n"); break;
                default: out.push_back(c);
            }
        }
    }
    out.push_back('\n');
}

std::string_view frame_view::header(std::string_view name) const noexcept {
    return header_of(bytes_, name);
}

std::string_view frame_view::body() const noexcept {
    return body_of(bytes_);
}

}  // namespace bench
