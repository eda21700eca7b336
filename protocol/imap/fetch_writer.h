// Writes FETCH responses for many messages, slice by slice: transactions are short and the output
// stays small, however large the mailbox or a message is.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/fetch_items.h"
#include "storage/ids.h"
#include "storage/uid_set.h"

#include <optional>

namespace mail::imap {

class Context;

struct FetchJob {
    storage::UidSet uids; ///< of the selected mailbox's view
    FetchItems items;
    std::optional<storage::ModSeq>
        changed_since; ///< leaves out messages that did not change since (RFC 7162 §3.1.4.1)
    storage::UidSet newly_seen; ///< FLAGS are told of these, asked for or not
};

/// Writes the responses, ascending, and sends all but the last of them. Messages that another
/// session expunged, but this one was not told of, are answered as long as the store keeps them.
/// Returns those that are gone for good.
awaitable<storage::UidSet> send_fetch(Context& ctx, FetchJob job);

} // namespace mail::imap
