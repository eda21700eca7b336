// The names of accounts in a client's certificate.
#pragma once

#include "config/config.h"

#include <openssl/x509.h>

#include <span>
#include <string>
#include <vector>

namespace mail::server::tls {

/// Those of the first of `kinds` that the certificate has any of: one that names an address is not
/// to be taken for somebody else by its common name. In UTF-8; names that are no text (control
/// characters, NUL) or have more than 255 octets are passed over.
std::vector<std::string> certified_names(
    X509* certificate, std::span<config::CertifiedName const> kinds);

} // namespace mail::server::tls
