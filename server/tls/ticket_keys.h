// The keys that seal session tickets (RFC 5077, RFC 8446 §4.6.1): a session's state is with the
// client, and any thread, listener or renewed certificate of this server can take it up again.
#pragma once

#include "server/tls/handles.h"

#include <array>
#include <chrono>
#include <memory>
#include <mutex>

namespace mail::server::tls {

/// Thread-safe. What is recorded of a connection can be read by whoever gets the key of its ticket;
/// so keys live two periods at most, and only in memory.
class TicketKeys {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr auto period = std::chrono::hours(12);

    explicit TicketKeys(Clock::time_point now = Clock::now());

    /// Once in a period: new tickets get a new key, and the old one opens tickets for a period
    /// more.
    void rotate_if_due(Clock::time_point now);

    /// OpenSSL's callback: see SSL_CTX_set_tlsext_ticket_key_evp_cb(3).
    int seal(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac);
    int open(unsigned char const* name, unsigned char const* iv, EVP_CIPHER_CTX* cipher,
        EVP_MAC_CTX* mac);

private:
    struct Key {
        std::array<unsigned char, 16> name; ///< stands in the ticket
        std::array<unsigned char, 32> cipher; ///< AES-256-CBC
        std::array<unsigned char, 32> mac; ///< HMAC-SHA-256
        ~Key();
    };
    static std::shared_ptr<Key const> make();
    static bool use(Key const& key, EVP_MAC_CTX* mac);

    /// Looked up once: asking OpenSSL by name each time would cost more than the sealing.
    std::unique_ptr<EVP_CIPHER, Free<EVP_CIPHER_free>> const aes_;
    std::mutex mutex_;
    std::shared_ptr<Key const> current_;
    std::shared_ptr<Key const> previous_;
    Clock::time_point made_;
};

} // namespace mail::server::tls
