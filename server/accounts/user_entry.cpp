#include "server/accounts/user_entry.h"

#include <algorithm>

namespace mail::server {

bool UserEntry::may_come_from(Peer const& peer) const
{
    // A unix socket's own permissions say who may come by it.
    return networks.empty() || peer.address == "local"
        || std::ranges::any_of(
            networks, [&](Network const& network) { return network.contains(peer.address); });
}

bool UserEntry::may_act_for(UserEntry const& whom) const
{
    return is_master || std::ranges::any_of(acts_for, [&](auto const& each) {
        if (!each.starts_with('$'))
            return each == whom.name;
        return std::ranges::find(whom.groups, each.substr(1)) != whom.groups.end();
    });
}

} // namespace mail::server
