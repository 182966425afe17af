#include "tests/fuzz/http.hpp"

#include "tests/fuzz/choices.hpp"

#include <cstddef>
#include <cstdint>

// HTTP from strangers, and from other nodes. The first octet chooses what the rest is; the three
// behind it the limits and the pieces in which a stream comes.

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    fuzz::choices choose(data, size);
    auto const what = choose.next();
    if (what == 'x') {
        fuzz::check_client_address(choose.rest());
        return 0;
    }
    if (what == 'v') {
        fuzz::check_http_values(choose.rest());
        return 0;
    }
    auto const tight = choose.next();
    auto const seed = choose.next() + 256U * choose.next();
    if (what == 'a') {
        fuzz::check_http_answer(choose.rest(), seed, tight);
    } else {
        fuzz::check_http_requests(choose.rest(), seed, tight);
    }
    return 0;
}
