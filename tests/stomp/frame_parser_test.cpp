#include "support.hpp"

#include <doctest/doctest.h>

// What a frame is, by version. Each case is read whole and one byte at a time.

namespace stomp::test {
namespace {

constexpr version versions[] = {version::v1_0, version::v1_1, version::v1_2};

void check(std::string_view bytes, std::optional<version> v, transcript const& expected) {
    CAPTURE(bytes);
    CHECK(read(bytes, v) == expected);
    CHECK(read_byte_by_byte(bytes, v) == expected);
}

void check(std::string_view bytes, transcript const& expected) {
    check(bytes, version::v1_2, expected);
}

errc code_of(std::string_view bytes, std::optional<version> v = version::v1_2) {
    frame_parser parser;
    header_scratch scratch;
    if (v) parser.set_version(*v);
    auto copy = std::string(bytes);
    auto input = std::span<char>(copy);
    for (;;) {
        auto const got = parser.next(input, scratch, {});
        if (auto const* error = std::get_if<parse_error>(&got)) return error->code;
        if (std::holds_alternative<need_more>(got)) return errc{};
    }
}

}  // namespace

TEST_CASE("a frame is a command, headers, a blank line, a body and NUL") {
    for (auto v : versions) {
        check("SEND\ndestination:/topic/a\nreceipt:1\n\nhello\0"sv, v,
              {"SEND[destination=/topic/a|receipt=1]{hello}"});
        check("DISCONNECT\n\n\0"sv, v, {"DISCONNECT[]{}"});
        check("SEND\n\n\0"sv, v, {"SEND[]{}"});
    }
}

TEST_CASE("every command is read") {
    for (auto const& rule : command_rules) {
        auto const bytes = std::string(rule.name) + "\na:b\n\n\0"s;
        check(bytes, {std::string(rule.name) + "[a=b]{}"});
    }
}

TEST_CASE("commands are case-sensitive, and unknown ones refused") {
    for (auto bytes : {"send\n\n\0"sv, "Send\n\n\0"sv, "HELLO\n\n\0"sv, " SEND\n\n\0"sv,
                       "SEND \n\n\0"sv, "SENDX\n\n\0"sv}) {
        for (auto v : versions) CHECK(code_of(bytes, v) == errc::unknown_command);
    }
    check("GET / HTTP/1.1\r\nHost: a\r\n\r\n"sv,
          {"! A frame begins with the unknown command 'GET / HTTP/1.'."});
    check("\x16\x03\x01\x02\x01 client hello of TLS"sv, std::nullopt,
          {"! A frame begins with the unknown command '????? client '."});
}

TEST_CASE("an overlong command line is refused before its end is seen") {
    CHECK(code_of("UNSUBSCRIBES") == errc{});
    CHECK(code_of("UNSUBSCRIBESS") == errc{});
    CHECK(code_of("UNSUBSCRIBESSS") == errc::unknown_command);
}

TEST_CASE("lines end with LF, in 1.2 also with CRLF") {
    auto const crlf = "SEND\r\ndestination:/topic/a\r\nx:y\r\n\r\nhello\0"sv;
    auto const mixed = "SEND\r\ndestination:/topic/a\nx:y\r\n\nhello\0"sv;
    transcript const expected{"SEND[destination=/topic/a|x=y]{hello}"};
    check(crlf, version::v1_2, expected);
    check(mixed, version::v1_2, expected);
    CHECK(code_of(crlf, version::v1_1) == errc::unknown_command);
    CHECK(code_of(crlf, version::v1_0) == errc::unknown_command);
    CHECK(code_of("SEND\n\r\n\0"sv, version::v1_1) == errc::malformed_header);
}

TEST_CASE("a CR within a line is data, and before LF only in 1.1 and 1.0") {
    check("SEND\na:b\rc\n\n\0"sv, version::v1_2, {"SEND[a=b\rc]{}"});
    check("SEND\na:b\r\r\n\n\0"sv, version::v1_2, {"SEND[a=b\r]{}"});
    check("SEND\na:b\r\n\n\0"sv, version::v1_1, {"SEND[a=b\r]{}"});
}

TEST_CASE("line ends between frames are heart-beats") {
    for (auto v : versions) {
        check("\n"sv, v, {"~"});
        check("\n\n\nSEND\n\n\0\n\nSEND\n\n\0\n"sv, v, {"~", "SEND[]{}", "~", "SEND[]{}", "~"});
        check("SEND\n\n\0SEND\n\n\0"sv, v, {"SEND[]{}", "SEND[]{}"});
    }
}

TEST_CASE("CRLF between frames is a heart-beat in every version") {
    for (auto v : versions) {
        check("\r\n"sv, v, {"~"});
        check("\r\n\n\r\nSEND\n\n\0\r\n"sv, v, {"~", "SEND[]{}", "~"});
    }
    check("\r"sv, {});
}

TEST_CASE("only line ends may stand between frames") {
    CHECK(code_of("\rSEND\n\n\0"sv) == errc::stray_octet);
    CHECK(code_of("\n\r\rSEND\n\n\0"sv) == errc::stray_octet);
    CHECK(code_of("SEND\n\n\0\0"sv) == errc::stray_octet);
    CHECK(code_of("\0"sv) == errc::stray_octet);
    CHECK(code_of(" \n"sv) == errc::unknown_command);
}

TEST_CASE("header names are case-sensitive, and repeated headers are kept in order") {
    check("SEND\nFoo:1\nfoo:2\nfoo:3\n\n\0"sv, {"SEND[Foo=1|foo=2|foo=3]{}"});
}

TEST_CASE("the first colon splits a header, later ones belong to the value") {
    check("SEND\na:b:c::d\nempty:\n::x\n\n\0"sv,
          {"! The header line '::x' has no name or no ':' after it."});
    check("SEND\na:b:c::d\nempty:\nurl:http://x:1/\n\n\0"sv,
          {"SEND[a=b:c::d|empty=|url=http://x:1/]{}"});
}

TEST_CASE("a header line without a colon or without a name is refused") {
    for (auto v : versions) {
        CHECK(code_of("SEND\nnonsense\n\n\0"sv, v) == errc::malformed_header);
        CHECK(code_of("SEND\n:x\n\n\0"sv, v) == errc::malformed_header);
        CHECK(code_of("SEND\n:\n\n\0"sv, v) == errc::malformed_header);
    }
    CHECK(code_of("SEND\n \t:x\n\n\0"sv, version::v1_0) == errc::malformed_header);
}

TEST_CASE("padding is trimmed in 1.0 and kept later") {
    auto const bytes = "SEND\n destination :  /topic/a \t\nx: \n\nbody \0"sv;
    check(bytes, version::v1_0, {"SEND[destination=/topic/a|x=]{body }"});
    check(bytes, version::v1_1, {"SEND[ destination =  /topic/a \t|x= ]{body }"});
    check(bytes, version::v1_2, {"SEND[ destination =  /topic/a \t|x= ]{body }"});
}

TEST_CASE("a padded content-length counts in 1.0 and is no number later") {
    auto const bytes = "SEND\ncontent-length: 3\n\na\0b\0"sv;
    CHECK(read(bytes, version::v1_0) == transcript{"SEND[content-length=3]{a\0b}"s});
    CHECK(code_of(bytes, version::v1_1) == errc::invalid_content_length);
    CHECK(code_of(bytes, version::v1_2) == errc::invalid_content_length);
}

TEST_CASE("escapes in names and values are resolved by version") {
    check("SEND\na\\cb:x\\ny\\\\z\\c\n\n\0"sv, version::v1_1, {"SEND[a:b=x\ny\\z:]{}"});
    check("SEND\na\\cb:x\\ny\\\\z\\c\\r\n\n\0"sv, version::v1_2, {"SEND[a:b=x\ny\\z:\r]{}"});
    check("SEND\na\\cb:x\\ny\\\\z\\c\\q\n\n\0"sv, version::v1_0,
          {"SEND[a\\cb=x\\ny\\\\z\\c\\q]{}"});
}

TEST_CASE("an undefined escape is fatal in 1.1 and 1.2") {
    CHECK(code_of("SEND\na:\\r\n\n\0"sv, version::v1_1) == errc::undefined_escape);
    for (auto v : {version::v1_1, version::v1_2}) {
        for (auto bytes : {"SEND\na:\\t\n\n\0"sv, "SEND\na:b\\\n\n\0"sv, "SEND\n\\a:b\n\n\0"sv,
                           "SEND\na\\:b\n\n\0"sv, "SEND\na:\\\\\\\n\n\0"sv}) {
            CAPTURE(bytes);
            CHECK(code_of(bytes, v) == errc::undefined_escape);
            CHECK(code_of(bytes, version::v1_0) == errc{});
        }
    }
    check("SEND\npath:C:\\temp\n\n\0"sv,
          {"! The header 'path' has a backslash that begins no escape of this version."});
}

TEST_CASE("CONNECT, STOMP and CONNECTED are never unescaped") {
    for (auto const* name : {"CONNECT", "STOMP", "CONNECTED"}) {
        auto const bytes = name + "\naccept-version:1.2\nversion:1.2\npasscode:a\\nb\\q\\\n\n\0"s;
        auto const expected = name + "[accept-version=1.2|version=1.2|passcode=a\\nb\\q\\]{}"s;
        check(bytes, std::nullopt, {expected});
        for (auto v : versions) check(bytes, v, {expected});
    }
}

TEST_CASE("content-length counts octets, and the body may hold NULs") {
    for (auto v : versions) {
        check("SEND\ncontent-length:5\n\na\0\0\0b\0"sv, v, {"SEND[content-length=5]{a\0\0\0b}"s});
        check("SEND\ncontent-length:4\n\n\xc3\xa9\xc3\xa9\0"sv, v,
              {"SEND[content-length=4]{\xc3\xa9\xc3\xa9}"});
        check("SEND\ncontent-length:0\n\n\0"sv, v, {"SEND[content-length=0]{}"});
        check("SEND\ncontent-length:003\n\nabc\0"sv, v, {"SEND[content-length=003]{abc}"});
    }
}

TEST_CASE("the first of repeated content-lengths counts") {
    check("SEND\ncontent-length:3\ncontent-length:1\n\nabc\0"sv,
          {"SEND[content-length=3|content-length=1]{abc}"});
}

TEST_CASE("without a content-length the first NUL ends the body") {
    check("SEND\n\na\nb\r\n\n\0"sv, {"SEND[]{a\nb\r\n\n}"});
    check("SEND\nContent-Length:1\n\nabc\0"sv, {"SEND[Content-Length=1]{abc}"});
}

TEST_CASE("a frame knows whether it had a content-length") {
    frame_parser parser;
    header_scratch scratch;
    auto bytes = "SEND\ncontent-length:0\n\n\0SEND\n\n\0"s;
    auto input = std::span<char>(bytes);
    CHECK(std::get<frame>(parser.next(input, scratch, {})).has_content_length);
    CHECK_FALSE(std::get<frame>(parser.next(input, scratch, {})).has_content_length);
}

TEST_CASE("after content-length octets NUL must follow") {
    for (auto v : versions) {
        CHECK(code_of("SEND\ncontent-length:2\n\nabc\0"sv, v) == errc::missing_terminator);
        CHECK(code_of("SEND\ncontent-length:0\n\na\0"sv, v) == errc::missing_terminator);
        CHECK(code_of("SEND\ncontent-length:2\n\nab\n\0"sv, v) == errc::missing_terminator);
        CHECK(code_of("SUBSCRIBE\ncontent-length:0\n\na\0"sv, v) == errc::missing_terminator);
    }
}

TEST_CASE("a content-length that is no decimal number is refused") {
    for (auto const* value :
         {"", "abc", "-1", "+1", "1 ", " 1", "1.0", "0x1", "1,2", "99999999999999999999999x"}) {
        CAPTURE(value);
        CHECK(code_of("SEND\ncontent-length:"s + value + "\n\na\0"s) ==
              errc::invalid_content_length);
    }
    check("SEND\ncontent-length:many\n\n\0"sv, {"! The content-length 'many' is no number."});
}

TEST_CASE("from 1.1 on only SEND, MESSAGE and ERROR may have a body") {
    for (auto const& rule : command_rules) {
        CAPTURE(rule.name);
        // The version headers keep CONNECT and CONNECTED from counting as frames of 1.0.
        auto const head = std::string(rule.name) + "\naccept-version:1.2\nversion:1.2\n"s;
        for (auto bytes : {head + "\nbody\0"s, head + "content-length:4\n\nbody\0"s}) {
            auto const expected = rule.may_have_body ? errc{} : errc::body_not_allowed;
            CHECK(code_of(bytes, version::v1_2) == expected);
            CHECK(code_of(bytes, version::v1_1) == expected);
            CHECK(code_of(bytes, version::v1_0) == errc{});
            CHECK(code_of(bytes, std::nullopt) == expected);
        }
        check(head + "content-length:0\n\n\0"s,
              {std::string(rule.name) + "[accept-version=1.2|version=1.2|content-length=0]{}"});
    }
}

TEST_CASE("a forbidden body is refused at its first octet") {
    CHECK(code_of("SUBSCRIBE\nid:1\n\nb"sv) == errc::body_not_allowed);
    CHECK(code_of("SUBSCRIBE\nid:1\ncontent-length:4\n\n"sv) == errc::body_not_allowed);
}

TEST_CASE("a NUL in the head is refused") {
    for (auto v : versions) {
        CHECK(code_of("SEND\ndestination:/a\0"sv, v) == errc::nul_in_head);
        CHECK(code_of("SEND\0"sv, v) == errc::nul_in_head);
        CHECK(code_of("SEND\n\0"sv, v) == errc::nul_in_head);
        CHECK(code_of("SEND\ndestination:/a\nx:y\n\0SEND\n\n\0"sv, v) == errc::nul_in_head);
    }
}

TEST_CASE("the head must be UTF-8, the body need not be") {
    check("SEND\nna\xc3\xafve:\xe2\x82\xac\n\n\0"sv, {"SEND[na\xc3\xafve=\xe2\x82\xac]{}"});
    check("SEND\n\n\xe9\xff\0"sv, {"SEND[]{\xe9\xff}"});
    for (auto v : versions) {
        CHECK(code_of("SEND\nname:caf\xe9\n\n\0"sv, v) == errc::head_not_utf8);
        CHECK(code_of("SEND\nshort:x\nna\xffme:0123456789012345678901234567890\n\n\0"sv, v) ==
              errc::head_not_utf8);
    }
}

TEST_CASE("before negotiation CONNECT is read with either line end") {
    transcript const expected{"CONNECT[accept-version=1.1,1.2|host=h]{}"};
    check("CONNECT\naccept-version:1.1,1.2\nhost:h\n\n\0"sv, std::nullopt, expected);
    check("CONNECT\r\naccept-version:1.1,1.2\r\nhost:h\r\n\r\n\0"sv, std::nullopt, expected);
    check("STOMP\r\naccept-version:1.2\r\n\r\n\0\r\n"sv, std::nullopt,
          {"STOMP[accept-version=1.2]{}", "~"});
}

TEST_CASE("a CONNECT that asks for nothing above 1.0 is read as 1.0") {
    check("CONNECT\nlogin: guest\npasscode: a b \n\n\0"sv, std::nullopt,
          {"CONNECT[login=guest|passcode=a b]{}"});
    check("CONNECT\naccept-version:1.0\nlogin: guest\n\n\0"sv, std::nullopt,
          {"CONNECT[accept-version=1.0|login=guest]{}"});
    check("CONNECT\naccept-version:1.0,1.1\nlogin: guest\n\n\0"sv, std::nullopt,
          {"CONNECT[accept-version=1.0,1.1|login= guest]{}"});
    check("CONNECT\naccept-version:9.9\nlogin: guest\n\n\0"sv, std::nullopt,
          {"CONNECT[accept-version=9.9|login= guest]{}"});
}

TEST_CASE("a CONNECTED is read by the version that it names") {
    check("CONNECTED\nsession: 1\n\n\0"sv, std::nullopt, {"CONNECTED[session=1]{}"});
    check("CONNECTED\nversion:1.2\nserver: x\n\n\0"sv, std::nullopt,
          {"CONNECTED[version=1.2|server= x]{}"});
}

TEST_CASE("the version agreed on governs the frames after CONNECT") {
    reader r(std::nullopt);
    r.feed("CONNECT\naccept-version:1.1\n\n\0"sv);
    r.set_version(version::v1_1);
    r.feed("SEND\na:\\c\n\n\0SEND\na:\\r\n\n\0"sv);
    CHECK(r.seen() == transcript{"CONNECT[accept-version=1.1]{}", "SEND[a=:]{}",
                                 "! The header 'a' has a backslash that begins no escape of this "
                                 "version."});
}

TEST_CASE("an error is final: the rest is dropped and the error comes again") {
    frame_parser parser;
    header_scratch scratch;
    auto bytes = "nonsense\n\n\0SEND\n\n\0"s;
    auto input = std::span<char>(bytes);
    CHECK(std::get<parse_error>(parser.next(input, scratch, {})).code == errc::unknown_command);
    CHECK(input.empty());
    auto more = "SEND\n\n\0"s;
    input = more;
    auto const again = std::get<parse_error>(parser.next(input, scratch, {}));
    CHECK(again.code == errc::unknown_command);
    CHECK(again.subject.empty());
    CHECK(input.empty());
    CHECK(parser.idle());
}

TEST_CASE("an error knows the receipt that the frame asked for") {
    struct row {
        std::string_view bytes;
        std::string_view receipt;
        version v = version::v1_2;
    };
    for (auto const& r : {
             row{"SUBSCRIBE\nid:1\nreceipt:r-1\n\nbody\0"sv, "r-1"},
             row{"SUBSCRIBE\r\nreceipt:r-1\r\nid:1\r\n\r\nbody\0"sv, "r-1"},
             row{"SEND\nreceipt:r\\c1\nreceipt:2\nnonsense\n\n\0"sv, "r:1"},
             row{"SEND\n receipt : r-1 \nnonsense\n\n\0"sv, "r-1", version::v1_0},
             row{"SEND\nreceipt:1\ncontent-length:1\n\nab\0"sv, "1"},
             row{"SEND\nreceipt:1\ncontent-length:x\n\nab\0"sv, "1"},
             row{"SEND\nnonsense\nreceipt:1\n\nab\0"sv, ""},
             row{"SEND\nxreceipt:1\nreceipt-id:2\nnonsense\n\n\0"sv, ""},
             row{"CONNECT\naccept-version:1.2\nreceipt:1\n\nbody\0"sv, ""},
             row{"NONSENSE\nreceipt:1\n\n\0"sv, ""},
         }) {
        CAPTURE(r.bytes);
        for (std::size_t piece : {std::size_t{1}, std::size_t{7}, r.bytes.size()}) {
            frame_parser parser;
            parser.set_version(r.v);
            header_scratch scratch;
            auto bytes = std::string(r.bytes);
            outcome got;
            for (std::size_t at = 0; at < bytes.size(); at += piece) {
                auto input = std::span(bytes).subspan(at, std::min(piece, bytes.size() - at));
                got = parser.next(input, scratch, {});
                if (std::holds_alternative<parse_error>(got)) break;
            }
            CHECK(std::get<parse_error>(got).receipt == r.receipt);
        }
    }
}

TEST_CASE("what an error quotes is shortened and masked") {
    auto const line = "\x01\x7f" + std::string(70, 'x');
    CHECK(read("SEND\n" + line + "\n\n\0"s) ==
          transcript{"! The header line '??" + std::string(62, 'x') +
                     "...' has no name or no ':' after it."});
}

TEST_CASE("an error without a sentence of its own is described by its text") {
    CHECK(parse_error{.code = errc::invalid_heart_beat}.describe() == "invalid heart-beat.");
}

}  // namespace stomp::test
