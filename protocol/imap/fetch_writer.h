// Writes FETCH responses for many messages, slice by slice: transactions are short and the output
// stays small, however large the mailbox or a message is.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/fetch_items.h"
#include "storage/ids.h"
#include "storage/messages.h"
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

struct FetchSent {
    storage::UidSet gone; ///< expunged for good
    bool unknown_encoding = false; ///< some BINARY could not be decoded, and was left out
};

/// Writes the responses, ascending, and sends all but the last of them. Messages that another
/// session expunged, but this one was not told of, are answered as long as the store keeps them.
awaitable<FetchSent> send_fetch(Context& ctx, FetchJob job);

/// Whether the message has nothing that keeps the item from being shown: BINARY of an encoding that
/// is not known does (RFC 3516 §4.3).
bool is_showable(FetchItem const& item, storage::ColdRecord const& cold, std::uint64_t size);

} // namespace mail::imap
