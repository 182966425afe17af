#include "chat/rest/cursor.hpp"

#include <array>
#include <cstddef>

namespace chat::rest {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t plain_size = 21;  // kind, scope, position, check
constexpr std::size_t word_size = plain_size / 3 * 4;
using plain = std::array<unsigned char, plain_size>;

void put(unsigned char* place, std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i)
        place[i] = static_cast<unsigned char>(value >> (8 * (bytes - 1 - i)));
}

std::uint64_t get(unsigned char const* place, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8U | place[i];
    return value;
}

// FNV-1a over all but the check itself: finds slips, not ill will.
std::uint32_t check_of(plain const& bytes) {
    std::uint32_t hash = 2166136261U;
    for (std::size_t i = 0; i < plain_size - 4; ++i) hash = (hash ^ bytes[i]) * 16777619U;
    return hash;
}

refusal unknown() {
    return refusal(errc::bad_cursor);
}

}  // namespace

std::string make_cursor(cursor_kind kind, std::uint64_t scope, std::uint64_t position) {
    plain bytes{};
    bytes[0] = static_cast<unsigned char>(kind);
    put(&bytes[1], scope, 8);
    put(&bytes[9], position, 8);
    put(&bytes[17], check_of(bytes), 4);
    std::string word;
    word.reserve(word_size);
    for (std::size_t i = 0; i < plain_size; i += 3) {
        auto const group = get(&bytes[i], 3);
        for (auto const shift : {18U, 12U, 6U, 0U}) word.push_back(alphabet[group >> shift & 63U]);
    }
    return word;
}

checked<std::uint64_t> read_cursor(std::string_view word, cursor_kind kind, std::uint64_t scope) {
    if (word.size() != word_size) return unknown();
    plain bytes{};
    for (std::size_t i = 0, out = 0; i < word_size; i += 4, out += 3) {
        std::uint64_t group = 0;
        for (auto const letter : word.substr(i, 4)) {
            auto const value = alphabet.find(letter);
            if (value == std::string_view::npos) return unknown();
            group = group << 6U | value;
        }
        put(&bytes[out], group, 3);
    }
    auto const ours = get(&bytes[17], 4) == check_of(bytes) &&
                      bytes[0] == static_cast<unsigned char>(kind) && get(&bytes[1], 8) == scope;
    if (!ours) return unknown();
    return get(&bytes[9], 8);
}

}  // namespace chat::rest
