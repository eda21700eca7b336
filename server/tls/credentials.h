// What the server shows to clients and asks of them, as of one moment: certificates by the names
// that clients ask for, OCSP responses, trust in clients' certificates.
#pragma once

#include "config/config.h"
#include "server/tls/certificate.h"
#include "server/tls/client_trust.h"
#include "server/tls/ocsp_response.h"
#include "server/tls/ticket_keys.h"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mail::server::tls {

class Stream;

/// A certificate and what is stapled to it; null: nothing.
struct Shown {
    std::shared_ptr<Certificate const> certificate;
    std::shared_ptr<OcspResponse const> ocsp_response = nullptr;
};

/// Which of the certificates go with a name: of each kind of key the first that has the name
/// itself, else the first that has a wildcard for it. In order. Empty: none.
std::vector<std::size_t> certificates_for(std::vector<Shown> const& all, std::string_view name);

/// Which go with no name or an unknown one: the first, and of other kinds of key the first that
/// are for all its names.
std::vector<std::size_t> default_certificates(std::vector<Shown> const& all);

/// Never changes; connections keep theirs when renewed files make another. A client that asks for
/// an unknown name gets the default and no alert: mail programs know their server by many names.
class Credentials {
public:
    /// `certificates` are not empty, the default first. `trust` may be null: clients are not asked.
    Credentials(config::TlsSettings const& settings, std::vector<Shown> certificates,
        std::shared_ptr<ClientTrust const> trust, std::shared_ptr<TicketKeys> tickets);
    ~Credentials();
    Credentials(Credentials const&) = delete;
    Credentials& operator=(Credentials const&) = delete;

    SSL_CTX* default_context() const { return default_; }
    SSL_CTX* context_for(std::string_view name) const; ///< null: the name is unknown
    OcspResponse const* ocsp_response_of(X509 const* certificate) const; ///< null: none
    bool asks_clients() const { return trust_ != nullptr; }
    std::vector<config::CertifiedName> const& client_names() const { return client_names_; }
    TicketKeys& tickets() const { return *tickets_; }

private:
    SSL_CTX* context_with(
        config::TlsSettings const& settings, std::vector<std::size_t> const& which);
    ContextPtr make_context(
        config::TlsSettings const& settings, std::vector<std::size_t> const& which) const;

    std::vector<Shown> certificates_;
    std::shared_ptr<ClientTrust const> trust_;
    std::shared_ptr<TicketKeys> tickets_;
    std::vector<config::CertifiedName> client_names_;
    std::vector<std::pair<std::vector<std::size_t>, ContextPtr>> contexts_;
    std::unordered_map<std::string, SSL_CTX*> by_name_; ///< wildcards as such
    SSL_CTX* default_ = nullptr;
};

} // namespace mail::server::tls
