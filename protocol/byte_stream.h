// A client as protocols see it: octets in, octets out, over TLS or not. server/ implements it over
// sockets; tests over memory.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mail {

using boost::asio::awaitable;

/// Who is at the other end, for logs, limits and Received fields.
struct Peer {
    std::string address; ///< numeric, without a zone; "local" for a unix socket
    std::uint16_t port = 0;
    bool is_loopback = false; ///< the loopback network or a unix socket
};

/// What TLS was agreed on; empty strings without TLS.
struct TlsFacts {
    std::string version; ///< "TLSv1.3"
    std::string cipher; ///< "TLS_AES_256_GCM_SHA384"
    int bits = 0;
};

/// What a login may need to know of the connection that it comes by.
class Channel {
public:
    virtual ~Channel() = default;

    virtual bool is_encrypted() const = 0;
    /// What ties a login to this very TLS connection, by its registered type "tls-exporter"
    /// (RFC 9266) or "tls-server-end-point" (RFC 5929 §4); empty when there is none of that type.
    virtual std::string channel_binding(std::string_view type) const = 0;
    /// The names that the client's certificate gives it, when the server trusts the certificate:
    /// those that may be of accounts, best first. Empty: it showed none.
    virtual std::vector<std::string> certified_names() const = 0;
    virtual Peer const& peer() const = 0;
};

/// Every wait throws boost::system::system_error: eof when the client is gone, timed_out when it
/// exceeds the time limit, operation_aborted when the server ends the connection. One read or wait
/// and one write at a time; all on the stream's executor.
class ByteStream : public Channel {
public:
    enum class Wake {
        input, ///< read_some will return at once, or nearly so
        interrupted, ///< interrupt() was called
    };

    /// Reads at least one octet.
    virtual awaitable<std::size_t> read_some(std::span<char> buffer) = 0;
    /// Waits without needing a buffer, so that an idle session holds none.
    virtual awaitable<Wake> wait_input() = 0;
    /// Makes the wait_input that is under way, or the next one, return `interrupted`.
    virtual void interrupt() = 0;
    /// Writes all of it; returns when the system has taken it. `octets` stays alive until then.
    virtual awaitable<void> write(std::string_view octets) = 0;
    /// The next write is the last: what tells the client that the connection ends may go with it.
    virtual void end_with_next_write() = 0;

    /// The longest that the client may let each later read, wait or write take.
    virtual void set_time_limit(std::chrono::seconds limit) = 0;

    /// Throws what a wait would throw now when the client is gone (or says no more) or the server
    /// ends the connection: for work that would go on for nobody. Costs a system call, never waits.
    virtual void fail_if_gone() const = 0;

    virtual bool
    may_start_tls() const = 0; ///< a plain connection of a listener with tls = "starttls"
    virtual awaitable<void> start_tls()
        = 0; ///< the handshake; the caller has discarded all input before
    virtual TlsFacts tls_facts() const = 0;

    virtual boost::asio::any_io_executor executor() = 0;
};

} // namespace mail
