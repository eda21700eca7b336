// An authority of the tests: certificates of servers and clients, OCSP responses, lists of the
// revoked.
#pragma once

#include "config/config.h"
#include "server/tls/handles.h"

#include <chrono>
#include <filesystem>
#include <string>

namespace mail::test {

struct Wanted {
    std::string common_name = {};
    std::string alternative_names
        = {}; ///< as OpenSSL's config has them: "DNS:a.example, email:b@c"
    std::string subject_email = {};
    bool is_rsa = false; ///< else ECDSA on P-256
    std::chrono::seconds begins = -std::chrono::hours(1); ///< from now
    std::chrono::seconds ends = std::chrono::hours(24 * 90);
};

class Authority {
public:
    explicit Authority(std::string const& name = "Test Authority");

    /// Writes STEM.pem, with the authority's own certificate behind the new one, and STEM.key.
    config::TlsFiles issue(
        std::filesystem::path const& folder, std::string const& stem, Wanted const& wanted) const;
    void write_certificate(std::filesystem::path const& file) const; ///< the authority's own
    enum class Status { good, revoked };
    void write_ocsp_response(std::filesystem::path const& file, config::TlsFiles const& about,
        Status status = Status::good,
        std::chrono::seconds next_update = std::chrono::hours(24)) const;
    void write_crl(std::filesystem::path const& file, config::TlsFiles const& revoked) const;

private:
    server::tls::KeyPtr key_;
    server::tls::CertificatePtr certificate_;
};

/// The first certificate of a PEM file, and a key.
server::tls::CertificatePtr read_certificate(std::filesystem::path const& file);
server::tls::KeyPtr read_key(std::filesystem::path const& file);

} // namespace mail::test
