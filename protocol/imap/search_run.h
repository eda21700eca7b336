// Runs a search program over the selected mailbox, cheap evidence first, in slices.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/search_key.h"

namespace mail::imap {

class Context;

/// What a search found, and the mod-sequences that its answer may have to name (RFC 4731 §3.2).
struct Found {
    storage::UidSet uids;
    storage::ModSeq of_first, of_last, highest;
};

enum class SearchFor { all, first };

/// Searches the messages of the view that still exist. The program is ready (make_ready). Flags and
/// dates are looked at here, in slices of about a millisecond; headers and bodies by a worker.
awaitable<Found> run_search(Context& ctx, SearchProgram const& program, SearchFor what);

} // namespace mail::imap
