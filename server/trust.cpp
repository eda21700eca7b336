#include "server/trust.h"

#include "protocol/network.h"

#include <algorithm>

namespace mail::server {

bool is_trusted(config::Listener const& listener, Peer const& peer)
{
    if (listener.endpoint.is_unix())
        return true;
    if (!listener.trusted_networks)
        return peer.is_loopback;
    return std::ranges::any_of(*listener.trusted_networks, [&](std::string const& text) {
        auto const network = Network::parse(text);
        return network && network->contains(peer.address);
    });
}

} // namespace mail::server
