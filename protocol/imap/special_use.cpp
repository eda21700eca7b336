// Names of the special uses, and who may have them.
#include "protocol/imap/special_use.h"

#include "protocol/imap/parser.h"

#include <algorithm>
#include <array>
#include <optional>

namespace mail::imap {
namespace {

    struct UseName {
        storage::SpecialUse use;
        std::string_view attribute;
        std::string_view in_xlist;
        /// \All and \Flagged are for mailboxes that show the messages of others.
        bool is_assignable = true;
    };
    using Use = storage::SpecialUse;
    constexpr std::array<UseName, 8> use_names { {
        { Use::all, "\\All", "\\AllMail", false },
        { Use::archive, "\\Archive", "\\Archive" },
        { Use::drafts, "\\Drafts", "\\Drafts" },
        { Use::flagged, "\\Flagged", "\\Starred", false },
        { Use::important, "\\Important", "\\Important" },
        { Use::junk, "\\Junk", "\\Spam" },
        { Use::sent, "\\Sent", "\\Sent" },
        { Use::trash, "\\Trash", "\\Trash" },
    } };

    std::optional<storage::SpecialUse> assignable_use(std::string_view attribute)
    {
        for (auto const& name : use_names)
            if (name.is_assignable && equal_without_case(name.attribute, attribute))
                return name.use;
        return std::nullopt;
    }

} // namespace

storage::SpecialUse parse_special_uses(Parser& in)
{
    auto uses = Use::none;
    if (in.at_end() || in.is_next(')'))
        return uses;
    do {
        auto const begin = in.rest();
        in.expect('\\');
        auto const word = in.atom();
        if (in.failed())
            return uses;
        auto const use = assignable_use(begin.substr(0, word.size() + 1));
        if (!use)
            in.refuse(no(
                "USEATTR", "Use one of \\Archive, \\Drafts, \\Important, \\Junk, \\Sent, \\Trash"));
        else
            uses = uses | *use;
    } while (in.accept(' ') && !in.is_next(')') && !in.at_end());
    return uses;
}

bool is_use_taken(storage::ReadTxn const& txn, storage::AccountId account, storage::SpecialUse uses,
    storage::MailboxId except)
{
    return uses != Use::none
        && std::ranges::any_of(
            storage::list_mailboxes(txn, account), [&](storage::Mailbox const& mailbox) {
                return mailbox.id != except && has_use(mailbox.special_use, uses);
            });
}

Failure use_is_taken()
{
    return no("USEATTR", "Another mailbox has this special use; LIST shows it");
}

void append_special_use(std::string& out, storage::SpecialUse use)
{
    for (auto const& name : use_names)
        if (has_use(use, name.use))
            out.append(" ").append(name.attribute);
}

std::string special_use_list(storage::SpecialUse use)
{
    std::string list;
    append_special_use(list, use);
    if (!list.empty())
        list.erase(0, 1);
    return list;
}

void append_xlist_use(std::string& out, storage::SpecialUse use)
{
    for (auto const& name : use_names)
        if (has_use(use, name.use))
            out.append(" ").append(name.in_xlist);
}

} // namespace mail::imap
