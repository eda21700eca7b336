// Unique ids that messages brought along for POP3 (RFC 1939 §7): what another server told clients
// before the mail moved here, so that they do not fetch all of it again.
#pragma once

#include "storage/error.h"
#include "storage/ids.h"
#include "storage/uid_set.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mail::storage {

class ReadTxn;
class WriteTxn;

bool is_pop3_uidl(std::string_view text); ///< 1 to 70 octets of printable ASCII, no blanks

/// Gives the message the id, or takes it away when it is empty. It goes with the message: a copy,
/// moved or not, has none. Whether others have the same is not looked at. not_found (mailbox or
/// message), invalid_name. One change in the log.
Result<void> set_pop3_uidl(WriteTxn& txn, Place place, Uid uid, std::string_view uidl);

std::optional<std::string> pop3_uidl(ReadTxn const& txn, Place place, Uid uid);

/// Calls each(uid, uidl) for the messages of the mailbox that have one, by UID. One look-up when
/// none has.
void for_each_pop3_uidl(ReadTxn const& txn, Place place,
    std::function<void(Uid uid, std::string_view uidl)> const& each);

// Inside of storage/ only.
void forget_pop3_uidls(WriteTxn& txn, Place place, UidSet const& gone);

} // namespace mail::storage
