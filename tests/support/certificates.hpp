#pragma once

#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <string>

// Certificates for tests, in files of a temporary directory that goes with the authority.

namespace tests {

class certificate_authority {
public:
    explicit certificate_authority(std::string const& name);
    ~certificate_authority();
    certificate_authority(certificate_authority const&) = delete;
    certificate_authority& operator=(certificate_authority const&) = delete;

    // Its own certificate, in PEM.
    std::string file() const { return (directory_ / "authority.pem").string(); }

    struct files {
        std::string certificate;
        std::string key;
    };
    struct days {
        int from = -1;
        int until = 2;
    };
    // For a server; `names` as in "DNS:localhost,IP:127.0.0.1", the days counted from now.
    files issue(std::string const& names, days valid) const;
    files issue(std::string const& names) const { return issue(names, days()); }

private:
    std::filesystem::path directory_;
    std::shared_ptr<EVP_PKEY> key_;
    std::shared_ptr<X509> certificate_;
    mutable int issued_ = 0;
};

}  // namespace tests
