#include "web/assets.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <string>

namespace {

std::string gunzip(std::string_view compressed) {
    std::string plain(16u << 20, '\0');
    z_stream stream{};
    REQUIRE(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
    stream.avail_in = static_cast<uInt>(compressed.size());
    stream.next_out = reinterpret_cast<Bytef*>(plain.data());
    stream.avail_out = static_cast<uInt>(plain.size());
    CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
    plain.resize(stream.total_out);
    inflateEnd(&stream);
    return plain;
}

}  // namespace

TEST_CASE("the chat is served at the root, the console below /console/") {
    for (auto path : {"/", "/console/"}) {
        CAPTURE(path);
        auto const* page = web::find_asset(path);
        REQUIRE(page != nullptr);
        CHECK(page->content_type == "text/html; charset=utf-8");
        CHECK(page->bytes.starts_with("<!doctype html>"));
        CHECK(page->bytes.ends_with("</html>\n"));
        CHECK_FALSE(page->immutable);
    }
}

TEST_CASE("every file that a page names is there") {
    int named = 0;
    for (auto path : {"/", "/console/"}) {
        auto const page = web::find_asset(path)->bytes;
        for (std::string_view mark : {"src=\"/", "href=\"/"}) {
            for (auto at = page.find(mark); at != page.npos; at = page.find(mark, at + 1)) {
                auto begin = at + mark.size() - 1;
                auto file = page.substr(begin, page.find('"', begin) - begin);
                CAPTURE(file);
                CHECK(web::find_asset(file) != nullptr);
                ++named;
            }
        }
    }
    CHECK(named >= 7);
}

TEST_CASE("no page has scripts or styles of its own, which the content policy would refuse") {
    for (auto path : {"/", "/console/"}) {
        auto const page = web::find_asset(path)->bytes;
        for (auto mark : {"<style", " style=", "<script>", " onload="})
            CHECK(page.find(mark) == page.npos);
    }
}

TEST_CASE("the client libraries are there under stable names") {
    for (auto path : {"/vendor/sockjs.min.js", "/vendor/stomp.umd.min.js"}) {
        auto const* library = web::find_asset(path);
        REQUIRE(library != nullptr);
        CHECK(library->content_type == "text/javascript; charset=utf-8");
        CHECK_FALSE(library->immutable);
    }
}

TEST_CASE("what is not there is not found") {
    for (auto path :
         {"", "/app", "//", "/vendor", "/vendor/", "/vendor/sockjs.min.js/", "/console", "/zzz"})
        CHECK(web::find_asset(path) == nullptr);
}

TEST_CASE("paths are sorted and etags are quoted and belong to one content") {
    auto all = web::assets();
    CHECK(std::ranges::is_sorted(all, {}, &web::asset::path));
    for (auto const& one : all) {
        CAPTURE(one.path);
        CHECK(web::find_asset(one.path) == &one);
        CHECK(one.etag.size() == 18);
        CHECK(one.etag.front() == '"');
        CHECK(one.etag.back() == '"');
        CHECK_FALSE(one.bytes.empty());
        for (auto const& other : all) CHECK((one.etag == other.etag) == (one.bytes == other.bytes));
    }
}

TEST_CASE("a compressed form expands to the same bytes and is smaller") {
    int compressed = 0;
    for (auto const& one : web::assets()) {
        if (one.gzip.empty()) continue;
        CAPTURE(one.path);
        CHECK(gunzip(one.gzip) == one.bytes);
        CHECK(one.gzip.size() < one.bytes.size());
        ++compressed;
    }
    CHECK(compressed >= 2);
}
