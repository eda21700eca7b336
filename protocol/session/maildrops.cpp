#include "protocol/session/maildrops.h"

#include "protocol/session/write.h"

#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace mail::session {

/// What others see of a session that has a maildrop. The state changes on its executor alone.
struct MaildropHold::Shared {
    enum class State { held, updating, lost };

    explicit Shared(ByteStream& s)
        : executor(s.executor())
        , stream(&s)
        , last_active(Clock::now())
    {
    }

    /// On the executor. True: the maildrop is free for the one who asks.
    bool give_way(std::chrono::seconds silence)
    {
        if (!stream || state == State::lost)
            return true;
        if (state == State::updating)
            return false;
        bool const is_silent = silence.count() != 0 && Clock::now() - last_active >= silence;
        if (!is_silent && !is_gone())
            return false;
        state = State::lost;
        stream->interrupt();
        return true;
    }

    bool is_gone() const
    {
        try {
            stream->fail_if_gone();
            return false;
        } catch (boost::system::system_error const&) {
            return true;
        }
    }

    boost::asio::any_io_executor executor;
    ByteStream* stream; ///< null: the session has ended
    Clock::time_point last_active;
    State state = State::held;
};

MaildropHold::MaildropHold(Maildrops& maildrops, storage::AccountId account, ByteStream& stream)
    : maildrops_(maildrops)
    , account_(account)
    , shared_(std::make_shared<Shared>(stream))
{
}

MaildropHold::~MaildropHold()
{
    shared_->stream = nullptr;
    maildrops_.remove(account_, shared_.get());
}

void MaildropHold::note_activity() { shared_->last_active = Clock::now(); }

bool MaildropHold::is_lost() const { return shared_->state == Shared::State::lost; }

void MaildropHold::begin_update() { shared_->state = Shared::State::updating; }

awaitable<std::unique_ptr<MaildropHold>> Maildrops::take(
    storage::AccountId account, ByteStream& stream, std::chrono::seconds silence)
{
    auto hold = std::make_unique<MaildropHold>(*this, account, stream);
    auto const other = find(account);
    bool is_free = !other;
    if (other) {
        Resumption resumption(stream.executor());
        auto ask = [&] {
            is_free = other->give_way(silence);
            resumption.resume();
        };
        auto start = [&] { boost::asio::post(other->executor, [&ask] { ask(); }); };
        co_await resumption.wait(start);
    }
    if (!is_free || !put(account, hold->shared_, other.get()))
        co_return nullptr;
    co_return hold;
}

bool Maildrops::put(
    storage::AccountId account, std::shared_ptr<Shared> const& hold, Shared const* after)
{
    std::lock_guard const lock(mutex_);
    auto& place = holds_[account];
    if (place && place.get() != after)
        return false; // a third session was faster
    place = hold;
    return true;
}

void Maildrops::remove(storage::AccountId account, Shared const* hold)
{
    std::lock_guard const lock(mutex_);
    auto const found = holds_.find(account);
    if (found != holds_.end() && found->second.get() == hold)
        holds_.erase(found);
}

std::shared_ptr<Maildrops::Shared> Maildrops::find(storage::AccountId account) const
{
    std::lock_guard const lock(mutex_);
    auto const found = holds_.find(account);
    return found == holds_.end() ? nullptr : found->second;
}

Maildrops::Clock::duration Maildrops::delay_left(
    storage::AccountId account, std::chrono::seconds delay, Clock::time_point now) const
{
    std::lock_guard const lock(mutex_);
    auto const found = next_login_.find(account);
    if (delay.count() == 0 || found == next_login_.end())
        return Clock::duration::zero();
    return std::max(found->second - now, Clock::duration::zero());
}

void Maildrops::note_login(
    storage::AccountId account, std::chrono::seconds delay, Clock::time_point now)
{
    if (delay.count() == 0)
        return;
    std::lock_guard const lock(mutex_);
    next_login_.insert_or_assign(account, now + delay);
    if (next_login_.size() > 1000 && next_login_.size() > 2 * logins_after_sweep_)
        forget_old_logins(now);
}

void Maildrops::forget_old_logins(Clock::time_point now)
{
    std::erase_if(next_login_, [&](auto const& each) { return each.second <= now; });
    logins_after_sweep_ = next_login_.size();
}

} // namespace mail::session
