// Counts sessions.
#include "server/admission.h"

#include <arpa/inet.h>

namespace mail::server {

std::string Admission::address_key(Peer const& peer)
{
    in6_addr v6 {};
    if (::inet_pton(AF_INET6, peer.address.c_str(), &v6) != 1)
        return peer.address;
    // A customer commonly has a /64 and may pick any address in it.
    return std::string(reinterpret_cast<char const*>(&v6), 8);
}

void Admission::lower(Counts& counts, std::string const& key)
{
    auto const found = counts.find(key);
    if (found != counts.end() && --found->second == 0)
        counts.erase(found);
}

Admission::Visit::Visit(Admission& admission)
    : admission_(&admission)
{
    std::lock_guard const lock(admission.mutex_);
    is_beyond_limit_ = ++admission.sessions_ > admission.limits_.sessions;
}

Admission::Visit& Admission::Visit::operator=(Visit&& other) noexcept
{
    std::swap(admission_, other.admission_);
    std::swap(address_, other.address_);
    std::swap(is_beyond_limit_, other.is_beyond_limit_);
    return *this;
}

Admission::Visit::~Visit()
{
    if (!admission_)
        return;
    std::lock_guard const lock(admission_->mutex_);
    --admission_->sessions_;
    if (!address_.empty())
        lower(admission_->by_address_, address_);
}

Admission::Verdict Admission::Visit::come_from(Peer const& peer)
{
    auto const& limits = admission_->limits_;
    address_ = address_key(peer);
    std::lock_guard const lock(admission_->mutex_);
    auto const from_here = ++admission_->by_address_[address_];
    if (is_beyond_limit_)
        return Verdict::too_many;
    if (from_here > limits.sessions_per_address && !(peer.is_loopback && limits.exempt_loopback))
        return Verdict::too_many_from_address;
    return Verdict::admitted;
}

unsigned Admission::sessions() const
{
    std::lock_guard const lock(mutex_);
    return sessions_;
}

std::shared_ptr<void> Admission::take_account_place(std::string const& account)
{
    {
        std::lock_guard const lock(mutex_);
        auto& count = by_account_[account];
        if (count >= limits_.sessions_per_account)
            return nullptr;
        ++count;
    }
    return std::shared_ptr<void>(this, [account](void* self) {
        auto& admission = *static_cast<Admission*>(self);
        std::lock_guard const lock(admission.mutex_);
        lower(admission.by_account_, account);
    });
}

} // namespace mail::server
