// Sequence numbers of a mailbox as one session knows it: an immutable, run-length map between UIDs
// and sequence numbers that sessions in the same state share.
#pragma once

#include "storage/ids.h"
#include "storage/uid_set.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace mail::session {

using storage::Uid;
using storage::UidRange;
using storage::UidSet;

/// A message's place in a session's view, from 1 (RFC 9051 §2.3.1.2). Changes when messages before
/// it are expunged.
using SeqNum = storage::Id<struct SeqNumTag, std::uint32_t>;

class UidMap {
public:
    UidMap() = default;
    explicit UidMap(UidSet const& uids);

    std::uint32_t count() const { return count_; } ///< messages: EXISTS
    std::optional<Uid> uid_of(SeqNum seq) const; ///< O(log runs)
    std::optional<SeqNum> seq_of(Uid uid) const; ///< O(log runs)
    /// The UIDs of sequence numbers first to last, those beyond the end left out.
    UidSet uids_of(SeqNum first, SeqNum last) const;
    /// Those of `uids` that are in the map.
    UidSet present(UidSet const& uids) const;
    std::uint32_t count_below(Uid uid) const; ///< messages with a UID less than this
    std::optional<Uid> last() const; ///< the highest UID
    UidSet const& uids() const { return uids_; }

    std::shared_ptr<UidMap const> with(UidSet const& added, UidSet const& removed) const;

private:
    UidSet uids_;
    std::vector<std::uint32_t> before_; ///< per range of uids_: messages before it
    std::uint32_t count_ = 0;
};

} // namespace mail::session
