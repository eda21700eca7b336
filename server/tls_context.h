// What all TLS connections share: certificate, key, versions, ciphers and the keys of session
// tickets.
#pragma once

#include "config/config.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

struct ssl_ctx_st;

namespace mail::server {

/// An SSL_CTX, counted: connections keep theirs when a renewed certificate replaces it.
using SslContext = std::shared_ptr<ssl_ctx_st>;

/// Loads certificate and key. TLS 1.2 and 1.3 with the suites of Mozilla's "intermediate" list; no
/// renegotiation, no compression; stateless session tickets. Throws std::runtime_error with one
/// clear line when a file cannot be read or the key does not belong to the certificate.
SslContext make_ssl_context(config::TlsFiles const& files);

/// The context for new connections, and its replacement when the files change. Thread-safe.
class TlsContext {
public:
    explicit TlsContext(config::TlsFiles files); ///< throws as make_ssl_context does

    SslContext get() const;

    /// Takes renewed files into use; call it now and then. Returns false and keeps the old
    /// certificate when the new files are not usable (yet); `problem` then says why.
    bool refresh(std::string& problem);

private:
    struct Stamp {
        std::filesystem::file_time_type certificate;
        std::filesystem::file_time_type private_key;
        bool operator==(Stamp const&) const = default;
    };
    Stamp stamp() const;

    config::TlsFiles files_;
    mutable std::mutex mutex_;
    Stamp stamp_;
    SslContext context_;
};

} // namespace mail::server
