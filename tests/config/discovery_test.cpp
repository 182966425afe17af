#include "support.hpp"

#include <doctest/doctest.h>

using config_test::load;
using config_test::wrong_in;

namespace {

std::string const eureka = "[eureka]\nurls = [\"http://u:hunter2@h:8761/eureka\"]\n";

}  // namespace

TEST_CASE("a Eureka server is an address; its password may be in a file") {
    auto const got = load("[eureka]\nurls = [\"https://u@h/eureka\"]\npassword_file = \"p\"\n", {},
                          {}, {{"/etc/p", "hunter2\n"}});
    CHECK(wrong_in(got).empty());
    CHECK(got.values.eureka.password == "hunter2");
    CHECK(wrong_in(load("[eureka]\nurls = []\n")).empty());
}

TEST_CASE("a Eureka server's address has its scheme, and is not repeated") {
    for (auto const* url : {"u:hunter2@h:8761", "amqp://u:hunter2@h", "http://"}) {
        CHECK(wrong_in(load("[eureka]\nurls = [\"" + std::string(url) + "\"]\n")) ==
              "/etc/s.toml:2:8: eureka.urls: expected addresses such as "
              "\"http://user:password@host:8761/eureka\"");
    }
}

TEST_CASE("a registration lasts longer than the time between its renewals") {
    CHECK(wrong_in(load(eureka + "heart_beat = \"30 s\"\nlease = \"30 s\"\n")) ==
          "/etc/s.toml:4:9: eureka.lease: expected more than eureka.heart_beat, 30 s; a "
          "registration would end before it is renewed; got 30 s");
    CHECK(wrong_in(load(eureka + "heart_beat = \"2 min\"\n")).find("got 90 s") !=
          std::string::npos);
}

TEST_CASE("what others read of a node is fit for addresses and for XML") {
    CHECK(wrong_in(load(eureka + "app = \"a b\"\n")) ==
          "/etc/s.toml:3:7: eureka.app: expected letters, digits, '-', '_' and '.'; got \"a b\"");
    CHECK(wrong_in(load(eureka + "instance_id = \"a/b\"\n")) ==
          "/etc/s.toml:3:15: eureka.instance_id: expected letters, digits, '-', '_', '.' and ':'; "
          "got \"a/b\"");
    CHECK(wrong_in(load(eureka + "host_name = \"http://a\"\n")) ==
          "/etc/s.toml:3:13: eureka.host_name: expected a host's name or its numeric address, "
          "without a port; got \"http://a\"");
    CHECK(wrong_in(load(eureka + "ip_address = \"localhost\"\n")) ==
          "/etc/s.toml:3:14: eureka.ip_address: expected a numeric address such as \"10.0.0.7\"; "
          "got \"localhost\"");
    for (auto const* item : {"zone", "=a", "1zone=a", "a b=c"}) {
        CAPTURE(item);
        CHECK(wrong_in(load(eureka + "metadata = [\"" + item + "\"]\n")) ==
              "/etc/s.toml:3:12: eureka.metadata: expected \"name=value\", with a name of letters, "
              "digits, '-' and '_' that begins with a letter; got \"" +
                  std::string(item) + "\"");
    }
    CHECK(wrong_in(load(eureka +
                        "app = \"chat\"\ninstance_id = \"h:chat:1\"\nhost_name = \"fd00::7\"\n"
                        "ip_address = \"fd00::7\"\nmetadata = [\"zone=\", \"a_b=c=d\"]\n"))
              .empty());
}

TEST_CASE("without a listener for HTTP there is nothing to tell others") {
    std::string const stomp = "[[listeners]]\nprotocol = \"stomp\"\n";
    CHECK(wrong_in(load(eureka + stomp)) ==
          "/etc/s.toml:2:8: eureka.port: missing; no listener is for HTTP, so there is nothing to "
          "tell others");
    CHECK(wrong_in(load(eureka + "port = 80\n" + stomp)).empty());
}
