// What a client that used NOTIFY is told of all its mailboxes (RFC 5465).
#pragma once

#include "protocol/imap/failure.h"
#include "protocol/imap/notify_request.h"
#include "protocol/session/account_watch.h"
#include "protocol/session/selected_mailbox.h"

#include <memory>
#include <string>
#include <vector>

namespace mail::session {
class Session;
}

namespace mail::imap {

class Context;

/// Replaced as a whole by the next NOTIFY. Idle, it holds the request and a watch per account.
class Notifier {
public:
    explicit Notifier(session::Session& session); ///< NOTIFY NONE: nothing at all
    ~Notifier();
    Notifier(Notifier const&) = delete;
    Notifier& operator=(Notifier const&) = delete;

    /// Begins to watch. NO [NOTIFICATIONOVERFLOW] when that would be too much.
    Result<void> watch(NotifyRequest request);

    // Of the selected mailbox
    session::Interest interest() const;
    FetchItems const* new_message_items() const; ///< to be told of each new one; null for nothing
    /// Whether expunges may be told while no command runs.
    session::Expunges expunges_between_commands() const;

    bool is_listening() const { return listens_; } ///< there may be something to tell at any time
    session::Bell& bell() { return *bell_; }

    /// What holds when the watch begins: STATUS lines when they were asked for, and mailboxes of
    /// which the user may learn no more than the name (§3.1).
    awaitable<void> tell_beginning(Context& ctx);
    /// What happened since.
    awaitable<void> tell(Context& ctx);

private:
    class Telling;
    friend class Telling;

    bool watches_others() const;
    Result<std::vector<storage::Account>> accounts() const;
    Result<std::vector<storage::Account>> follow_accounts();
    NotifyEvents events_of(
        storage::Account const& owner, std::string_view name, std::string_view name_there) const;
    void overflow(Context& ctx);

    session::Session& session_;
    NotifyRequest request_;
    bool listens_ = false;
    std::shared_ptr<session::Bell> bell_;
    std::vector<std::unique_ptr<session::AccountWatch>> watches_;
    session::Hub::Watch sharing_; ///< one more account shares mailboxes
};

} // namespace mail::imap
