// Special-use attributes of mailboxes on the wire (RFC 6154, RFC 8457).
#pragma once

#include "protocol/imap/failure.h"
#include "storage/mailboxes.h"

#include <string>
#include <string_view>

namespace mail::imap {

class Parser;

constexpr storage::SpecialUse operator|(storage::SpecialUse a, storage::SpecialUse b)
{
    return static_cast<storage::SpecialUse>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool has_use(storage::SpecialUse uses, storage::SpecialUse use)
{
    return (static_cast<unsigned>(uses) & static_cast<unsigned>(use)) != 0;
}

/// use-attr *(SP use-attr), or nothing, up to a ")" or the end. NO [USEATTR] for what a client
/// cannot give to a mailbox.
storage::SpecialUse parse_special_uses(Parser& in);

/// Whether another mailbox of the account has one of these uses: clients take the first mailbox of
/// a use, two would part their mail. O(mailboxes).
bool is_use_taken(storage::ReadTxn const& txn, storage::AccountId account, storage::SpecialUse uses,
    storage::MailboxId except = {});
Failure use_is_taken();

/// Appends " \Sent" for each bit.
void append_special_use(std::string& out, storage::SpecialUse use);
/// "\Drafts \Sent": as in LIST, for an annotation (RFC 6154 §4).
std::string special_use_list(storage::SpecialUse use);
/// Appends " \Spam" for each bit: the older names of XLIST.
void append_xlist_use(std::string& out, storage::SpecialUse use);

} // namespace mail::imap
