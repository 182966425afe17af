#include "broker/tls/server_check.hpp"
#include "tests/support/certificates.hpp"

#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

// Whom a client takes for its server. Both ends are in this thread, with memory between them.

namespace tests {

using broker::tls::check_authorities;
using broker::tls::server_check;

namespace {

using context_ptr = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using session_ptr = std::unique_ptr<SSL, decltype(&SSL_free)>;

std::string const both_names = "DNS:broker.example,IP:127.0.0.1";

// Goes on until the client knows; true when it has taken the server.
bool handshake(SSL* client, SSL* server) {
    for (;;) {
        int const done = SSL_do_handshake(client);
        if (done == 1) return true;
        if (SSL_get_error(client, done) != SSL_ERROR_WANT_READ) return false;
        SSL_do_handshake(server);
    }
}

// "taken", or why not.
std::string outcome(server_check& check, certificate_authority::files const& identity,
                    int newest_version = 0) {
    context_ptr const ours(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    context_ptr const theirs(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    check.prepare(ours.get());
    REQUIRE(SSL_CTX_use_certificate_chain_file(theirs.get(), identity.certificate.c_str()) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey_file(theirs.get(), identity.key.c_str(), SSL_FILETYPE_PEM) == 1);
    SSL_CTX_set_max_proto_version(theirs.get(), newest_version);
    session_ptr const client(SSL_new(ours.get()), SSL_free);
    session_ptr const server(SSL_new(theirs.get()), SSL_free);
    BIO* near = nullptr;
    BIO* far = nullptr;
    REQUIRE(BIO_new_bio_pair(&near, 0, &far, 0) == 1);
    SSL_set_bio(client.get(), near, near);
    SSL_set_bio(server.get(), far, far);
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(server.get());
    return handshake(client.get(), server.get()) ? "taken" : check.failure("unknown");
}

std::string outcome(std::string const& host, std::string const& ca_file,
                    certificate_authority::files const& identity) {
    server_check check(host, ca_file);
    return outcome(check, identity);
}

bool says(std::string const& text, std::string const& part) {
    bool const said = text.find(part) != std::string::npos;
    if (!said) MESSAGE(text);
    return said;
}

std::string complaint_about(std::string const& ca_file) {
    try {
        check_authorities(ca_file);
    } catch (std::runtime_error const& error) {
        return error.what();
    }
    return "none";
}

}  // namespace

TEST_CASE("a server is taken by its name or its address, from an authority that is trusted") {
    certificate_authority const authority("Test Authority");
    auto const identity = authority.issue(both_names);
    CHECK(outcome("broker.example", authority.file(), identity) == "taken");
    CHECK(outcome("127.0.0.1", authority.file(), identity) == "taken");
    CHECK(outcome("BROKER.example", authority.file(), identity) == "taken");
}

TEST_CASE("a wildcard stands for one whole label") {
    certificate_authority const authority("Test Authority");
    auto const identity = authority.issue("DNS:*.example.org");
    CHECK(outcome("a.example.org", authority.file(), identity) == "taken");
    CHECK(outcome("a.b.example.org", authority.file(), identity) != "taken");
    CHECK(outcome("example.org", authority.file(), identity) != "taken");
    CHECK(outcome("abc.example.org", authority.file(), authority.issue("DNS:a*.example.org")) !=
          "taken");
}

TEST_CASE("a certificate for another name or address is refused, and its names are said") {
    certificate_authority const authority("Test Authority");
    auto const identity = authority.issue(both_names);
    for (auto const* host : {"other.example", "127.0.0.2", "broker.example.org"}) {
        auto const why = outcome(host, authority.file(), identity);
        CHECK(says(why, "the server's certificate is not for " + std::string(host) + " but for"));
        CHECK(says(why, "broker.example"));
        CHECK(says(why, "127.0.0.1"));
    }
    // The subject's common name, "server", counts for nothing beside other names.
    CHECK(outcome("server", authority.file(), identity) != "taken");
}

TEST_CASE("a certificate from an authority that is not trusted is refused, and it is named") {
    certificate_authority const authority("Test Authority");
    certificate_authority const other("Other Authority");
    auto const identity = authority.issue(both_names);
    auto const why = outcome("broker.example", other.file(), identity);
    CHECK(says(why, "comes from an authority that is not trusted"));
    CHECK(says(why, "Test Authority"));
    CHECK(says(why, other.file()));
    auto const by_system = outcome("broker.example", "", identity);
    CHECK(says(by_system, "not trusted"));
    CHECK(says(by_system, "ca_file names others"));
}

TEST_CASE("an authority of the same name with another key is not trusted") {
    certificate_authority const authority("Test Authority");
    certificate_authority const same_name("Test Authority");
    CHECK(outcome("broker.example", same_name.file(), authority.issue(both_names)) != "taken");
}

TEST_CASE("a certificate is refused after its time, and before it") {
    certificate_authority const authority("Test Authority");
    CHECK(says(outcome("broker.example", authority.file(), authority.issue(both_names, {-2, -1})),
               "the server's certificate has expired, at 2"));
    CHECK(says(outcome("broker.example", authority.file(), authority.issue(both_names, {1, 2})),
               "the server's certificate is not valid before 2"));
}

TEST_CASE("a server that can only do TLS 1.1 is refused, one with 1.2 is taken") {
    certificate_authority const authority("Test Authority");
    auto const identity = authority.issue(both_names);
    server_check check("broker.example", authority.file());
    CHECK(outcome(check, identity, TLS1_2_VERSION) == "taken");
    CHECK(outcome(check, identity, TLS1_1_VERSION) != "taken");
}

TEST_CASE("what is no TLS is called so") {
    for (std::string const greeting :
         {"AMQP\0\0\x09\x01", "-ERR unknown command\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n"}) {
        CAPTURE(greeting);
        server_check check("broker.example", "");
        context_ptr const context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
        check.prepare(context.get());
        session_ptr const client(SSL_new(context.get()), SSL_free);
        BIO* const incoming = BIO_new(BIO_s_mem());
        std::string const said = greeting + std::string(32, '.');
        BIO_write(incoming, said.data(), static_cast<int>(said.size()));
        SSL_set_bio(client.get(), incoming, BIO_new(BIO_s_mem()));
        SSL_set_connect_state(client.get());
        REQUIRE(SSL_do_handshake(client.get()) != 1);
        CHECK(check.failure("unknown") == "what answers there does not speak TLS");
    }
}

TEST_CASE("a file of authorities is looked at before anybody relies on it") {
    certificate_authority const authority("Test Authority");
    CHECK(complaint_about("") == "none");
    CHECK(complaint_about(authority.file()) == "none");
    std::string const missing = authority.file() + ".missing";
    CHECK(complaint_about(missing) == missing + " cannot be read");
    std::string const key = authority.issue(both_names).key;
    CHECK(complaint_about(key) == key + " has no certificate in PEM in it");
    std::ofstream(missing) << "what?\n";
    CHECK(complaint_about(missing) == missing + " has no certificate in PEM in it");
}

}  // namespace tests
