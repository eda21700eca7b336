// Waits for readiness, moves octets, keeps time limits.
#include "server/connection.h"

#include "server/log.h"

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace mail::server {

namespace asio = boost::asio;
using boost::system::error_code;
using boost::system::system_error;

namespace {

    // TLS records are gathered up to this much plain text before they are sent.
    constexpr std::size_t write_chunk = 64 * 1024;

    /// What TLS wants to send, of the thread. Never kept across a wait.
    std::string& scratch()
    {
        thread_local std::string buffer;
        buffer.clear();
        return buffer;
    }

    [[noreturn]] void throw_errno(char const* what)
    {
        throw system_error(error_code(errno, boost::system::system_category()), what);
    }

    [[noreturn]] void throw_tls(std::string const& what, tls::Stream const& stream)
    {
        throw system_error(
            make_error_code(boost::system::errc::protocol_error), what + ": " + stream.failure());
    }

} // namespace

Connection::Connection(Socket socket, Peer peer, config::Protocol protocol, Credentials credentials,
    StartTls start_tls)
    : socket_(std::move(socket))
    , peer_(std::move(peer))
    , credentials_(std::move(credentials))
    , protocol_(protocol)
    , start_tls_(start_tls)
{
}

/// Where TLS puts what it wants to send: behind what was held back. Never kept across a wait.
std::string& Connection::sealed()
{
    auto& out = scratch();
    if (!held_back_.empty())
        out = std::exchange(held_back_, {});
    return out;
}

void Connection::fail_if_ended() const
{
    if (expired_)
        throw system_error(asio::error::timed_out);
    if (stopping_)
        throw system_error(asio::error::operation_aborted);
}

awaitable<ByteStream::Wake> Connection::wait_readable(Waiting kind)
{
    fail_if_ended();
    error_code error;
    waiting_ = kind;
    co_await socket_.async_wait(
        Socket::wait_read, asio::redirect_error(asio::use_awaitable, error));
    waiting_ = Waiting::nothing;
    fail_if_ended();
    if (error == asio::error::operation_aborted)
        co_return Wake::interrupted;
    if (error)
        throw system_error(error);
    co_return Wake::input;
}

awaitable<ByteStream::Wake> Connection::wait_input()
{
    if (!held_back_.empty()) {
        std::string const records = std::exchange(held_back_, {});
        co_await send(records);
    }
    if (!interrupted_ && !(tls_ && tls_->has_buffered())) {
        read_deadline_ = Clock::now() + limit_;
        co_await wait_readable(Waiting::input);
        read_deadline_ = Clock::time_point::max();
    }
    fail_if_ended();
    if (std::exchange(interrupted_, false))
        co_return Wake::interrupted;
    co_return Wake::input;
}

void Connection::interrupt()
{
    interrupted_ = true;
    if (waiting_ == Waiting::input) {
        error_code ignored;
        socket_.cancel(ignored);
    }
}

awaitable<std::size_t> Connection::read_some(std::span<char> buffer)
{
    read_deadline_ = Clock::now() + limit_;
    for (;;) {
        fail_if_ended();
        std::size_t octets = 0;
        if (tls_) {
            auto& out = sealed();
            auto const step = tls_->read(buffer, octets, out);
            if (!out.empty()) {
                std::string answer = out;
                co_await send(answer);
            }
            if (step == tls::Stream::Step::closed)
                throw system_error(asio::error::eof);
            if (step == tls::Stream::Step::failed)
                throw_tls("TLS", *tls_);
        } else {
            auto const got = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
            if (got == 0)
                throw system_error(asio::error::eof);
            if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
                throw_errno("read");
            octets = got > 0 ? static_cast<std::size_t>(got) : 0;
        }
        if (octets > 0) {
            read_deadline_ = Clock::time_point::max();
            octets_in_ += octets;
            co_return octets;
        }
        co_await wait_readable(Waiting::readable);
    }
}

awaitable<void> Connection::wait_writable()
{
    error_code error;
    co_await socket_.async_wait(
        Socket::wait_write, asio::redirect_error(asio::use_awaitable, error));
    if (expired_)
        throw system_error(asio::error::timed_out);
    if (error && error != asio::error::operation_aborted) // interrupt() cancels all waits: go on
        throw system_error(error);
}

std::size_t Connection::send_now(std::string_view octets)
{
    std::size_t sent = 0;
    while (sent < octets.size()) {
        auto const n = ::send(
            socket_.native_handle(), octets.data() + sent, octets.size() - sent, MSG_NOSIGNAL);
        if (n >= 0) {
            sent += static_cast<std::size_t>(n);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            break;
        } else if (errno != EINTR) {
            throw_errno("write");
        }
    }
    return sent;
}

awaitable<void> Connection::send(std::string_view octets)
{
    // Anything that goes wrong from here on leaves a response half sent.
    write_broken_ = true;
    octets.remove_prefix(send_now(octets));
    while (!octets.empty()) {
        co_await wait_writable();
        octets.remove_prefix(send_now(octets));
    }
    write_broken_ = false;
}

awaitable<void> Connection::send_rest(std::string rest) { co_await send(rest); }

awaitable<void> Connection::write_tls(std::string_view octets)
{
    while (!octets.empty()) {
        auto const chunk = octets.substr(0, write_chunk);
        octets.remove_prefix(chunk.size());
        auto& out = sealed();
        if (tls_->write(chunk, out) != tls::Stream::Step::done) {
            write_broken_ = true;
            throw_tls("TLS write", *tls_);
        }
        if (ends_ && octets.empty())
            tls_->close(out); // a packet and a system call less
        write_broken_ = true;
        auto const sent = send_now(out);
        write_broken_ = false;
        if (sent < out.size()) {
            std::string rest(out, sent);
            co_await send_rest(std::move(rest));
        }
    }
}

awaitable<void> Connection::write(std::string_view octets)
{
    if (expired_)
        throw system_error(asio::error::timed_out);
    octets_out_ += octets.size();
    if (!stopping_)
        write_deadline_ = Clock::now() + limit_;
    if (tls_)
        co_await write_tls(octets);
    else
        co_await send(octets);
    if (!stopping_)
        write_deadline_ = Clock::time_point::max();
}

void Connection::fail_if_gone() const
{
    fail_if_ended();
    // Asking for the handle changes nothing, though Asio does not say so.
    pollfd socket { const_cast<Socket&>(socket_).native_handle(), POLLRDHUP, 0 };
    if (::poll(&socket, 1, 0) == 1)
        throw system_error(asio::error::eof);
}

awaitable<ProxyHeader> Connection::read_proxy_header()
{
    ProxyHeaderReader reader;
    handshaking_ = true;
    read_deadline_ = Clock::now() + handshake_limit_;
    for (;;) {
        fail_if_ended();
        std::array<char, 256> block; // NOLINT: written by recv
        auto const got = ::recv(socket_.native_handle(), block.data(), block.size(), MSG_PEEK);
        if (got == 0)
            throw system_error(asio::error::eof);
        if (got < 0) {
            if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
                throw_errno("read");
            co_await wait_readable(Waiting::readable);
            continue;
        }
        std::string_view octets(block.data(), static_cast<std::size_t>(got));
        auto const result = reader.feed(octets);
        auto const taken = static_cast<std::size_t>(got) - octets.size();
        ::recv(socket_.native_handle(), block.data(), taken, 0);
        if (auto const* malformed = std::get_if<ProxyHeaderReader::Malformed>(&result))
            throw system_error(make_error_code(boost::system::errc::protocol_error),
                "header of the PROXY protocol: " + std::string(malformed->why));
        if (auto const* header = std::get_if<ProxyHeader>(&result)) {
            read_deadline_ = Clock::time_point::max();
            handshaking_ = false;
            meet(*header);
            co_return *header;
        }
    }
}

void Connection::meet(ProxyHeader const& header)
{
    if (header.source == ProxyHeader::Source::client) {
        config::Endpoint const client { header.address, header.port, {} };
        peer_ = { header.address, header.port, client.is_loopback() };
    } else if (header.source == ProxyHeader::Source::unknown) {
        peer_.is_loopback = false; // the proxy may be on this machine; its client need not be
    }
    if (header.is_encrypted)
        proxied_tls_ = std::make_unique<TlsFacts>(
            TlsFacts { escaped(header.tls_version), escaped(header.cipher), 0 });
}

awaitable<void> Connection::start_tls()
{
    auto stream = std::make_unique<tls::Stream>(credentials_, protocol_, socket_.native_handle());
    handshaking_ = true;
    // One limit for all of it, however the client slices its octets.
    read_deadline_ = write_deadline_ = Clock::now() + handshake_limit_;
    for (;;) {
        fail_if_ended();
        auto& out = scratch();
        auto const step = stream->handshake(out);
        if (step == tls::Stream::Step::done && stream->has_only_ticket_to_send()) {
            held_back_ = out; // a system call less, and a packet
            break;
        }
        auto const sent = send_now(out);
        if (sent < out.size()) {
            std::string rest(out, sent);
            co_await send_rest(std::move(rest));
        }
        if (step == tls::Stream::Step::done)
            break;
        if (step == tls::Stream::Step::closed)
            throw system_error(asio::error::eof);
        if (step == tls::Stream::Step::failed)
            throw_tls("TLS handshake", *stream);
        co_await wait_readable(Waiting::readable);
    }
    read_deadline_ = write_deadline_ = Clock::time_point::max();
    handshaking_ = false;
    tls_ = std::move(stream);
    credentials_.reset(); // the stream has them
}

TlsFacts Connection::tls_facts() const
{
    if (tls_)
        return tls_->facts();
    return proxied_tls_ ? *proxied_tls_ : TlsFacts {};
}

std::string Connection::channel_binding(std::string_view type) const
{
    return tls_ ? tls_->channel_binding(type) : std::string {};
}

std::vector<std::string> Connection::certified_names() const
{
    return tls_ ? tls_->certified_names() : std::vector<std::string> {};
}

void Connection::say_goodbye(std::string_view line) noexcept
{
    if (write_broken_ || handshaking_)
        return;
    try {
        octets_out_ += line.size();
        if (!tls_) {
            send_now(line);
            return;
        }
        auto& out = sealed();
        if (tls_->write(line, out) == tls::Stream::Step::done)
            send_now(out);
    } catch (std::exception const&) {
        // The client is gone already.
    }
}

void Connection::close() noexcept
{
    try {
        if (tls_ && !write_broken_) {
            auto& out = sealed();
            tls_->close(out);
            send_now(out);
        }
    } catch (std::exception const&) {
        // The client is gone already.
    }
    ::shutdown(socket_.native_handle(), SHUT_WR);
    std::array<char, 4096> unread; // NOLINT: written by recv
    for (int i = 0;
         i < 64 && ::recv(socket_.native_handle(), unread.data(), unread.size(), MSG_DONTWAIT) > 0;
         ++i) { }
    error_code ignored;
    socket_.close(ignored);
}

void Connection::check_deadlines(Clock::time_point now)
{
    if (now < read_deadline_ && now < write_deadline_)
        return;
    read_deadline_ = write_deadline_ = Clock::time_point::max();
    expired_ = true;
    error_code ignored;
    socket_.cancel(ignored);
}

void Connection::stop(std::chrono::seconds grace)
{
    stopping_ = true;
    write_deadline_ = Clock::now() + grace;
    if (waiting_ != Waiting::nothing) {
        error_code ignored;
        socket_.cancel(ignored);
    }
}

} // namespace mail::server
