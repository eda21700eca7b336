// A client in memory: the test pushes octets in and takes out what the server wrote.
#pragma once

#include "protocol/byte_stream.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace mail::test {

class MemoryStream final : public ByteStream {
public:
    explicit MemoryStream(boost::asio::io_context& io, bool encrypted = true)
        : io_(io)
        , encrypted_(encrypted)
        , signal_(io, boost::asio::steady_timer::time_point::max())
    {
        peer_.address = "127.0.0.1";
        peer_.port = 40000;
        peer_.is_loopback = true;
    }

    // The test's side.
    void push(std::string_view octets)
    {
        input_ += octets;
        signal_.cancel();
    }
    void hang_up()
    {
        closed_ = true;
        signal_.cancel();
    }
    void run_out_of_time() ///< the wait under way, or the next one, throws timed_out
    {
        timed_out_ = true;
        signal_.cancel();
    }
    void end_by_server() ///< the wait under way, or the next one, throws operation_aborted
    {
        aborted_ = true;
        signal_.cancel();
    }
    std::string take_output() { return std::exchange(output_, {}); }
    void put_back(std::string_view octets)
    {
        output_.insert(0, octets);
    } ///< what take_output gave too much
    std::string const& output() const { return output_; }
    bool is_waiting() const { return waiting_; } ///< the server waits for input
    bool has_input() const { return consumed_ < input_.size(); }
    std::size_t largest_write = 0; ///< octets that the server held until it wrote them at once
    std::size_t largest_read = SIZE_MAX; ///< cut the input: octets that one read_some gives at most
    std::vector<std::string> certified; ///< what the client's certificate says
    void offer_tls() { may_start_tls_ = true; }
    Peer& mutable_peer() { return peer_; }
    std::chrono::seconds time_limit() const { return time_limit_; }

    // ByteStream.
    awaitable<std::size_t> read_some(std::span<char> buffer) override;
    awaitable<Wake> wait_input() override;
    void interrupt() override
    {
        interrupted_ = true;
        signal_.cancel();
    }
    awaitable<void> write(std::string_view octets) override;
    void end_with_next_write() override { ends_ = true; }
    void set_time_limit(std::chrono::seconds limit) override { time_limit_ = limit; }
    void fail_if_gone() const override;
    bool is_encrypted() const override { return encrypted_; }
    bool may_start_tls() const override { return may_start_tls_ && !encrypted_; }
    awaitable<void> start_tls() override;
    TlsFacts tls_facts() const override
    {
        return encrypted_ ? TlsFacts { "TLSv1.3", "TLS_AES_256_GCM_SHA384", 256 } : TlsFacts {};
    }
    std::string channel_binding(std::string_view type) const override
    {
        bool const is_known = type == "tls-exporter" || type == "tls-server-end-point";
        return encrypted_ && is_known ? "bound by " + std::string(type) : std::string {};
    }
    std::vector<std::string> certified_names() const override { return certified; }
    Peer const& peer() const override { return peer_; }
    boost::asio::any_io_executor executor() override { return io_.get_executor(); }

private:
    void throw_if_ended();
    awaitable<void> wait();

    boost::asio::io_context& io_;
    bool encrypted_;
    bool may_start_tls_ = false;
    bool closed_ = false;
    bool interrupted_ = false;
    bool timed_out_ = false;
    bool aborted_ = false;
    bool waiting_ = false;
    bool ends_ = false; ///< the next write is the last
    bool has_ended_ = false;
    std::chrono::seconds time_limit_ { 0 };
    std::string input_;
    std::size_t consumed_ = 0; ///< of input_, from its front
    std::string output_;
    Peer peer_;
    boost::asio::steady_timer signal_;
};

} // namespace mail::test
