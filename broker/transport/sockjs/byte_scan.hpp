#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Finds the few bytes of a text that need a closer look, 16 at a time where the machine can.

namespace broker::transport::sockjs {

// What a JSON string's writer must look at: quotes, backslashes, control characters, and the lead
// bytes of the characters that SockJS wants escaped (U+2xxx and U+Fxxx).
struct encoder_stops {
    static constexpr bool stops(unsigned char c) noexcept {
        return c < 0x20 || c == '"' || c == '\\' || c == 0xE2 || c == 0xEF;
    }
#if defined(__SSE2__)
    static __m128i stops(__m128i bytes) noexcept {
        auto is = [&](int c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(static_cast<char>(c))); };
        auto const control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
        return _mm_or_si128(control, _mm_or_si128(_mm_or_si128(is('"'), is('\\')),
                                                  _mm_or_si128(is(0xE2), is(0xEF))));
    }
#endif
};

// What ends a run of plain characters inside a JSON string.
struct decoder_stops {
    static constexpr bool stops(unsigned char c) noexcept {
        return c < 0x20 || c == '"' || c == '\\';
    }
#if defined(__SSE2__)
    static __m128i stops(__m128i bytes) noexcept {
        auto is = [&](int c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(static_cast<char>(c))); };
        auto const control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
        return _mm_or_si128(control, _mm_or_si128(is('"'), is('\\')));
    }
#endif
};

template <typename Stops>
constexpr std::array<bool, 256> make_stop_table() {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < table.size(); ++c) {
        table[c] = Stops::stops(static_cast<unsigned char>(c));
    }
    return table;
}

// The first byte from `at` on that stops, or `end`.
template <typename Stops>
char const* find_stop(char const* at, char const* end) noexcept {
#if defined(__SSE2__)
    while (end - at >= 16) {
        auto const block = _mm_loadu_si128(reinterpret_cast<__m128i const*>(at));
        auto const mask = static_cast<unsigned>(_mm_movemask_epi8(Stops::stops(block)));
        if (mask != 0) return at + std::countr_zero(mask);
        at += 16;
    }
#endif
    static constexpr auto table = make_stop_table<Stops>();
    while (at != end && !table[static_cast<unsigned char>(*at)]) ++at;
    return at;
}

}  // namespace broker::transport::sockjs
