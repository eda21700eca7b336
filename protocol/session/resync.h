// What became of messages that a client knew when it was here last (RFC 7162 §3.2).
#pragma once

#include "protocol/session/uid_map.h"
#include "storage/ids.h"
#include "storage/txn.h"

namespace mail::session {

/// Those of `known` that were expunged after `since` and are not in `now`: from the change log, or
/// where that no longer reaches back all that are not there.
UidSet vanished_since(storage::ReadTxn const& txn, storage::Place place, storage::ModSeq since,
    UidSet const& known, UidMap const& now);

} // namespace mail::session
