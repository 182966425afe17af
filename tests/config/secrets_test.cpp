#include "support.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

using namespace config;
using config_test::load;
using config_test::wrong_in;

namespace {
std::string const secret = "0123456789abcdef0123456789abcdef";
std::string const hs256 = "[auth.jwt]\nalgorithms = [\"HS256\"]\n";
}  // namespace

TEST_CASE("a secret comes from a file, without the line break at its end") {
    for (auto const* end : {"", "\n", "\r\n", "\n\n"}) {
        auto const got =
            load(hs256 + "secret_file = \"jwt.key\"\n", {}, {}, {{"/etc/jwt.key", secret + end}});
        CHECK(wrong_in(got).empty());
        CHECK(got.values.auth.jwt.secret == secret);
    }
}

TEST_CASE("a secret's file must be there, hold something, and hold enough") {
    CHECK(wrong_in(load(hs256 + "secret_file = \"jwt.key\"\n")) ==
          "/etc/s.toml:3:15: auth.jwt.secret_file: expected the path of a readable file; "
          "/etc/jwt.key: No such file or directory");
    CHECK(wrong_in(load(hs256 + "secret_file = \"k\"\n", {}, {}, {{"/etc/k", "\n"}})) ==
          "/etc/s.toml:3:15: auth.jwt.secret_file: /etc/k is empty");
    CHECK(wrong_in(load(hs256 + "secret_file = \"k\"\n", {}, {}, {{"/etc/k", "short"}})) ==
          "/etc/s.toml:3:15: auth.jwt.secret_file: expected a secret of 32 bytes or more");
}

TEST_CASE("a secret that is refused does not show") {
    auto const wrong = wrong_in(load(hs256 + "secret = \"hunter2\"\n"));
    CHECK(wrong == "/etc/s.toml:3:10: auth.jwt.secret: expected a text, of at least 32 characters");
    CHECK(wrong_in(load("", {"STAMPEDE_AUTH__JWT__SECRET=hunter2"})).find("hunter2") ==
          std::string::npos);
}

TEST_CASE("a key and its file form are refused together, but a higher source replaces either") {
    config_test::files const files{{"/etc/k", secret}, {"k", secret + "k"}};
    CHECK(wrong_in(
              load(hs256 + "secret = \"" + secret + "\"\nsecret_file = \"k\"\n", {}, {}, files)) ==
          "/etc/s.toml:4:15: auth.jwt.secret_file: auth.jwt.secret is given too, "
          "/etc/s.toml:3:10; expected one of the two");
    auto const by_value = load(hs256 + "secret_file = \"k\"\n",
                               {"STAMPEDE_AUTH__JWT__SECRET=" + secret + "v"}, {}, files);
    CHECK(wrong_in(by_value).empty());
    CHECK(by_value.values.auth.jwt.secret == secret + "v");
    auto const by_file = load(hs256 + "secret = \"" + secret + "\"\n",
                              {"STAMPEDE_AUTH__JWT__SECRET_FILE=k"}, {}, files);
    CHECK(wrong_in(by_file).empty());
    CHECK(by_file.values.auth.jwt.secret == secret + "k");
}

TEST_CASE("a file that a higher source replaces need not be there") {
    auto const got = load(hs256 + "secret_file = \"missing\"\n",
                          {"STAMPEDE_AUTH__JWT__SECRET_FILE=k"}, {}, {{"k", secret}});
    CHECK(wrong_in(got).empty());
}

TEST_CASE("PostgreSQL's connection may be in a file") {
    auto const got = load("[storage]\nbackend = \"postgresql\"\nconnection_file = \"pg\"\n", {}, {},
                          {{"/etc/pg", "postgresql://u:p@h/d\n"}});
    CHECK(wrong_in(got).empty());
    CHECK(got.values.storage.connection == "postgresql://u:p@h/d");
}

TEST_CASE("real files are read whole, and folders and huge files are refused") {
    auto const folder =
        std::filesystem::temp_directory_path() / ("stampede-config-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "a") << "text\n";
    std::ofstream(folder / "huge") << std::string(1024 * 1024 + 1, 'x');
    CHECK(read_whole_file(folder / "a").value() == "text\n");
    CHECK(read_whole_file(folder).error() == boost::system::errc::is_a_directory);
    CHECK(read_whole_file(folder / "huge").error() == boost::system::errc::file_too_large);
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    CHECK(read_whole_file(folder / "pipe").error().message() == "A pipe, not a file");
    std::filesystem::create_symlink("a", folder / "link");
    CHECK(read_whole_file(folder / "link").value() == "text\n");
    CHECK(read_whole_file(folder / "none").error() ==
          boost::system::errc::no_such_file_or_directory);
    std::filesystem::remove_all(folder);
}
