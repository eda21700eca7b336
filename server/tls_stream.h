// TLS over octets that someone else moves: OpenSSL's state machine for one connection, without
// waiting. What it wants to send gathers in a buffer of the thread, so that a flush is one system
// call.
#pragma once

#include "protocol/byte_stream.h"
#include "server/tls_context.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_st;

namespace mail::server {

/// One server side. Idle, after the handshake, it holds no buffer, only OpenSSL's own state.
class TlsStream {
public:
    enum class Step {
        done,
        want_input, ///< call again when the socket is readable
        closed, ///< the client said close_notify or just closed
        failed, ///< see failure(); the connection is of no use any more
    };

    TlsStream(SslContext context, int socket); ///< `socket` non-blocking; stays the caller's
    ~TlsStream();
    TlsStream(TlsStream const&) = delete;
    TlsStream& operator=(TlsStream const&) = delete;

    /// Each appends to `out` what has to be sent, also when it fails (an alert) or wants input.
    Step handshake(std::string& out);
    Step read(std::span<char> into, std::size_t& octets, std::string& out);
    Step write(std::string_view octets, std::string& out); ///< all of it, or fails
    void close(std::string& out); ///< close_notify

    /// Decrypted or still sealed octets lie in OpenSSL's buffer: the socket may never become
    /// readable for them.
    bool has_buffered() const;
    TlsFacts facts() const;
    std::string channel_binding(std::string_view type) const; ///< as ByteStream says
    bool is_resumed() const;
    std::string const& failure() const { return failure_; } ///< OpenSSL's reason, for the log

private:
    Step outcome(int result);

    SslContext context_;
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
    int socket_;
    std::string* out_ = nullptr; ///< during a call
    std::string failure_;

    friend struct SocketBio;
};

} // namespace mail::server
