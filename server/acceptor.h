// Takes in the clients of one listener and hands them to the I/O threads.
#pragma once

#include "config/config.h"
#include "protocol/byte_stream.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>

namespace mail::server {

class Acceptor {
public:
    /// Called on the acceptor's thread with each client's non-blocking socket, which it then owns.
    using Taker = std::function<void(int socket, int family, Peer peer)>;

    /// Binds the socket; throws as bind_socket does.
    Acceptor(boost::asio::io_context& io, config::Listener const& listener, Taker take);
    ~Acceptor();
    Acceptor(Acceptor const&) = delete;
    Acceptor& operator=(Acceptor const&) = delete;

    void listen(); ///< clients may come, and wait for start(); throws as listen_at does
    void start(); ///< takes them in
    void close(); ///< on its thread; removes a unix socket's file
    config::Listener const& listener() const
    {
        return listener_;
    } ///< with the port that is really used

private:
    void wait();
    void accept_waiting();
    void pause(); ///< out of descriptors or memory: lets the waiting ones wait

    config::Listener listener_;
    Taker take_;
    boost::asio::posix::stream_descriptor socket_;
    boost::asio::steady_timer timer_;
    bool warned_ = false;
};

} // namespace mail::server
