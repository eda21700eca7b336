// What a client asked for by NOTIFY (RFC 5465), and what the server therefore may and must tell.
#pragma once

#include "tests/model/random.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::model {

struct Events {
    bool messages = false; ///< MessageNew and MessageExpunge: they go together
    bool flags = false; ///< FlagChange; never without them
    bool names = false; ///< MailboxName
    bool subscriptions = false; ///< SubscriptionChange
    bool any() const { return messages || names || subscriptions; }
    void add(Events const& others);
};

class Wishes {
public:
    struct Selected {
        bool is_delayed = false;
        Events events; ///< of messages
        bool with_data = false; ///< the items of `new_message_items` with each new message
    };
    struct Group {
        enum class Filter { inboxes, personal, subscribed, subtree, mailboxes };
        Filter filter = Filter::personal;
        std::vector<std::string> names; ///< of the last two
        Events events;
    };

    static constexpr std::string_view new_message_items
        = "UID FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)]";

    bool tells_status = false;
    std::optional<Selected> selected;
    std::vector<Group> groups;

    static Wishes random(Random& random, std::vector<std::string> const& names);
    std::string command() const;

    Events of_selected() const { return selected ? selected->events : Events {}; }
    /// Expunges may come between commands, so numbers name nothing (§5.3).
    bool tells_expunges_at_once() const
    {
        return selected && !selected->is_delayed && selected->events.messages;
    }
    /// What must be told of a mailbox, and what may: the client does not know for sure what is
    /// subscribed.
    Events surely(std::string_view name) const { return of(name, false); }
    Events perhaps(std::string_view name) const { return of(name, true); }

private:
    Events of(std::string_view name, bool if_subscribed) const;
};

/// Above the names of mailboxes that belong to others.
inline constexpr std::string_view others_root = "Other Users";
bool is_own(std::string_view name);
/// "Third" in quotes.
std::string in_quotes(std::string_view name);

} // namespace mail::model
