// Versions, cipher suites and groups: Mozilla's "intermediate" level of guideline 5.7
// (https://wiki.mozilla.org/Security/Server_Side_TLS), unless the administrator asks for others.
#pragma once

#include "config/config.h"

struct ssl_ctx_st;

namespace mail::server::tls {

/// No renegotiation, no compression, no finite-field Diffie-Hellman. The order of the lists
/// decides; only a client that names ChaCha20 first gets that, since it has no AES in hardware.
/// Throws std::runtime_error that names the key of [tls] and the name that is unknown.
void set_level(ssl_ctx_st* context, config::TlsSettings const& settings);

} // namespace mail::server::tls
