#include "bench/report/page.hpp"

namespace bench {

std::string_view page_bytes() noexcept;  // of the generated page_bytes.cpp

// The JSON holds no '<', so it cannot end the element that it stands in.
std::string page_with(std::string_view json) {
    static constexpr std::string_view mark = "{{data}}";
    std::string_view const page = page_bytes();
    auto const at = page.find(mark);
    std::string out;
    out.reserve(page.size() + json.size());
    out += page.substr(0, at);
    out += json;
    out += page.substr(at + mark.size());
    return out;
}

std::string html_of(run_report const& report) {
    return page_with(json_of(report));
}

}  // namespace bench
