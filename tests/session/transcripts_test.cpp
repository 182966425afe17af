#include "tests/session/node_stub.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

// Runs tests/session/transcripts/*.stomp. The format is explained in transcripts/README.md.

namespace {

using namespace test;

enum class line_kind { sent, received, event, note };

struct step {
    line_kind kind;
    std::string text;
    std::size_t line;
};

struct transcript {
    std::string name;
    std::vector<step> steps;
};

// The text of a frame that begins on this line and ends with "^@".
std::string read_frame(std::istream& in, std::string first, std::size_t& number) {
    auto text = std::move(first);
    for (std::string line; text.find("^@") == std::string::npos && std::getline(in, line);) {
        ++number;
        text += '\n' + line;
    }
    return text;
}

std::vector<transcript> read_transcripts(std::filesystem::path const& file) {
    std::ifstream in(file);
    std::vector<transcript> all;
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        auto const begun = number;
        if (line.empty() || line.starts_with('#')) continue;
        if (line.starts_with("=== ")) {
            all.push_back({line.substr(4), {}});
            continue;
        }
        REQUIRE_MESSAGE(!all.empty(), file.string(), ":", number, ": a step before any '==='");
        auto& steps = all.back().steps;
        auto const rest = line.size() > 3 ? line.substr(3) : std::string();
        if (line.starts_with(">> ")) {
            steps.push_back({line_kind::sent, read_frame(in, rest, number), begun});
        } else if (line.starts_with("<< (")) {
            steps.push_back({line_kind::received, rest, begun});
        } else if (line.starts_with("<< ")) {
            steps.push_back({line_kind::received, read_frame(in, rest, number), begun});
        } else if (line.starts_with("-- ")) {
            steps.push_back({line_kind::event, rest, begun});
        } else {
            FAIL(file.string() << ":" << number << ": not understood: " << line);
        }
    }
    return all;
}

void happen(node_stub& node, std::string const& what) {
    std::istringstream words(what);
    std::string verb;
    words >> verb;
    std::string rest;
    std::getline(words >> std::ws, rest);
    if (verb == "pass") {
        node.pass(std::chrono::milliseconds(std::stol(rest)));
    } else if (verb == "done") {
        node.app_done(rest.empty() ? 0 : std::stoul(rest));
    } else if (verb == "refuse") {
        node.app_done(0, broker::app_error{"not_a_member", "You are no member of room 1."});
    } else if (verb == "subscribed") {
        node.subscribed();
    } else if (verb == "forbidden") {
        node.subscribed(broker::topic_refusal{"not_a_member", "You are no member of room 1."});
    } else if (verb == "publish") {
        auto const destination = rest.substr(0, rest.find(' '));
        node.publish({.destination = destination,
                      .id = "n-1",
                      .headers = {},
                      .body = rest.substr(destination.size() + 1)});
    } else {
        FAIL("no such event: " << what);
    }
}

void run(transcript const& script) {
    node_stub node;
    std::deque<std::string> out;
    auto const expect_nothing = [&] {
        CHECK_MESSAGE(out.empty(), "not expected: ", (out.empty() ? "" : out.front()));
        out.clear();
    };
    for (auto const& s : script.steps) {
        CAPTURE(script.name);
        CAPTURE(s.line);
        if (s.kind == line_kind::received) {
            REQUIRE_MESSAGE(!out.empty(), "nothing came, expected: ", s.text);
            CHECK(out.front() == s.text);
            out.pop_front();
            continue;
        }
        expect_nothing();
        if (s.kind == line_kind::sent) {
            node.receive(s.text);
        } else {
            happen(node, s.text);
        }
        for (auto& text : node.take()) out.push_back(std::move(text));
    }
    expect_nothing();
}

TEST_CASE("the transcripts play as they are written") {
    std::vector<std::filesystem::path> files;
    for (auto const& entry : std::filesystem::directory_iterator(TRANSCRIPTS)) {
        if (entry.path().extension() == ".stomp") files.push_back(entry.path());
    }
    std::ranges::sort(files);
    REQUIRE(files.size() >= 3);
    for (auto const& file : files) {
        INFO(file.filename().string());
        for (auto const& script : read_transcripts(file)) run(script);
    }
}

}  // namespace
