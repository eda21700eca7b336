// OpenSSL's callbacks.
#include "server/tls/handshake.h"

#include "server/log.h"
#include "server/tls/credentials.h"
#include "server/tls/stream.h"

#include <ctime>

namespace mail::server::tls {

namespace {

    Credentials const& credentials_of(SSL* ssl)
    {
        return *static_cast<Credentials const*>(SSL_CTX_get_app_data(::SSL_get_SSL_CTX(ssl)));
    }

    int choose_certificates(SSL* ssl, int*, void*)
    {
        auto const* name = ::SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
        auto* const context = name ? credentials_of(ssl).context_for(name) : nullptr;
        if (!context)
            return SSL_TLSEXT_ERR_NOACK; // goes on with the default
        if (context != ::SSL_get_SSL_CTX(ssl))
            ::SSL_set_SSL_CTX(ssl, context);
        return SSL_TLSEXT_ERR_OK;
    }

    std::string_view application_protocol(config::Protocol protocol)
    {
        switch (protocol) {
        case config::Protocol::imap:
            return "imap";
        case config::Protocol::pop3:
            return "pop3";
        case config::Protocol::lmtp:
        case config::Protocol::auth:
        case config::Protocol::policy:
        case config::Protocol::socketmap:
            break; // have none
        }
        return {};
    }

    /// A client that offers protocols, and not ours, means another server: what it sends here an
    /// attacker made it send (RFC 7301 §3.2; ALPACA). Most mail programs offer none.
    int choose_protocol(SSL* ssl, unsigned char const** chosen, unsigned char* size,
        unsigned char const* offers, unsigned int length, void*)
    {
        auto& stream = Stream::of(ssl);
        auto const own = application_protocol(stream.protocol());
        if (own.empty())
            return SSL_TLSEXT_ERR_NOACK;
        std::string others;
        for (unsigned int at = 0; at < length; at += 1u + offers[at]) { // OpenSSL checked the form
            std::string_view const offer(
                reinterpret_cast<char const*>(offers + at + 1), offers[at]);
            if (offer == own) {
                *chosen = offers + at + 1;
                *size = offers[at];
                return SSL_TLSEXT_ERR_OK;
            }
            others += (others.empty() ? "" : " ") + std::string(offer);
        }
        stream.explain(fmt::format(
            "the client offers to speak only \"{}\" and not \"{}\"", escaped(others), own));
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }

    int staple(SSL* ssl, void*)
    {
        auto const* response = credentials_of(ssl).ocsp_response_of(::SSL_get_certificate(ssl));
        if (!response || response->next_update() <= std::chrono::system_clock::now())
            return SSL_TLSEXT_ERR_NOACK;
        auto const& octets = response->octets();
        auto* const copy = ::OPENSSL_memdup(octets.data(), octets.size());
        ::SSL_set_tlsext_status_ocsp_resp(ssl, copy, static_cast<long>(octets.size()));
        return SSL_TLSEXT_ERR_OK;
    }

    int seal_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
        EVP_MAC_CTX* mac, int seals)
    {
        auto& keys = credentials_of(ssl).tickets();
        return seals ? keys.seal(name, iv, cipher, mac) : keys.open(name, iv, cipher, mac);
    }

} // namespace

void set_callbacks(SSL_CTX* context, Credentials const& credentials)
{
    SSL_CTX_set_app_data(context, const_cast<Credentials*>(&credentials)); // read as const
    SSL_CTX_set_tlsext_servername_callback(context, choose_certificates);
    ::SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    SSL_CTX_set_tlsext_status_cb(context, staple);
    ::SSL_CTX_set_tlsext_ticket_key_evp_cb(context, seal_ticket);
}

} // namespace mail::server::tls
