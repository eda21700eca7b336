// A certificate of the server with its chain and private key, as loaded from its files.
#pragma once

#include "config/config.h"
#include "server/tls/handles.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mail::server::tls {

using Time = std::chrono::system_clock::time_point;

class Certificate {
public:
    /// Throws std::runtime_error with one line that says what to do when a file cannot be read or
    /// used, or the key does not belong to the certificate.
    explicit Certificate(config::TlsFiles const& files);

    std::string file() const { return file_.string(); }
    /// Of hosts, as host_name() has them; the common name when there is no subjectAltName.
    std::vector<std::string> const& names() const { return names_; }
    bool is_for(std::string_view name) const;
    int key_kind() const { return ::EVP_PKEY_get_base_id(key_.get()); } ///< EVP_PKEY_RSA, ...
    Time not_before() const;
    Time not_after() const;

    X509* get() const { return certificate_.get(); }
    /// Of those in the file, the one that signed this; null when it is not there.
    X509* issuer() const;
    STACK_OF(X509) * chain() const { return chain_.get(); } ///< without the certificate itself
    bool is_same_as(Certificate const& other) const;

    /// Adds it to those that the context may show: one of each kind of key.
    void use_in(SSL_CTX* context) const;

    /// What clients will find wrong with the chain, in whole sentences; validity apart.
    std::vector<std::string> doubts() const;

private:
    std::filesystem::path file_;
    CertificatePtr certificate_;
    CertificatesPtr chain_;
    KeyPtr key_;
    std::vector<std::string> names_;
};

Time time_of(ASN1_TIME const* time);
std::string date_of(Time time); ///< "2026-11-26", UTC

} // namespace mail::server::tls
