// Expunges since a mod-sequence.
#include "protocol/session/resync.h"

#include "storage/changes.h"

namespace mail::session {

UidSet vanished_since(storage::ReadTxn const& txn, storage::Place place, storage::ModSeq since,
    UidSet const& known, UidMap const& now)
{
    UidSet vanished;
    if (since >= storage::change_log_floor(txn, place.account)) {
        std::vector<UidRange> expunged; // in any order, and many
        storage::changes_since(txn, place.account, since, [&](storage::Change const& change) {
            auto const uids = change.uids.ranges();
            if (change.mailbox == place.mailbox && change.kind == storage::Change::Kind::expunged)
                expunged.insert(expunged.end(), uids.begin(), uids.end());
            return true;
        });
        vanished = storage::set_of(std::move(expunged)).intersection(known);
    } else {
        vanished = known;
    }
    vanished.remove(now.uids());
    return vanished;
}

} // namespace mail::session
