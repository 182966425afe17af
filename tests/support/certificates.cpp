#include "tests/support/certificates.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace tests {

namespace {

constexpr int day = 24 * 60 * 60;

using key_ptr = std::shared_ptr<EVP_PKEY>;
using certificate_ptr = std::shared_ptr<X509>;

void must(bool done) {
    if (!done) throw std::runtime_error("certificates: OpenSSL refused");
}

key_ptr new_key() {
    key_ptr key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    must(key != nullptr);
    return key;
}

void add_extension(X509* to, X509* issuer, int what, std::string const& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
    must(extension != nullptr && X509_add_ext(to, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

// Not signed.
certificate_ptr new_certificate(std::string const& name, EVP_PKEY* key, int number,
                                certificate_authority::days valid) {
    certificate_ptr made(X509_new(), X509_free);
    must(made != nullptr);
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), number);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), static_cast<long>(valid.from) * day);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), static_cast<long>(valid.until) * day);
    must(X509_set_pubkey(made.get(), key) == 1);
    must(X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<unsigned char const*>(name.data()),
                                    static_cast<int>(name.size()), -1, 0) == 1);
    return made;
}

template <typename Write>
void write_file(std::string const& path, Write write) {
    std::unique_ptr<FILE, int (*)(FILE*)> const file(std::fopen(path.c_str(), "w"), std::fclose);
    must(file != nullptr && write(file.get()) == 1);
}

}  // namespace

certificate_authority::certificate_authority(std::string const& name) : key_(new_key()) {
    std::string path = (std::filesystem::temp_directory_path() / "stampede-ca-XXXXXX").string();
    must(mkdtemp(path.data()) != nullptr);
    directory_ = path;
    certificate_ = new_certificate(name, key_.get(), 1, days());
    X509* const mine = certificate_.get();
    must(X509_set_issuer_name(mine, X509_get_subject_name(mine)) == 1);
    add_extension(mine, mine, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(mine, mine, NID_subject_key_identifier, "hash");
    must(X509_sign(mine, key_.get(), EVP_sha256()) > 0);
    write_file(file(), [mine](FILE* to) { return PEM_write_X509(to, mine); });
}

certificate_authority::~certificate_authority() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

certificate_authority::files certificate_authority::issue(std::string const& names,
                                                          days valid) const {
    auto const key = new_key();
    auto const made = new_certificate("server", key.get(), ++issued_ + 1, valid);
    must(X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_.get())) == 1);
    add_extension(made.get(), certificate_.get(), NID_authority_key_identifier, "keyid");
    add_extension(made.get(), certificate_.get(), NID_subject_alt_name, names);
    must(X509_sign(made.get(), key_.get(), EVP_sha256()) > 0);
    std::string const base = (directory_ / std::to_string(issued_)).string();
    files const written{.certificate = base + ".pem", .key = base + ".key"};
    write_file(written.certificate, [&](FILE* to) { return PEM_write_X509(to, made.get()); });
    write_file(written.key, [&](FILE* to) {
        return PEM_write_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    return written;
}

}  // namespace tests
