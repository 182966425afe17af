#include "support.hpp"

#include <doctest/doctest.h>

using config_test::load;
using config_test::wrong_in;

namespace {

std::string const store = "[storage]\nbackend = \"postgresql\"\nconnection = \"host=x\"\n";
std::string const rabbit = "[rabbitmq]\nurls = [\"amqp://guest:pass@broker\"]\n";
std::string const cluster_section = "[cluster]\nsecret = \"0123456789abcdef\"\n";

}  // namespace

TEST_CASE("a cluster is a RabbitMQ, PostgreSQL and a secret") {
    auto const got = load(store + rabbit + cluster_section);
    CHECK(wrong_in(got) == "");
    CHECK(got.values.clustered());
    CHECK_FALSE(load("").values.clustered());

    CHECK(wrong_in(load(rabbit + cluster_section)) ==
          "/etc/s.toml:2:8: storage.backend: expected \"postgresql\": the nodes of a cluster share "
          "their store");
    CHECK(wrong_in(load(store + rabbit)) ==
          "/etc/s.toml:5:8: cluster.secret: missing; a cluster needs it, or cluster.secret_file");
}

TEST_CASE("a cluster's secret has 16 bytes or more, and is not repeated") {
    CHECK(wrong_in(load(store + rabbit + "[cluster]\nsecret = \"0123456789abcde\"\n")) ==
          "/etc/s.toml:7:10: cluster.secret: expected a text, of at least 16 characters");
}

TEST_CASE("addresses of servers have their scheme, and are not repeated: they may hold passwords") {
    CHECK(wrong_in(load(store + cluster_section + "[rabbitmq]\nurls = [\"http://u:p@h\"]\n")) ==
          "/etc/s.toml:7:8: rabbitmq.urls: expected addresses such as \"amqp://user@host:5672\" or "
          "\"amqps://user@host:5671\"");
    CHECK(wrong_in(load(store + rabbit + cluster_section + "[redis]\nurls = [\"h:6379\"]\n")) ==
          "/etc/s.toml:9:8: redis.urls: expected addresses such as \"redis://host:6379\" or "
          "\"rediss://host:6379\"");
}

TEST_CASE("Redis and its Sentinels may be reached by TLS, with authorities of one's own") {
    std::string const ca = "ca_file = \"/ca.pem\"\n";
    config_test::files const there = {{"/ca.pem", "a certificate"}};
    auto const wrong = [&](std::string const& redis) {
        return wrong_in(
            load(store + rabbit + cluster_section + "[redis]\n" + redis, {}, {}, there));
    };
    CHECK(wrong("urls = [\"rediss://h\"]\n" + ca) == "");
    CHECK(wrong("urls = [\"rediss://h\", \"redis://h\"]\n") == "");
    CHECK(wrong("sentinels = [\"rediss://s:1\", \"rediss://t\"]\n" + ca) == "");
    CHECK(wrong("urls = [\"redis://h\"]\n" + ca) ==
          "/etc/s.toml:10:11: redis.ca_file: of use only to an address with TLS, "
          "\"rediss://host:6379\"");
    CHECK(wrong("sentinels = [\"rediss://s:1\", \"t\"]\n") ==
          "/etc/s.toml:9:13: redis.sentinels: expected \"rediss://\" before each of them or before "
          "none");
}

TEST_CASE("RabbitMQ may be reached by TLS, with authorities of one's own") {
    std::string const tls =
        "[rabbitmq]\nurls = [\"amqp://u:p@a\", \"amqps://u:p@b\"]\nca_file = \"/ca.pem\"\n";
    auto const got = load(store + cluster_section + tls, {}, {}, {{"/ca.pem", "a certificate"}});
    CHECK(wrong_in(got) == "");
    CHECK(got.values.rabbitmq.ca_file == "/ca.pem");
    CHECK(wrong_in(load(store + cluster_section + tls)) ==
          "/etc/s.toml:8:11: rabbitmq.ca_file: expected the path of a readable file; "
          "/ca.pem: No such file or directory");
    CHECK(wrong_in(load(store + cluster_section + rabbit + "ca_file = \"/ca.pem\"\n", {}, {},
                        {{"/ca.pem", "a certificate"}})) ==
          "/etc/s.toml:8:11: rabbitmq.ca_file: of use only to an address with TLS, "
          "\"amqps://user@host:5671\"");
}

TEST_CASE("Redis without a cluster, and Redis and its Sentinels at once, are refused") {
    CHECK(wrong_in(load("[redis]\nurls = [\"redis://h\"]\n")) ==
          "/etc/s.toml:2:8: rabbitmq.urls: missing; Redis is of use only to a cluster, whose nodes "
          "need RabbitMQ");
    CHECK(wrong_in(load(store + rabbit + cluster_section +
                        "[redis]\nurls = [\"redis://h\"]\nsentinels = [\"s:26379\"]\n")) ==
          "/etc/s.toml:10:13: redis.sentinels: expected either redis.urls or redis.sentinels, not "
          "both");
}

TEST_CASE("a node's name is fit for queues and keys") {
    CHECK(wrong_in(load("[cluster]\nnode_id = \"stampede-0.chat_1\"\n")) == "");
    CHECK(
        wrong_in(load("[cluster]\nnode_id = \"a b\"\n")) ==
        "/etc/s.toml:2:11: cluster.node_id: expected letters, digits, '-', '_' and '.', other than "
        "\"all\" and not beginning with \"channel.\" or \"user.\"; got \"a b\"");
    for (auto const* taken : {"all", "channel.7", "user.7"}) {
        CHECK_FALSE(
            wrong_in(load("[cluster]\nnode_id = \"" + std::string(taken) + "\"\n")).empty());
    }
    CHECK(wrong_in(load("[cluster]\nnode_id = \"alles\"\n")) == "");
}

TEST_CASE("a node that listens on every address says at which one it is reached") {
    auto const open = cluster_section + "internal_listener = \"0.0.0.0:9080\"\n";
    CHECK(wrong_in(load(store + rabbit + open)) ==
          "/etc/s.toml:8:21: cluster.internal_address: missing; others cannot reach a node at the "
          "address of its internal_listener, which stands for all");
    CHECK(wrong_in(load(store + rabbit + open + "internal_address = \"10.0.0.7:9080\"\n")) == "");
}

TEST_CASE("only PostgreSQL has a replica") {
    CHECK(wrong_in(load("[storage]\nreplica = \"host=y\"\n")) ==
          "/etc/s.toml:2:11: storage.replica: only the backend \"postgresql\" has a replica");
    CHECK(wrong_in(load(store + "replica = \"host=y\"\n")) == "");
}
