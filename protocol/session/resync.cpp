// Expunges since a mod-sequence.
#include "protocol/session/resync.h"

#include "storage/changes.h"

namespace mail::session {

UidSet vanished_since(storage::ReadTxn const& txn, storage::Place place, storage::ModSeq since,
    UidSet const& known, UidMap const& now)
{
    UidSet vanished;
    if (since >= storage::change_log_floor(txn, place.account)) {
        storage::changes_since(txn, place.account, since, [&](storage::Change const& change) {
            if (change.mailbox == place.mailbox && change.kind == storage::Change::Kind::expunged)
                vanished.add(change.uids);
            return true;
        });
        vanished = vanished.intersection(known);
    } else {
        vanished = known;
    }
    for (auto const& range : now.uids().ranges())
        vanished.remove(range);
    return vanished;
}

} // namespace mail::session
