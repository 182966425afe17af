#include "bench/mock/faults.hpp"

#include <string_view>

namespace bench {
namespace {

struct row {
    std::string_view name;
    std::uint64_t deeds::*value;
};
constexpr row rows[] = {
    {"connections", &deeds::connections},
    {"sends", &deeds::sends},
    {"delivered", &deeds::delivered},
    {"lost", &deeds::lost},
    {"duplicated", &deeds::duplicated},
    {"swapped", &deeds::swapped},
    {"delayed", &deeds::delayed},
    {"seqs_skipped", &deeds::seqs_skipped},
    {"seqs_repeated", &deeds::seqs_repeated},
    {"missed", &deeds::missed},
    {"joins", &deeds::joins},
    {"leaves", &deeds::leaves},
    {"subscribes", &deeds::subscribes},
    {"unsubscribes", &deeds::unsubscribes},
    {"pages", &deeds::pages},
    {"dropped_connections", &deeds::dropped_connections},
    {"refused", &deeds::refused},
    {"receipts", &deeds::receipts},
    {"receipts_withheld", &deeds::receipts_withheld},
    {"errors", &deeds::errors},
    {"heart_beats_received", &deeds::heart_beats_received},
};

}  // namespace

std::string to_json(deeds const& done) {
    std::string out;
    for (auto const& row : rows) {
        out.append(out.empty() ? "{\"" : ", \"").append(row.name).append("\": ");
        out.append(std::to_string(done.*row.value));
    }
    out.append(", \"connections_from\": {");
    char const* before = "";
    for (auto const& [address, count] : done.connections_from) {
        out.append(before).append("\"").append(address).append("\": ");
        out.append(std::to_string(count));
        before = ", ";
    }
    return out.append("}}");
}

}  // namespace bench
