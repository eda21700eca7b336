// What stands for one client, and for its neighbourhood, when clients are counted: an address says
// less than it seems where a customer has 2^64 of them.
#pragma once

#include "protocol/byte_stream.h"

#include <string>

namespace mail::server {

/// The address of IPv4, the /64 of IPv6 that one customer commonly has. For Peers without an
/// address what they have in its place.
std::string address_key(Peer const& peer);

/// The /24 of IPv4, the /48 of IPv6: what a provider commonly gives to one site, or takes the
/// changing addresses of one customer from.
std::string network_key(Peer const& peer);

} // namespace mail::server
