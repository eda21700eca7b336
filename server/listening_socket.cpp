// Binds TCP and unix sockets.
#include "server/listening_socket.h"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <tuple>

namespace mail::server {

namespace {

    [[noreturn]] void refuse(config::Listener const& listener, int error)
    {
        auto const* advice = "";
        if (error == EADDRINUSE)
            advice = "; another program listens there: stop it, or change the listener's address";
        else if (error == EACCES && !listener.endpoint.is_unix())
            advice = "; ports below 1024 need root or CAP_NET_BIND_SERVICE";
        else if (error == EADDRNOTAVAIL)
            advice = "; this machine has no such address";
        else if (error == ENOENT)
            advice = "; make the socket's folder first";
        throw std::runtime_error(
            fmt::format("cannot listen at {} ({}): {}{}", listener.endpoint.text(),
                config::name_of(listener.protocol), std::strerror(error), advice));
    }

    std::pair<sockaddr_storage, socklen_t> address_of(config::Endpoint const& endpoint)
    {
        sockaddr_storage storage {};
        if (endpoint.is_unix()) {
            auto& un = reinterpret_cast<sockaddr_un&>(storage);
            un.sun_family = AF_UNIX;
            auto const path = endpoint.unix_path.string();
            std::memcpy(un.sun_path, path.c_str(), std::min(path.size() + 1, sizeof un.sun_path));
            return { storage, static_cast<socklen_t>(sizeof un) };
        }
        if (endpoint.host.find(':') != std::string::npos) {
            auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
            v6.sin6_family = AF_INET6;
            v6.sin6_port = htons(endpoint.port);
            ::inet_pton(AF_INET6, endpoint.host.c_str(), &v6.sin6_addr);
            return { storage, static_cast<socklen_t>(sizeof v6) };
        }
        auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
        v4.sin_family = AF_INET;
        v4.sin_port = htons(endpoint.port);
        ::inet_pton(AF_INET, endpoint.host.c_str(), &v4.sin_addr);
        return { storage, static_cast<socklen_t>(sizeof v4) };
    }

    /// A socket file that nobody listens at is left over from a server that was killed.
    void remove_stale(
        config::Endpoint const& endpoint, sockaddr_storage const& address, socklen_t size)
    {
        struct stat found { };
        if (::lstat(endpoint.unix_path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode))
            return;
        int const probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool const is_dead
            = ::connect(probe, reinterpret_cast<sockaddr const*>(&address), size) != 0
            && errno == ECONNREFUSED;
        ::close(probe);
        if (is_dead)
            ::unlink(endpoint.unix_path.c_str());
    }

} // namespace

int bind_socket(config::Listener const& listener)
{
    auto const& endpoint = listener.endpoint;
    auto const [address, size] = address_of(endpoint);
    int const fd = ::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        refuse(listener, errno);
    int const on = 1;
    if (endpoint.is_unix())
        remove_stale(endpoint, address, size);
    else
        ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address.ss_family == AF_INET6) // so that 0.0.0.0 and [::] can stand beside each other
        ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    bool good = ::bind(fd, reinterpret_cast<sockaddr const*>(&address), size) == 0;
    if (good && endpoint.is_unix())
        good = ::chmod(endpoint.unix_path.c_str(), listener.mode) == 0;
    if (!good) {
        int const error = errno;
        ::close(fd);
        refuse(listener, error);
    }
    return fd;
}

void listen_at(int socket, config::Listener const& listener)
{
    if (::listen(socket, 1024) != 0)
        refuse(listener, errno);
}

int connect_to(config::Endpoint const& endpoint)
{
    auto const [address, size] = address_of(endpoint);
    int const fd = ::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fd;
    if (::connect(fd, reinterpret_cast<sockaddr const*>(&address), size) == 0)
        return fd;
    int const error = errno;
    ::close(fd);
    errno = error;
    return -1;
}

config::Endpoint local_endpoint(int socket)
{
    sockaddr_storage address {};
    socklen_t size = sizeof address;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    config::Endpoint endpoint;
    if (address.ss_family == AF_UNIX) {
        endpoint.unix_path = reinterpret_cast<sockaddr_un const&>(address).sun_path;
        return endpoint;
    }
    auto const peer = peer_of(address);
    endpoint.host = peer.address;
    endpoint.port = peer.port;
    return endpoint;
}

Peer peer_of(sockaddr_storage const& address)
{
    char text[INET6_ADDRSTRLEN] = "";
    config::Endpoint endpoint;
    if (address.ss_family == AF_INET) {
        auto const& v4 = reinterpret_cast<sockaddr_in const&>(address);
        ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
        endpoint.port = ntohs(v4.sin_port);
    } else if (address.ss_family == AF_INET6) {
        auto const& v6 = reinterpret_cast<sockaddr_in6 const&>(address);
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
        endpoint.port = ntohs(v6.sin6_port);
    } else {
        return { "local", 0, true };
    }
    endpoint.host = text;
    return { endpoint.host, endpoint.port, endpoint.is_loopback() };
}

} // namespace mail::server
