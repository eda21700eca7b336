// Sets the level of a context.
#include "server/tls/level.h"

#include "server/tls/handles.h"

#include <fmt/format.h>
#include <openssl/err.h>

#include <stdexcept>

namespace mail::server::tls {

namespace {

    using Names = std::vector<std::string>;
    using Setter = bool (*)(SSL_CTX* context, char const* list);

    // clang-format off
    Names const intermediate_ciphers {
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305" };
    Names const intermediate_suites {
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256" };
    Names const intermediate_groups { "X25519", "prime256v1", "secp384r1" };
    // clang-format on

    /// Each name by itself first: in a list OpenSSL passes over what it does not know.
    void set(SSL_CTX* context, char const* key, Names const& names, Setter setter)
    {
        std::string list;
        for (auto const& name : names) {
            if (!setter(context, name.c_str())) {
                ::ERR_clear_error();
                throw std::runtime_error(fmt::format(
                    "tls.{}: OpenSSL does not know \"{}\", or does not think it safe", key, name));
            }
            list += (list.empty() ? "" : ":") + name;
        }
        setter(context, list.c_str());
    }

} // namespace

void set_level(SSL_CTX* context, config::TlsSettings const& settings)
{
    auto const or_default
        = [](Names const& own, Names const& usual) { return own.empty() ? usual : own; };
    ::SSL_CTX_set_min_proto_version(context, settings.only_tls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
    ::SSL_CTX_set_options(context,
        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF
            | SSL_OP_CLEANSE_PLAINTEXT);
    // By our order: a handshake with SHA-256, which processors have instructions for, costs a tenth
    // less than one with SHA-384, which OpenSSL's clients name first. Whoever names ChaCha20 first
    // has no AES in hardware, and gets it.
    ::SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    set(context, "ciphers", or_default(settings.ciphers, intermediate_ciphers),
        [](SSL_CTX* c, char const* list) { return ::SSL_CTX_set_cipher_list(c, list) == 1; });
    set(context, "suites", or_default(settings.suites, intermediate_suites),
        [](SSL_CTX* c, char const* list) { return ::SSL_CTX_set_ciphersuites(c, list) == 1; });
    set(context, "groups", or_default(settings.groups, intermediate_groups),
        [](SSL_CTX* c, char const* list) { return SSL_CTX_set1_groups_list(c, list) == 1; });
}

} // namespace mail::server::tls
