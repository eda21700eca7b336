#include "server/client_network.h"

#include <arpa/inet.h>

namespace mail::server {

namespace {

    /// The first octets of the address: so many of IPv4, so many of IPv6.
    std::string beginning(Peer const& peer, std::size_t of_v4, std::size_t of_v6)
    {
        in6_addr v6 {};
        in_addr v4 {};
        if (::inet_pton(AF_INET, peer.address.c_str(), &v4) == 1)
            return std::string(reinterpret_cast<char const*>(&v4), of_v4);
        if (::inet_pton(AF_INET6, peer.address.c_str(), &v6) != 1)
            return peer.address;
        if (IN6_IS_ADDR_V4MAPPED(&v6))
            return std::string(reinterpret_cast<char const*>(&v6) + 12, of_v4);
        return std::string(reinterpret_cast<char const*>(&v6), of_v6);
    }

} // namespace

std::string address_key(Peer const& peer) { return beginning(peer, 4, 8); }
std::string network_key(Peer const& peer) { return beginning(peer, 3, 6); }

} // namespace mail::server
