// Who has which maildrop: POP3 sessions exclude each other (RFC 1939 §4), and nobody else. A
// session whose client is gone, or silent for long, loses its maildrop to the next one that comes.
#pragma once

#include "protocol/byte_stream.h"
#include "storage/ids.h"

#include <chrono>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace mail::session {

class Maildrops;

/// A session's hold on a maildrop. All but what says otherwise is for the session's own executor.
class MaildropHold {
public:
    using Clock = std::chrono::steady_clock;

    MaildropHold(Maildrops& maildrops, storage::AccountId account, ByteStream& stream);
    ~MaildropHold(); ///< gives the maildrop back
    MaildropHold(MaildropHold const&) = delete;
    MaildropHold& operator=(MaildropHold const&) = delete;

    void note_activity(); ///< the client said something, or took something
    /// Another session has the maildrop now: this one ends, without UPDATE.
    bool is_lost() const;
    /// The UPDATE state begins, in which nobody takes the maildrop over. Not of one that is lost.
    void begin_update();

private:
    friend class Maildrops;
    struct Shared;
    Maildrops& maildrops_;
    storage::AccountId account_;
    std::shared_ptr<Shared> shared_;
};

/// Of all accounts. Thread-safe.
class Maildrops {
public:
    using Clock = MaildropHold::Clock;

    /// Takes the maildrop. nullptr: another session has it, whose client is there and was silent
    /// for less than `silence` (0: however long). Asks that session on its own thread.
    awaitable<std::unique_ptr<MaildropHold>> take(
        storage::AccountId account, ByteStream& stream, std::chrono::seconds silence);

    /// How long the account may not yet log in again; zero when it may. Remembers nothing of the
    /// time before the server was started.
    Clock::duration delay_left(
        storage::AccountId account, std::chrono::seconds delay, Clock::time_point now) const;
    /// The account has logged in and waits so long until the next time.
    void note_login(storage::AccountId account, std::chrono::seconds delay, Clock::time_point now);

private:
    friend class MaildropHold;
    using Shared = MaildropHold::Shared;
    bool put(storage::AccountId account, std::shared_ptr<Shared> const& hold, Shared const* after);
    void remove(storage::AccountId account, Shared const* hold);
    std::shared_ptr<Shared> find(storage::AccountId account) const;
    void forget_old_logins(Clock::time_point now);

    mutable std::mutex mutex_;
    std::unordered_map<storage::AccountId, std::shared_ptr<Shared>> holds_;
    std::unordered_map<storage::AccountId, Clock::time_point> next_login_; ///< when it may be
    std::size_t logins_after_sweep_ = 0;
};

} // namespace mail::session
