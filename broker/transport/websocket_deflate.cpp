#include "broker/transport/websocket_deflate.hpp"

#include "broker/transport/http_tokens.hpp"

#include <zlib.h>
#include <algorithm>
#include <new>
#include <utility>

namespace broker::transport {
namespace {

// Chat messages are short: more effort finds hardly more to save.
constexpr int compression_level = 3;
constexpr int memory_level = 8;
constexpr std::size_t kept_output_bytes = 256 * 1024;

// RFC 7692 §7.2.1: every message ends with this, and it is not sent.
constexpr std::array<unsigned char, 4> sync_tail{0x00, 0x00, 0xFF, 0xFF};

Bytef* zlib_bytes(char const* bytes) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(bytes));  // zlib does not write to its input
}

// A window size: 8 to 15, without leading zeros.
std::optional<std::uint8_t> window_bits(std::string_view text) {
    if (text.size() == 1 && text[0] >= '8' && text[0] <= '9') {
        return static_cast<std::uint8_t>(text[0] - '0');
    }
    if (text.size() == 2 && text[0] == '1' && text[1] >= '0' && text[1] <= '5') {
        return static_cast<std::uint8_t>(10 + text[1] - '0');
    }
    return std::nullopt;
}

std::optional<deflate_agreement> accept_offer(http_parameter_list const& offer) {
    if (!equal_ignoring_case(offer.name, "permessage-deflate")) return std::nullopt;
    deflate_agreement agreed;
    std::optional<std::uint8_t> server_bits;
    bool server_takeover_seen = false;
    bool client_takeover_seen = false;
    bool client_bits_seen = false;
    for (auto const& [name, value] : offer.parameters) {
        if (name == "server_no_context_takeover") {
            if (std::exchange(server_takeover_seen, true) || value) return std::nullopt;
        } else if (name == "client_no_context_takeover") {
            if (std::exchange(client_takeover_seen, true) || value) return std::nullopt;
        } else if (name == "server_max_window_bits") {
            if (server_bits || !value) return std::nullopt;
            server_bits = window_bits(*value);
            if (!server_bits) return std::nullopt;
        } else if (name == "client_max_window_bits") {
            // A hint only: we can inflate any window.
            if (std::exchange(client_bits_seen, true)) return std::nullopt;
            if (value && !window_bits(*value)) return std::nullopt;
        } else {
            return std::nullopt;
        }
    }
    agreed.response = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    if (server_bits) {
        agreed.server_window_bits = *server_bits;
        agreed.response += "; server_max_window_bits=" + std::to_string(*server_bits);
    }
    return agreed;
}

}  // namespace

std::optional<deflate_agreement> negotiate_deflate(std::string_view offers) {
    auto const parsed = parse_parameter_lists(offers);
    if (!parsed) return std::nullopt;
    for (auto const& offer : *parsed) {
        if (auto agreed = accept_offer(offer)) return agreed;
    }
    return std::nullopt;
}

void z_stream_closer::operator()(z_stream_s* stream) const noexcept {
    if (inflating) {
        inflateEnd(stream);
    } else {
        deflateEnd(stream);
    }
    delete stream;
}

inflated_message websocket_inflater::inflate(std::span<char const> compressed,
                                             std::size_t max_bytes) {
    if (stream_ == nullptr) {
        auto fresh = std::make_unique<z_stream>();
        if (inflateInit2(fresh.get(), -15) != Z_OK) throw std::bad_alloc();
        stream_ = z_stream_ptr(fresh.release(), z_stream_closer{true});
    }
    inflateReset(stream_.get());
    if (output_.size() > kept_output_bytes) {
        output_.resize(kept_output_bytes);
        output_.shrink_to_fit();
    }
    if (output_.empty()) output_.resize(4096);

    auto& stream = *stream_;
    std::size_t made = 0;
    // The message, then the four bytes that its sender left out.
    std::span<char const> const tail{reinterpret_cast<char const*>(sync_tail.data()),
                                     sync_tail.size()};
    for (auto const input : {compressed, tail}) {
        stream.next_in = zlib_bytes(input.data());
        stream.avail_in = static_cast<uInt>(input.size());
        for (;;) {
            // One byte more than allowed tells "exactly so long" from "longer".
            auto const room = std::min(output_.size(), max_bytes + 1) - made;
            stream.next_out = reinterpret_cast<Bytef*>(output_.data() + made);
            stream.avail_out = static_cast<uInt>(room);
            int const status = ::inflate(&stream, Z_SYNC_FLUSH);
            made += room - stream.avail_out;
            if (made > max_bytes) return {inflate_outcome::too_big, {}};
            if (status == Z_STREAM_END) {
                // A final block may end the stream inside the message (§7.2.3.4); what follows
                // starts anew.
                inflateReset(&stream);
                if (stream.avail_in == 0) break;
                continue;
            }
            if (status != Z_OK && status != Z_BUF_ERROR) return {inflate_outcome::invalid, {}};
            if (stream.avail_out > 0) break;  // all of the input has been taken
            output_.resize(std::min(output_.size() * 2, max_bytes + 1));
        }
    }
    return {inflate_outcome::done, {output_.data(), made}};
}

std::string websocket_deflater::deflate(std::string_view head, std::string_view tail,
                                        std::uint8_t window_bits) {
    // A raw stream cannot have zlib's smallest window, but with 9 bits its matches reach back no
    // further than 250 bytes, which is within the 256 of 8 bits.
    std::size_t const bits = std::max<std::size_t>(window_bits, 9);
    auto& slot = streams_[bits];
    if (slot == nullptr) {
        auto fresh = std::make_unique<z_stream>();
        if (deflateInit2(fresh.get(), compression_level, Z_DEFLATED, -static_cast<int>(bits),
                         memory_level, Z_DEFAULT_STRATEGY) != Z_OK) {
            throw std::bad_alloc();
        }
        slot = z_stream_ptr(fresh.release(), z_stream_closer{false});
    }
    auto& stream = *slot;
    deflateReset(&stream);

    // More than this is no gain, so there is no need of room for it.
    auto const size = head.size() + tail.size();
    output_.resize(size + sync_tail.size());
    stream.next_out = reinterpret_cast<Bytef*>(output_.data());
    stream.avail_out = static_cast<uInt>(output_.size());
    stream.next_in = zlib_bytes(head.data());
    stream.avail_in = static_cast<uInt>(head.size());
    if (!head.empty() && (::deflate(&stream, Z_NO_FLUSH) != Z_OK || stream.avail_in > 0)) return {};
    stream.next_in = zlib_bytes(tail.data());
    stream.avail_in = static_cast<uInt>(tail.size());
    int const status = ::deflate(&stream, Z_SYNC_FLUSH);
    auto const made = output_.size() - stream.avail_out;
    bool const ended = status == Z_OK && stream.avail_out > 0 && stream.avail_in == 0;
    if (!ended || made < sync_tail.size() || made - sync_tail.size() >= size) return {};
    std::string result(output_.data(), made - sync_tail.size());
    if (output_.size() > kept_output_bytes) std::vector<char>().swap(output_);
    return result;
}

}  // namespace broker::transport
