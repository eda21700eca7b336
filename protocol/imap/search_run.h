// Runs a search program over a mailbox, cheap evidence first, in slices.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/long_work.h"
#include "protocol/imap/message_limit.h"
#include "protocol/imap/search_program.h"
#include "protocol/imap/search_target.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace mail::imap {

class Context;

/// A message that matches, with what answers and sorting need of it.
struct Hit {
    storage::Uid uid {};
    std::uint32_t relevancy = 100; ///< 1 to 100 (RFC 6203)
    storage::ModSeq mod_seq {};
    std::int64_t internal_date = 0; ///< seconds since the Unix epoch
    std::int64_t sent = 0; ///< the Date field, or storage::no_date
    std::uint64_t size = 0;
};

/// How much of what matches is needed.
struct SearchExtent {
    std::uint64_t enough = UINT64_MAX; ///< it may stop after so many messages
    bool from_end = false; ///< with the newest first
    bool only_uids = false; ///< the other members of Hit need not be set
    bool all_or_nothing = false; ///< nothing is searched when MESSAGELIMIT cuts the search
};

/// All that matched, ascending.
struct Matches {
    storage::UidSet uids;
    std::vector<Hit> hits; ///< empty when it was asked for only_uids
    std::optional<Cut> cut; ///< older messages were not searched
};

/// The messages that match; ascending. With from_end the slices come in descending order.
using TakeHits = std::function<void(std::span<Hit const>)>;

/// Searches the messages of `among` that still exist and calls `take` with those that match, slice
/// by slice. The program is ready (make_ready). Flags and dates are looked at here, in slices of
/// about a millisecond; headers and bodies by a worker. Everything referred to must outlive the
/// call.
awaitable<void> run_search(Context& ctx, LongWork& work, SearchTarget const& target,
    SearchProgram const& program, storage::UidSet among, SearchExtent extent, TakeHits const& take);

/// Makes the program ready for the mailbox as it is now and searches all of it.
awaitable<Matches> search_mailbox(Context& ctx, LongWork& work, SearchTarget const& target,
    SearchProgram& program, SearchExtent extent);

} // namespace mail::imap
