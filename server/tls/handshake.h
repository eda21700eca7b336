// The server's part in choices of the handshake: certificate by name (RFC 6066 §3), application
// protocol (RFC 7301), stapled OCSP response (RFC 6066 §8), keys of tickets.
#pragma once

#include <openssl/ssl.h>

namespace mail::server::tls {

class Credentials;

/// `credentials` outlive the context and all its connections.
void set_callbacks(SSL_CTX* context, Credentials const& credentials);

} // namespace mail::server::tls
