// A blocking client of the tests: a socket with time limits, in plain or under OpenSSL; and
// certificates.
#pragma once

#include "config/config.h"

#include <openssl/ssl.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace mail::test {

/// Writes a self-signed certificate and its key as PEM files.
config::TlsFiles make_certificate(
    std::filesystem::path const& folder, std::string const& name = "mail.example.org");

class Client {
public:
    explicit Client(int socket); ///< takes the socket over; reads and writes fail after ten seconds
    static Client connect(config::Endpoint const& endpoint);
    ~Client();
    Client(Client&& other) noexcept;
    Client(Client const&) = delete;
    Client& operator=(Client const&) = delete;

    /// Handshake; false when it fails. `session` from an earlier client is resumed. `version` both
    /// least and most.
    bool start_tls(int version = TLS1_3_VERSION, SSL_SESSION* session = nullptr);
    bool is_resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
    std::shared_ptr<SSL_SESSION> session() const; ///< the last ticket
    bool saw_close_notify() const
    {
        return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
    }
    std::string subject() const; ///< common name of the server's certificate

    bool send(std::string_view octets);
    std::string read_line(); ///< with its LF; less when the connection ended
    std::string read_all(); ///< to the end of the connection
    std::string read(std::size_t octets);
    void close();
    int socket() const { return socket_; }

private:
    int read_some(char* into, int size);

    int socket_;
    std::shared_ptr<SSL_CTX> context_;
    std::shared_ptr<SSL> ssl_;
    std::shared_ptr<SSL_SESSION> last_session_;
};

} // namespace mail::test
