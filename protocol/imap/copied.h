// What COPY and MOVE have in common.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/failure.h"
#include "protocol/imap/sequence_set.h"
#include "storage/messages.h"

#include <string>

namespace mail::imap {

class Context;
class Parser;

struct CopyArgs {
    SequenceSet set;
    std::string target;
};

Result<CopyArgs> parse_copy(Parser& in);

enum class CopyMode { copy, move };

struct Copied : storage::Copied {
    bool tells_uids = false; ///< the client may learn the UIDs of the copies
};

/// Copies or moves the messages of the selected mailbox that still exist, in one transaction.
/// Refusals: TRYCREATE for a missing target (RFC 9051 §6.4.7); and a COPY by sequence numbers of
/// which some are expunged by another session copies nothing (RFC 2180 §4.4.1).
awaitable<Result<Copied>> copy_to(
    Context& ctx, storage::UidSet const& uids, std::string target, CopyMode mode);

/// "COPYUID 38505 304,319:320 3956:3958" (RFC 4315 §3); empty when nothing is to be told.
ResponseCode copyuid(Copied const& copied);

} // namespace mail::imap
