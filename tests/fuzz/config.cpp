#include "tests/fuzz/config.hpp"

#include "tests/fuzz/choices.hpp"

#include <cstddef>
#include <cstdint>

// What operators write. The first octet chooses what the rest is.

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    fuzz::choices choose(data, size);
    switch (choose.next()) {
        case 'u': fuzz::check_units(choose.rest()); break;
        case 'a': fuzz::check_server_addresses(choose.rest()); break;
        default: fuzz::check_settings(choose.rest()); break;
    }
    return 0;
}
