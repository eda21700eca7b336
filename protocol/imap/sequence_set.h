// sequence-set (RFC 9051 §9): messages by sequence number or UID, as the client wrote them, and
// what they stand for in a mailbox.
#pragma once

#include "protocol/imap/failure.h"
#include "protocol/session/uid_map.h"
#include "storage/uid_set.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mail::session {
class SelectedMailbox;
}

namespace mail::imap {

/// How a command counts messages: "UID" before its name makes it `uid`.
enum class Numbering { sequence, uid };

struct SequenceSet {
    bool saved = false; ///< "$" is in it: what SEARCH RETURN (SAVE) saved (RFC 5182)
    static constexpr std::uint32_t star = 0; ///< "*": the largest number in use
    struct Range {
        std::uint32_t first; ///< or star
        std::uint32_t last; ///< or star; may be below first: the order does not matter (RFC 9051 §9
                            ///< seq-range)
    };
    std::vector<Range> ranges;
};

/// The UIDs that the set stands for in the view. With Numbering::uid those that do not exist are
/// left out silently (RFC 9051 §6.4.9), and "*" is the last message's. With Numbering::sequence a
/// number beyond the last message is BAD, except in a range that begins within, or on an empty
/// mailbox with "*" in the set (1:* of an empty mailbox is what clients send to learn that there is
/// nothing).
/// `saved` is what "$" stands for.
Result<storage::UidSet> resolve(SequenceSet const& set, Numbering numbering,
    session::UidMap const& map, storage::UidSet const& saved = {});
Result<storage::UidSet> resolve(
    SequenceSet const& set, Numbering numbering, session::SelectedMailbox const& mailbox);

/// The same without refusals: numbers beyond the last message are left out, as in SEARCH.
storage::UidSet resolve_leniently(SequenceSet const& set, Numbering numbering,
    session::UidMap const& map, storage::UidSet const& saved);

/// The UIDs from each range's first message to its last, those between them that are no messages as
/// well: it costs no more than the set is long, however scattered the mailbox is. "$" is left out.
storage::UidSet spans_of(SequenceSet const& set, Numbering numbering, session::UidMap const& map);

/// The UIDs of the set, whether or not there are such messages; "*" is `star`. "$" is left out: it
/// names only messages that there are.
storage::UidSet all_of(SequenceSet const& set, storage::Uid star);

/// The sequence numbers of those of `uids` that are in the map, as ranges (in a UidSet, though they
/// are no UIDs).
storage::UidSet sequence_numbers(storage::UidSet const& uids, session::UidMap const& map);

/// "1:3,7": a uid-set or sequence-set; nothing for an empty set.
void append_set(std::string& out, storage::UidSet const& set);

} // namespace mail::imap
