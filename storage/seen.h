// \Seen of those who read a mailbox that is not theirs: each has a set of their own, apart from the
// flags that the mailbox's account and all others see (RFC 4314 §4, RFC 9051 §2.3.2).
#pragma once

#include "storage/ids.h"
#include "storage/uid_set.h"

namespace mail::storage {

class ReadTxn;
class WriteTxn;

/// The messages that `viewer`, not the mailbox's own account, has \Seen; all of them exist. One
/// look-up, O(ranges).
UidSet seen_by(ReadTxn const& txn, Place place, AccountId viewer);

// Inside of storage/ only.
void put_seen(WriteTxn& txn, Place place, AccountId viewer, UidSet const& seen);
void forget_seen(WriteTxn& txn, Place place, UidSet const& gone); ///< of all viewers

} // namespace mail::storage
