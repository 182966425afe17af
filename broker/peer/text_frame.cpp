#include "broker/peer/text_frame.hpp"

#include "broker/transport/sockjs/utf8.hpp"

namespace broker {
namespace {

constexpr std::string_view end_of_head = "\n\n";
constexpr std::string_view length_header = "content-length:";

}  // namespace

std::string as_text_frame(std::string_view frame) {
    auto const head_size = frame.find(end_of_head);
    if (head_size == std::string_view::npos) return transport::sockjs::replace_invalid_utf8(frame);
    std::string_view head = frame.substr(0, head_size);
    std::string_view body = frame.substr(head_size + end_of_head.size());
    if (body.ends_with('\0')) body.remove_suffix(1);
    auto const text = transport::sockjs::replace_invalid_utf8(body);

    std::string out;
    out.reserve(frame.size() + text.size());
    while (!head.empty()) {
        auto const line = head.substr(0, head.find('\n'));
        head.remove_prefix(line.size() == head.size() ? line.size() : line.size() + 1);
        if (line.starts_with(length_header)) {
            out.append(length_header).append(std::to_string(text.size()));
        } else {
            out.append(line);
        }
        out += '\n';
    }
    return out.append(1, '\n').append(text).append(1, '\0');
}

}  // namespace broker
