#include "bench/stomp_session.hpp"

namespace bench {

std::string_view header_of(std::string_view frame, std::string_view name) {
    std::string_view const head = frame.substr(0, frame.find("\n\n"));
    for (std::size_t at = head.find('\n'); at != std::string_view::npos;
         at = head.find('\n', at + 1)) {
        std::string_view const line = head.substr(at + 1);
        if (line.starts_with(name) && line.size() > name.size() && line[name.size()] == ':') {
            auto const value = line.substr(name.size() + 1);
            return value.substr(0, value.find('\n'));
        }
    }
    return {};
}

void stomp_session::start(client_loop& loop, endpoint const& to, login const& as,
                          std::string const& source) {
    client_.on_open = [this, as] {
        client_.send_text("CONNECT\naccept-version:1.2\nhost:/\nheart-beat:0,0\nlogin:" + as.user +
                          "\npasscode:" + as.passcode + std::string("\n\n\0", 3));
    };
    client_.on_message = [this](std::string_view frame) { on_frame(frame); };
    client_.on_close = [this](std::string_view reason) {
        if (on_error) on_error(reason);
    };
    loop.connect(client_, to, source);
}

void stomp_session::subscribe(std::string_view destination, std::string_view receipt) {
    scratch_.assign("SUBSCRIBE\nid:sub-0\ndestination:").append(destination);
    if (!receipt.empty()) scratch_.append("\nreceipt:").append(receipt);
    scratch_.append("\n\n\0", 3);
    client_.send_text(scratch_);
}

void stomp_session::send(std::string_view destination, std::string_view body,
                         std::string_view receipt) {
    scratch_.assign("SEND\ndestination:").append(destination);
    if (!receipt.empty()) scratch_.append("\nreceipt:").append(receipt);
    scratch_.append("\ncontent-length:").append(std::to_string(body.size())).append("\n\n");
    scratch_.append(body).append(1, '\0');
    client_.send_text(scratch_);
}

void stomp_session::on_frame(std::string_view frame) {
    if (frame.starts_with("MESSAGE")) {
        if (on_message) on_message(frame);
    } else if (frame.starts_with("RECEIPT")) {
        if (on_receipt) on_receipt(header_of(frame, "receipt-id"));
    } else if (frame.starts_with("CONNECTED")) {
        if (on_connected) on_connected();
    } else if (frame.starts_with("ERROR")) {
        if (on_error) on_error(frame);
    }
}

}  // namespace bench
