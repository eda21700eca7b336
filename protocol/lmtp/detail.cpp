#include "protocol/lmtp/detail.h"

#include "storage/acl.h"
#include "storage/ascii.h"
#include "storage/mailboxes.h"
#include "storage/txn.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace mail::lmtp {

namespace {

    /// The only one of `names` that equals `wanted` but for the case of letters.
    std::optional<std::string> only_match(
        std::vector<storage::Mailbox> const& mailboxes, std::string_view wanted)
    {
        std::optional<std::string> found;
        for (auto const& mailbox : mailboxes) {
            if (!ascii::equal_without_case(mailbox.name, wanted))
                continue;
            if (found)
                return std::nullopt;
            found = mailbox.name;
        }
        return found;
    }

} // namespace

std::string find_detail_mailbox(
    storage::ReadTxn const& txn, storage::AccountId account, std::string_view detail)
{
    if (detail.empty())
        return {};
    if (auto const mailbox = storage::find_mailbox(txn, account, detail))
        return mailbox->name;
    auto const mailboxes = storage::list_mailboxes(txn, account);
    if (auto name = only_match(mailboxes, detail))
        return *name;
    std::string levels(detail);
    std::ranges::replace(levels, '.', storage::hierarchy_delimiter);
    return only_match(mailboxes, levels).value_or(std::string {});
}

bool may_anyone_post(
    storage::ReadTxn const& txn, storage::AccountId account, std::string_view mailbox)
{
    auto const found = storage::find_mailbox(txn, account, mailbox);
    if (!found)
        return false;
    storage::Rights given;
    storage::Rights taken;
    for (auto const& entry : storage::read_acl(txn, { account, found->id })) {
        if (entry.identifier == "anyone")
            given = given | entry.rights;
        else if (entry.identifier == "-anyone")
            taken = taken | entry.rights;
    }
    return (given - taken).has(storage::Right::post);
}

} // namespace mail::lmtp
