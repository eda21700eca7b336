// Counts sessions.
#include "server/admission.h"

#include "server/client_network.h"

namespace mail::server {

void Admission::lower(Counts& counts, std::string const& key)
{
    auto const found = counts.find(key);
    if (found != counts.end() && --found->second == 0)
        counts.erase(found);
}

Admission::Verdict Admission::enter(Peer const& peer)
{
    auto key = address_key(peer);
    std::lock_guard const lock(mutex_);
    auto const from_here = ++by_address_[std::move(key)];
    if (++sessions_ > limits_.sessions)
        return Verdict::too_many;
    if (from_here > limits_.sessions_per_address && !(peer.is_loopback && limits_.exempt_loopback))
        return Verdict::too_many_from_address;
    return Verdict::admitted;
}

void Admission::leave(Peer const& peer)
{
    auto const key = address_key(peer);
    std::lock_guard const lock(mutex_);
    --sessions_;
    lower(by_address_, key);
}

unsigned Admission::sessions() const
{
    std::lock_guard const lock(mutex_);
    return sessions_;
}

std::shared_ptr<void> Admission::take_place(Counts& counts, std::string key, unsigned places)
{
    {
        std::lock_guard const lock(mutex_);
        auto& count = counts[key];
        if (count >= places)
            return nullptr;
        ++count;
    }
    return std::shared_ptr<void>(this, [&counts, key = std::move(key)](void* self) {
        std::lock_guard const lock(static_cast<Admission*>(self)->mutex_);
        lower(counts, key);
    });
}

std::shared_ptr<void> Admission::take_login_place(Peer const& peer)
{
    bool const is_counted = !(peer.is_loopback && limits_.exempt_loopback);
    return take_place(
        logging_in_, address_key(peer), is_counted ? limits_.unauthenticated_per_address : ~0u);
}

std::shared_ptr<void> Admission::take_account_place(std::string const& account)
{
    return take_place(by_account_, account, limits_.sessions_per_account);
}

} // namespace mail::server
