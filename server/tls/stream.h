// TLS over octets that someone else moves: OpenSSL's state machine for one connection, without
// waiting. What it wants to send gathers in a buffer of the thread, so that a flush is one system
// call.
#pragma once

#include "protocol/byte_stream.h"
#include "server/tls/credentials.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_st;

namespace mail::server::tls {

/// One server side. Idle, after the handshake, it holds no buffer, only OpenSSL's own state.
class Stream {
public:
    enum class Step {
        done,
        want_input, ///< call again when the socket is readable
        closed, ///< the client said close_notify or just closed
        failed, ///< see failure(); the connection is of no use any more
    };

    /// `protocol` is what clients may agree on by ALPN, and whether they are asked for
    /// certificates: LMTP has neither. `socket` is non-blocking and stays the caller's.
    Stream(std::shared_ptr<Credentials const> credentials, config::Protocol protocol, int socket);
    ~Stream();
    Stream(Stream const&) = delete;
    Stream& operator=(Stream const&) = delete;

    /// Each appends to `out` what has to be sent, also when it fails (an alert) or wants input.
    Step handshake(std::string& out);
    /// After the handshake: what it appended last is nothing that the client waits for (TLS 1.3).
    bool has_only_ticket_to_send() const;
    Step read(std::span<char> into, std::size_t& octets, std::string& out);
    Step write(std::string_view octets, std::string& out); ///< all of it, or fails
    void close(std::string& out); ///< close_notify, once

    /// Decrypted or still sealed octets lie in OpenSSL's buffer: the socket may never become
    /// readable for them.
    bool has_buffered() const;
    TlsFacts facts() const;
    std::string channel_binding(std::string_view type) const; ///< as ByteStream says
    std::vector<std::string> certified_names() const; ///< as Channel says
    bool is_resumed() const;
    std::string const& failure() const { return failure_; } ///< the reason, for the log

    /// For the callbacks of the handshake.
    static Stream& of(ssl_st* ssl);
    config::Protocol protocol() const { return protocol_; }
    /// Says of the failure that follows what OpenSSL cannot; text of clients escaped.
    void explain(std::string failure) { failure_ = std::move(failure); }

private:
    Step outcome(int result);
    std::string reason() const;

    std::shared_ptr<Credentials const> credentials_; // its contexts point back at it
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
    int socket_;
    config::Protocol protocol_;
    std::string* out_ = nullptr; ///< during a call
    std::string failure_;

    friend struct SocketBio;
};

} // namespace mail::server::tls
