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
