// Sets of UIDs, a row per mailbox and viewer (docs/storage-format.md §4.11).
#include "storage/seen.h"
#include "storage/encoding.h"
#include "storage/txn.h"

#include <utility>
#include <vector>

namespace mail::storage {
namespace {

    Key seen_key(Place place, AccountId viewer)
    {
        return Key(place.account, Kind::seen, place.mailbox).u64(viewer.value);
    }

} // namespace

UidSet seen_by(ReadTxn const& txn, Place place, AccountId viewer)
{
    auto const value = txn.get(Table::index, seen_key(place, viewer));
    return value ? RecordReader(*value).uids() : UidSet {};
}

void put_seen(WriteTxn& txn, Place place, AccountId viewer, UidSet const& seen)
{
    if (seen.empty()) {
        txn.erase(Table::index, seen_key(place, viewer));
        return;
    }
    std::string value;
    RecordWriter(value).uids(seen);
    txn.put(Table::index, seen_key(place, viewer), value);
}

void forget_seen(WriteTxn& txn, Place place, UidSet const& gone)
{
    std::vector<std::pair<AccountId, UidSet>> changed;
    {
        Key const prefix(place.account, Kind::seen, place.mailbox);
        Cursor cursor(txn, Table::index);
        for (bool more = cursor.seek(prefix); more && cursor.key().starts_with(prefix.view());
             more = cursor.next()) {
            auto seen = RecordReader(cursor.value()).uids();
            auto const before = seen.count();
            seen.remove(gone);
            if (seen.count() != before)
                changed.emplace_back(
                    AccountId { load_big_endian(cursor.key().substr(prefix.view().size())) },
                    std::move(seen));
        }
    }
    for (auto const& [viewer, seen] : changed)
        put_seen(txn, place, viewer, seen);
}

} // namespace mail::storage
