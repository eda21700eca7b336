// Makes the SSL_CTX that the connections share.
#include "server/tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <stdexcept>

namespace mail::server {

namespace {

    // Mozilla's "intermediate" recommendation of 5.7, TLS 1.2 part; TLS 1.3 keeps OpenSSL's own
    // three.
    constexpr char tls12_suites[]
        = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
          "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
          "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
          "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305";

    /// OpenSSL's first reason, in words: the later ones say through which layers it went.
    std::string first_reason()
    {
        auto const code = ::ERR_peek_error();
        auto const* reason = ::ERR_reason_error_string(code);
        if (ERR_SYSTEM_ERROR(code))
            return std::strerror(ERR_GET_REASON(code));
        return reason ? reason : "unknown reason";
    }

    [[noreturn]] void fail(std::string const& what)
    {
        auto const reason = first_reason();
        ::ERR_clear_error();
        throw std::runtime_error(fmt::format("{}: {}", what, reason));
    }

    void load_files(SSL_CTX* context, config::TlsFiles const& files)
    {
        ::ERR_clear_error();
        if (::SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1)
            fail(fmt::format("cannot use the certificate {}", files.certificate.string()));
        if (::SSL_CTX_use_PrivateKey_file(context, files.private_key.c_str(), SSL_FILETYPE_PEM)
            != 1) {
            if (ERR_GET_REASON(::ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH
                || ERR_GET_REASON(::ERR_peek_last_error()) == X509_R_KEY_TYPE_MISMATCH) {
                ::ERR_clear_error();
                throw std::runtime_error(
                    fmt::format("the private key {} does not belong to the certificate {}",
                        files.private_key.string(), files.certificate.string()));
            }
            fail(fmt::format("cannot use the private key {}", files.private_key.string()));
        }
    }

} // namespace

SslContext make_ssl_context(config::TlsFiles const& files)
{
    SslContext context(::SSL_CTX_new(::TLS_server_method()), [](SSL_CTX* c) { ::SSL_CTX_free(c); });
    if (!context)
        fail("cannot set up TLS");
    auto* const c = context.get();
    ::SSL_CTX_set_min_proto_version(c, files.only_tls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
    ::SSL_CTX_set_options(c,
        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE
            | SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
    ::SSL_CTX_set_mode(c,
        SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
            | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // One recv takes a record's header and body, not two.
    ::SSL_CTX_set_read_ahead(c, 1);
    // Tickets carry the session's state, sealed by keys of this context that all threads share.
    ::SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    ::SSL_CTX_set_num_tickets(c, 1);
    static constexpr unsigned char id[] = "mailroom";
    ::SSL_CTX_set_session_id_context(c, id, sizeof id - 1);
    ::SSL_CTX_set_timeout(c, 24 * 60 * 60);
    ::SSL_CTX_set_dh_auto(c, 1);
    if (::SSL_CTX_set_cipher_list(c, tls12_suites) != 1
        || ::SSL_CTX_set1_groups_list(c, "X25519:prime256v1:secp384r1") != 1)
        fail("cannot set up TLS ciphers");
    load_files(c, files);
    return context;
}

TlsContext::TlsContext(config::TlsFiles files)
    : files_(std::move(files))
    , stamp_(stamp())
    , context_(make_ssl_context(files_))
{
}

SslContext TlsContext::get() const
{
    std::lock_guard const lock(mutex_);
    return context_;
}

TlsContext::Stamp TlsContext::stamp() const
{
    std::error_code
        missing; // then the time is the least there is, and make_ssl_context says what is wrong
    Stamp found;
    found.certificate = std::filesystem::last_write_time(files_.certificate, missing);
    found.private_key = std::filesystem::last_write_time(files_.private_key, missing);
    return found;
}

bool TlsContext::refresh(std::string& problem)
{
    auto const now = stamp();
    if (now == stamp_)
        return true;
    try {
        auto renewed = make_ssl_context(files_);
        std::lock_guard const lock(mutex_);
        context_ = std::move(renewed);
        stamp_ = now;
        return true;
    } catch (std::exception const& failure) {
        problem = failure.what();
        return false;
    }
}

} // namespace mail::server
