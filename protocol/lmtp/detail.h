// Which mailbox the detail of an address means: user+detail@domain.
#pragma once

#include "storage/ids.h"

#include <string>
#include <string_view>

namespace mail::storage {
class ReadTxn;
}

namespace mail::lmtp {

/// The name of the mailbox that the detail means: spelled just so, or else the only one that
/// differs from it in the case of ASCII letters (addresses lose it on their way), or else the same
/// with "." for "/" (addresses of some senders cannot have that). Empty: there is none. Looks at
/// all mailboxes of the account when none is spelled so.
std::string find_detail_mailbox(
    storage::ReadTxn const& txn, storage::AccountId account, std::string_view detail);

/// Whether anyone may post to the mailbox by its list (RFC 4314 §2.1: "p").
bool may_anyone_post(
    storage::ReadTxn const& txn, storage::AccountId account, std::string_view mailbox);

} // namespace mail::lmtp
