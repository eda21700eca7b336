// What NOTIFY asks for: which events in which mailboxes (RFC 5465 §3, §6, §8).
#pragma once

#include "protocol/imap/failure.h"
#include "protocol/imap/fetch_items.h"
#include "protocol/imap/mailbox_filter.h"

#include <bitset>
#include <cstdint>
#include <optional>
#include <vector>

namespace mail::imap {

class Parser;

enum class NotifyEvent : std::uint8_t {
    message_new,
    message_expunge,
    flag_change,
    mailbox_name,
    subscription_change,
    mailbox_metadata_change,
    server_metadata_change,
    count,
};

class NotifyEvents {
public:
    void add(NotifyEvent event) { bits_.set(static_cast<std::size_t>(event)); }
    void add(NotifyEvents const& others) { bits_ |= others.bits_; }
    bool has(NotifyEvent event) const { return bits_[static_cast<std::size_t>(event)]; }
    bool any() const { return bits_.any(); }
    bool any_of_messages() const
    {
        return has(NotifyEvent::message_new) || has(NotifyEvent::message_expunge)
            || has(NotifyEvent::flag_change);
    }

private:
    std::bitset<static_cast<std::size_t>(NotifyEvent::count)> bits_;
};

/// Events of the selected mailbox.
struct NotifySelected {
    bool is_delayed = false; ///< expunges wait for a command that allows them (§6.1.2)
    NotifyEvents events;
    FetchItems items; ///< to be told of new messages; empty: nothing
};

/// Events of the mailboxes that a filter takes.
struct NotifyGroup {
    MailboxFilter filter;
    NotifyEvents events;
};

struct NotifyRequest {
    bool tells_status = false;
    std::optional<NotifySelected> selected;
    std::vector<NotifyGroup> groups;

    /// What is to be told of the mailbox; events of messages only while it is not selected.
    NotifyEvents events_of(FilterCandidate const& mailbox) const;
    bool has_filter(MailboxFilter::Kind kind) const;
    bool asks_for(NotifyEvent event) const; ///< in any group
};

/// That a client may ask for; more, and more than max_filter_names, is NO [NOTIFICATIONOVERFLOW].
inline constexpr std::size_t max_notify_groups = 100;

/// The arguments of NOTIFY; nullopt for NONE.
Result<std::optional<NotifyRequest>> parse_notify(Parser& in);

} // namespace mail::imap
