#pragma once

#include <span>
#include <string_view>

// The files of the chat page and of the operator's console, bundled at build time and embedded in
// the program.
//
// Everything is static, immutable and readable from any thread. Views stay valid for the whole
// life of the program.

namespace web {

struct asset {
    std::string_view path;          // as requested, without query: "/", "/app.css"
    std::string_view content_type;  // value for Content-Type, charset included for text
    std::string_view etag;          // strong, with its quotes; differs when `bytes` differs
    std::string_view bytes;
    std::string_view gzip;  // `bytes` for Content-Encoding: gzip; empty where it would not help
    bool immutable;         // the path names its content: a browser may keep it for a year
};

// Null if the page has no such file. `path` is the decoded path of the request target.
asset const* find_asset(std::string_view path) noexcept;

// All of them, sorted by path.
std::span<asset const> assets() noexcept;

}  // namespace web
