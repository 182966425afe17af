#include "broker/transport/outbound_queue.hpp"

#include "broker/transport/websocket_frame.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace broker::transport {
namespace {

constexpr std::size_t pool_lists = 2048;
constexpr std::size_t pool_list_entries = 128;  // longer lists are not kept
constexpr std::size_t max_header_bytes = 10;

std::size_t payload_bytes(outbound_entry const& entry) {
    return bytes_of(entry.head).size() + bytes_of(entry.tail).size();
}

std::size_t framed_bytes(outbound_entry const& entry) {
    auto const payload = payload_bytes(entry);
    return entry.kind == outbound_kind::raw ? payload : websocket_header_bytes(payload) + payload;
}

std::uint8_t first_byte(outbound_kind kind) {
    constexpr auto frame = [](websocket_opcode code, unsigned flags = 0) {
        return static_cast<std::uint8_t>(websocket_fin | flags | static_cast<unsigned>(code));
    };
    switch (kind) {
        case outbound_kind::raw: break;
        case outbound_kind::text: return frame(websocket_opcode::text);
        case outbound_kind::binary: return frame(websocket_opcode::binary);
        case outbound_kind::compressed_text: return frame(websocket_opcode::text, websocket_rsv1);
        case outbound_kind::compressed_binary:
            return frame(websocket_opcode::binary, websocket_rsv1);
        case outbound_kind::close: return frame(websocket_opcode::close);
        case outbound_kind::ping: return frame(websocket_opcode::ping);
        case outbound_kind::pong: return frame(websocket_opcode::pong);
    }
    return 0;
}

bool droppable(outbound_entry const& entry) {
    return (entry.tail && entry.tail->droppable) || (entry.head && entry.head->droppable);
}

// Lays parts out one after the other, joining copies that lie side by side.
class layout {
public:
    layout(std::span<char> scratch, outbound_batch& batch) : scratch_(scratch), batch_(batch) {}

    std::size_t room() const { return scratch_.size() - used_; }
    // An entry makes up to three pieces more.
    bool full() const {
        return batch_.count + 3 > outbound_batch::max_pieces ||
               batch_.bytes >= outbound_queue::batch_bytes ||
               room() < max_header_bytes + 2 * outbound_queue::copy_limit;
    }

    void add(std::string_view part, std::size_t& skip) {
        auto const skipped = std::min(skip, part.size());
        skip -= skipped;
        part.remove_prefix(skipped);
        if (part.empty()) return;
        if (part.size() > outbound_queue::copy_limit) {
            batch_.pieces[batch_.count++] = {const_cast<char*>(part.data()), part.size()};
        } else {
            copy(part);
        }
        batch_.bytes += part.size();
    }

private:
    void copy(std::string_view part) {
        char* const to = scratch_.data() + used_;
        std::memcpy(to, part.data(), part.size());
        used_ += part.size();
        if (batch_.count > 0) {
            auto& last = batch_.pieces[batch_.count - 1];
            if (static_cast<char*>(last.iov_base) + last.iov_len == to) {
                last.iov_len += part.size();
                return;
            }
        }
        batch_.pieces[batch_.count++] = {to, part.size()};
    }

    std::span<char> scratch_;
    outbound_batch& batch_;
    std::size_t used_ = 0;
};

}  // namespace

outbound_queue::~outbound_queue() = default;

std::size_t outbound_queue::bytes() const noexcept {
    return list_ == nullptr ? 0 : list_->bytes;
}

void outbound_queue::push(outbound_pool& pool, outbound_entry entry) {
    auto const size = framed_bytes(entry);
    if (size == 0) return;
    if (list_ == nullptr) list_ = pool.take();
    list_->bytes += size;
    pool.waiting_.add(static_cast<std::int64_t>(size));
    list_->entries.push_back(std::move(entry));
}

void outbound_queue::gather(std::span<char> scratch, outbound_batch& batch) const {
    batch.count = 0;
    batch.bytes = 0;
    if (list_ == nullptr) return;
    layout out(scratch, batch);
    auto skip = list_->sent_of_first;
    for (auto i = list_->first; i < list_->entries.size() && !out.full(); ++i) {
        auto const& entry = list_->entries[i];
        if (entry.kind != outbound_kind::raw) {
            std::array<char, max_header_bytes> header;
            auto const size =
                write_websocket_header(header.data(), first_byte(entry.kind), payload_bytes(entry));
            out.add({header.data(), size}, skip);
        }
        out.add(bytes_of(entry.head), skip);
        out.add(bytes_of(entry.tail), skip);
    }
}

void outbound_queue::consume(outbound_pool& pool, std::size_t sent, std::size_t committed) {
    if (list_ == nullptr) return;
    auto& queued = *list_;
    if (sent >= queued.bytes) return clear(pool);
    queued.bytes -= sent;
    pool.waiting_.sub(static_cast<std::int64_t>(sent));
    queued.committed = committed;
    auto done = queued.sent_of_first + sent;
    while (done > 0) {
        auto& entry = queued.entries[queued.first];
        auto const size = framed_bytes(entry);
        if (done < size) break;
        done -= size;
        entry = {};
        ++queued.first;
    }
    queued.sent_of_first = done;
    // Amortised: what is moved is never more than what has been sent since the last time.
    if (queued.first >= 64 && queued.first * 2 >= queued.entries.size()) {
        queued.entries.erase(queued.entries.begin(),
                             queued.entries.begin() + static_cast<std::ptrdiff_t>(queued.first));
        queued.first = 0;
    }
}

std::size_t outbound_queue::drop_down_to(outbound_pool& pool, std::size_t bound) {
    if (list_ == nullptr || list_->bytes <= bound) return 0;
    auto& queued = *list_;
    auto const begin = queued.entries.begin() + static_cast<std::ptrdiff_t>(queued.first);
    std::size_t offset = 0;
    auto const begun = queued.sent_of_first + queued.committed;
    std::size_t dropped = 0;
    auto const rest = std::remove_if(begin, queued.entries.end(), [&](outbound_entry const& entry) {
        auto const size = framed_bytes(entry);
        bool const touched = offset < begun;
        offset += size;
        if (touched || queued.bytes <= bound || !droppable(entry)) return false;
        queued.bytes -= size;
        pool.waiting_.sub(static_cast<std::int64_t>(size));
        ++dropped;
        return true;
    });
    queued.entries.erase(rest, queued.entries.end());
    if (queued.bytes == 0) clear(pool);
    return dropped;
}

void outbound_queue::clear(outbound_pool& pool) noexcept {
    if (list_ == nullptr) return;
    pool.waiting_.sub(static_cast<std::int64_t>(list_->bytes));
    pool.give_back(std::move(list_));
}

std::unique_ptr<outbound_queue::list> outbound_pool::take() {
    if (free_.empty()) return std::make_unique<outbound_queue::list>();
    auto list = std::move(free_.back());
    free_.pop_back();
    return list;
}

void outbound_pool::give_back(std::unique_ptr<outbound_queue::list> list) noexcept {
    list->entries.clear();
    list->first = 0;
    list->sent_of_first = 0;
    list->bytes = 0;
    list->committed = 0;
    if (free_.size() >= pool_lists || list->entries.capacity() > pool_list_entries) return;
    try {
        free_.push_back(std::move(list));
    } catch (std::bad_alloc const&) {
        // Then it is freed instead of kept.
    }
}

}  // namespace broker::transport
