#include "broker/trace_context.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// Reads the input as a traceparent, and what stands behind its first line end as a tracestate. What
// is taken must be safe to write into a header and into a log, and be read again as the same.

namespace {

[[noreturn]] void fail(char const* what) {
    std::fprintf(stderr, "%s\n", what);
    std::abort();
}

bool is_printable(std::string_view text) {
    for (char const c : text) {
        if ((c < ' ' || c > '~') && c != '\t') return false;
    }
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const input(reinterpret_cast<char const*>(data), size);
    auto const end = input.find('\n');
    auto const state = end == std::string_view::npos ? std::string_view() : input.substr(end + 1);
    auto const made = broker::make_trace(input.substr(0, end), state);
    if (broker::is_tracestate(state) && !is_printable(state)) fail("a state that is not printable");
    if (made == nullptr) return 0;
    if (made->parent.size() != 55 || !is_printable(made->parent)) fail("another parent");
    auto const again = broker::make_trace(made->parent, made->state);
    if (again == nullptr || again->parent != made->parent || again->state != made->state) {
        fail("not read again as the same");
    }
    if (made->trace_id() != broker::parse_traceparent(made->parent)->trace_id) fail("another id");
    return 0;
}
