// The names that a user may know of, as a tree: mailboxes, subscriptions, and the levels above
// them.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/session/mailbox_list.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::session {

struct NameEntry {
    std::optional<std::size_t> mailbox; ///< its place in NameTree::mailboxes; nullopt: there is
                                        ///< none that the user may look up
    bool subscribed = false;
    bool has_children = false; ///< mailboxes that the user may look up
    bool has_subscribed_children = false;
};

/// INBOX first, then by octets.
struct ByName {
    bool operator()(std::string const& a, std::string const& b) const
    {
        auto const a_later = a != "INBOX";
        auto const b_later = b != "INBOX";
        return a_later != b_later ? b_later : a < b;
    }
};

struct NameTree {
    std::vector<ListedMailbox> mailboxes;
    std::map<std::string, NameEntry, ByName> entries; ///< by the client's names

    ListedMailbox const* mailbox_of(NameEntry const& entry) const
    {
        return entry.mailbox ? &mailboxes[*entry.mailbox] : nullptr;
    }
};

/// Reads it, on a worker when it is large.
awaitable<NameTree> read_names(Session& session);

/// Calls f(std::string_view) for the levels above the name, the nearest first.
template <class F> void for_each_level_above(std::string_view name, F f)
{
    for (auto end = name.rfind(storage::hierarchy_delimiter);
         end != std::string_view::npos && end != 0;
         end = name.rfind(storage::hierarchy_delimiter, end - 1))
        f(name.substr(0, end));
}

} // namespace mail::session
