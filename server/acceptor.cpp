// Accepts without blocking, and survives the lack of file descriptors.
#include "server/acceptor.h"

#include "server/listening_socket.h"
#include "server/log.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace mail::server {

Acceptor::Acceptor(boost::asio::io_context& io, config::Listener const& listener, Taker take)
    : listener_(listener)
    , take_(std::move(take))
    , socket_(io, bind_socket(listener))
    , timer_(io)
{
    listener_.endpoint = local_endpoint(socket_.native_handle());
}

Acceptor::~Acceptor() { close(); }

void Acceptor::close()
{
    if (!socket_.is_open())
        return;
    boost::system::error_code ignored;
    socket_.close(ignored);
    timer_.cancel();
    if (listener_.endpoint.is_unix())
        ::unlink(listener_.endpoint.unix_path.c_str());
}

void Acceptor::listen() { listen_at(socket_.native_handle(), listener_); }

void Acceptor::start() { wait(); }

void Acceptor::wait()
{
    socket_.async_wait(
        boost::asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
            if (!error && socket_.is_open())
                accept_waiting();
        });
}

void Acceptor::accept_waiting()
{
    // So many at a time that a rush of clients does not hold up the sessions of this thread.
    for (int i = 0; i < 64; ++i) {
        sockaddr_storage address {};
        socklen_t size = sizeof address;
        int const client = ::accept4(socket_.native_handle(), reinterpret_cast<sockaddr*>(&address),
            &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client >= 0) {
            warned_ = false;
            if (address.ss_family != AF_UNIX) {
                int const on = 1; // replies go out in one piece each: nothing to gather
                ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            }
            take_(client, address.ss_family, peer_of(address));
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            return pause();
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            break;
        } // else: that client is gone again
    }
    wait();
}

void Acceptor::pause()
{
    if (!std::exchange(warned_, true))
        log::error("cannot take in clients at {}: {}; raise the limit of open files (LimitNOFILE=, "
                   "ulimit -n)",
            listener_.endpoint.text(), std::strerror(errno));
    timer_.expires_after(std::chrono::milliseconds(100));
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error && socket_.is_open())
            accept_waiting();
    });
}

} // namespace mail::server
