// The grammar of filters, and what they take.
#include "protocol/imap/mailbox_filter.h"

#include "protocol/imap/failure.h"
#include "protocol/imap/parser.h"
#include "protocol/session/name_tree.h"
#include "storage/mailboxes.h"

#include <algorithm>

namespace mail::imap {
namespace {

    using FilterKind = MailboxFilter::Kind;

    bool has_name(MailboxFilter const& filter, std::string_view name)
    {
        return std::ranges::binary_search(filter.names, name, std::less<> {});
    }

    /// The name itself, a level above it, or the level above all.
    bool is_in_subtree(MailboxFilter const& filter, std::string_view name)
    {
        bool found = has_name(filter, name) || has_name(filter, "");
        session::for_each_level_above(
            name, [&](std::string_view level) { found = found || has_name(filter, level); });
        return found;
    }

    bool is_child(MailboxFilter const& filter, std::string_view name)
    {
        auto const end = name.rfind(storage::hierarchy_delimiter);
        return has_name(filter, end == std::string_view::npos ? "" : name.substr(0, end));
    }

} // namespace

bool takes(MailboxFilter const& filter, FilterCandidate const& mailbox)
{
    switch (filter.kind) {
    case FilterKind::inboxes:
        return mailbox.takes_deliveries;
    case FilterKind::personal:
        return mailbox.is_own;
    case FilterKind::subscribed:
        return mailbox.is_subscribed;
    case FilterKind::subtree:
        return is_in_subtree(filter, mailbox.name);
    case FilterKind::subtree_one:
        return has_name(filter, mailbox.name) || is_child(filter, mailbox.name);
    case FilterKind::mailboxes:
        return has_name(filter, mailbox.name);
    }
    return false;
}

MailboxFilter MailboxFilterParser::parse()
{
    MailboxFilter filter;
    if (in_.accept_word("INBOXES"))
        filter.kind = FilterKind::inboxes;
    else if (in_.accept_word("PERSONAL"))
        filter.kind = FilterKind::personal;
    else if (in_.accept_word("SUBSCRIBED"))
        filter.kind = FilterKind::subscribed;
    else if (in_.accept_word("SUBTREE"))
        filter.kind = FilterKind::subtree;
    else if (subtree_one_ == SubtreeOne::known && in_.accept_word("SUBTREE-ONE"))
        filter.kind = FilterKind::subtree_one;
    else if (in_.accept_word("MAILBOXES"))
        filter.kind = FilterKind::mailboxes;
    else
        in_.fail("SELECTED, INBOXES, PERSONAL, SUBSCRIBED, SUBTREE or MAILBOXES");
    if (filter.kind >= FilterKind::subtree)
        parse_names(filter);
    return filter;
}

/// one-or-more-mailbox
void MailboxFilterParser::parse_names(MailboxFilter& filter)
{
    in_.space();
    auto const name = [&] {
        auto mailbox = in_.list_mailbox();
        while (mailbox.ends_with(storage::hierarchy_delimiter))
            mailbox.pop_back();
        if (++names_ > max_filter_names)
            in_.refuse(too_many_);
        if (mailbox.size() <= storage::max_mailbox_name * 2)
            filter.names.push_back(std::move(mailbox));
    };
    if (in_.is_next('('))
        in_.list(name);
    else
        name();
    std::ranges::sort(filter.names);
    filter.names.erase(std::unique(filter.names.begin(), filter.names.end()), filter.names.end());
}

} // namespace mail::imap
