// Whose certificates of clients are believed, and which are revoked.
#pragma once

#include "config/config.h"
#include "server/tls/certificate.h"

#include <string>
#include <vector>

namespace mail::server::tls {

class ClientTrust {
public:
    /// Reads client_ca and client_crl; throws std::runtime_error with one line when that fails.
    explicit ClientTrust(config::TlsSettings const& settings);

    /// Lets the context ask clients for certificates, tell them of which authorities, and check
    /// what they show: a chain to one of these, in time, for clients, not revoked.
    void use_in(SSL_CTX* context) const;

    /// Changes with the authorities and the list of the revoked: sessions that were checked against
    /// others are not resumed.
    std::string const& digest() const { return digest_; }

    /// That keeps clients out now or soon, in whole sentences.
    std::vector<std::string> doubts(Time now) const;

private:
    void read_crls();

    config::ClientCertificate wanted_;
    std::filesystem::path ca_file_;
    std::filesystem::path crl_file_;
    CertificatesPtr authorities_;
    std::vector<CrlPtr> crls_;
    StorePtr store_;
    std::string digest_;
};

} // namespace mail::server::tls
