// One client's socket as a ByteStream: time limits, TLS, interruption. Lives on one I/O thread.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/proxy_header.h"
#include "server/tls/stream.h"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/intrusive/list.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace mail::server {

using Socket = boost::asio::generic::stream_protocol::socket;
using Clock = std::chrono::steady_clock;

/// Time limits have no timers of their own: waits note a deadline, and the I/O thread calls
/// check_deadlines() once a second, so that an idle session costs nothing but memory.
class Connection final : public ByteStream,
                         public boost::intrusive::list_base_hook<
                             boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    enum class StartTls { offered, not_offered };

    using Credentials = std::shared_ptr<tls::Credentials const>;

    /// `credentials` may be null when the listener has no TLS; `protocol` is what TLS is told that
    /// is spoken. `socket` is connected and non-blocking.
    Connection(Socket socket, Peer peer, config::Protocol protocol, Credentials credentials,
        StartTls start_tls);

    /// The header of a trusted proxy, before anything else: from then on the peer is whom the proxy
    /// names, and is_encrypted() what it says. Takes no octet behind it; within the limit of
    /// handshakes. Throws when there is none.
    awaitable<ProxyHeader> read_proxy_header();

    awaitable<std::size_t> read_some(std::span<char> buffer) override;
    awaitable<Wake> wait_input() override;
    void interrupt() override;
    awaitable<void> write(std::string_view octets) override;
    void end_with_next_write() override { ends_ = true; }
    void set_time_limit(std::chrono::seconds limit) override { limit_ = limit; }
    void fail_if_gone() const override;
    bool is_encrypted() const override { return tls_ || proxied_tls_; }
    bool may_start_tls() const override
    {
        return start_tls_ == StartTls::offered && !is_encrypted();
    }
    /// Within `time_limit` of the listener's handshakes. Throws when the client cannot agree.
    awaitable<void> start_tls() override;
    TlsFacts tls_facts() const override;
    std::string channel_binding(std::string_view type) const override;
    std::vector<std::string> certified_names() const override;
    Peer const& peer() const override { return peer_; }
    boost::asio::any_io_executor executor() override { return socket_.get_executor(); }

    void set_handshake_limit(std::chrono::seconds limit) { handshake_limit_ = limit; }

    /// Sends a last line as far as the socket takes it now; nothing when it would land within a
    /// response. Never waits, never throws; also after a time limit.
    void say_goodbye(std::string_view line) noexcept;
    /// Says close_notify and closes for sending; never waits, never throws. Input that still lies
    /// here is thrown away, because closing over it would take the last reply from the client.
    void close() noexcept;

    /// Ends waits that are overdue. For the I/O thread's sweep.
    void check_deadlines(Clock::time_point now);
    /// The server goes down: reads and waits, present and later, throw operation_aborted; a write
    /// may still finish within `grace`.
    void stop(std::chrono::seconds grace);
    bool is_stopping() const { return stopping_; }
    std::uint64_t octets_in() const { return octets_in_; } ///< of the protocol, without TLS
    std::uint64_t octets_out() const { return octets_out_; }

private:
    enum class Waiting {
        nothing,
        readable, ///< in read_some
        input
    }; ///< in wait_input

    awaitable<Wake> wait_readable(Waiting kind);
    awaitable<void> wait_writable();
    awaitable<void> send(std::string_view octets);
    std::size_t send_now(std::string_view octets);
    awaitable<void> send_rest(std::string rest);
    awaitable<void> write_tls(std::string_view octets);
    void fail_if_ended() const;
    std::string& sealed();
    void meet(ProxyHeader const& header);

    Socket socket_;
    Peer peer_;
    Credentials credentials_; ///< until the handshake
    std::unique_ptr<tls::Stream> tls_;
    std::string held_back_; ///< TLS records that go out with the next ones
    std::unique_ptr<TlsFacts> proxied_tls_; ///< between the client and the proxy
    Clock::time_point read_deadline_ = Clock::time_point::max();
    Clock::time_point write_deadline_ = Clock::time_point::max();
    std::chrono::seconds limit_ { 60 };
    std::chrono::seconds handshake_limit_ { 30 };
    std::uint64_t octets_in_ = 0;
    std::uint64_t octets_out_ = 0;
    config::Protocol protocol_;
    StartTls start_tls_;
    Waiting waiting_ = Waiting::nothing;
    bool interrupted_ = false;
    bool expired_ = false;
    bool stopping_ = false;
    bool handshaking_ = false;
    bool write_broken_ = false;
    bool ends_ = false; ///< the next write is the last
};

using Connections = boost::intrusive::list<Connection, boost::intrusive::constant_time_size<false>>;

} // namespace mail::server
