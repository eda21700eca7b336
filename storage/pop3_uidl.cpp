// A row for each message that has one (docs/storage-format.md §4.16).
#include "storage/pop3_uidl.h"
#include "storage/change_log.h"
#include "storage/messages.h"
#include "storage/records.h"

#include <algorithm>
#include <vector>

namespace mail::storage {
namespace {

    constexpr std::size_t max_pop3_uidl = 70;

    Key uidl_key(Place place, Uid uid)
    {
        return Key(place.account, Kind::pop3_uidl, place.mailbox, uid);
    }

} // namespace

bool is_pop3_uidl(std::string_view text)
{
    return !text.empty() && text.size() <= max_pop3_uidl
        && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

Result<void> set_pop3_uidl(WriteTxn& txn, Place place, Uid uid, std::string_view uidl)
{
    if (!uidl.empty() && !is_pop3_uidl(uidl))
        return Errc::invalid_name;
    auto record = load_account(txn, place.account);
    if (!record)
        return record.error();
    if (auto const mailbox = get_mailbox(txn, place.account, place.mailbox); !mailbox)
        return mailbox.error();
    if (auto const message = get_message(txn, place.account, place.mailbox, uid); !message)
        return message.error();
    if (uidl.empty())
        txn.erase(Table::index, uidl_key(place, uid));
    else
        txn.put(Table::index, uidl_key(place, uid), uidl);
    next_mod_seq(*record);
    log_change(txn, place.account, *record, place.mailbox, Change::Kind::mailbox_changed);
    save_account(txn, place.account, *record);
    return {};
}

std::optional<std::string> pop3_uidl(ReadTxn const& txn, Place place, Uid uid)
{
    auto const row = txn.get(Table::index, uidl_key(place, uid));
    return row ? std::optional<std::string>(*row) : std::nullopt;
}

void for_each_pop3_uidl(ReadTxn const& txn, Place place,
    std::function<void(Uid uid, std::string_view uidl)> const& each)
{
    Key const prefix(place.account, Kind::pop3_uidl, place.mailbox);
    Cursor cursor(txn, Table::index);
    for (bool more = cursor.seek(prefix); more && cursor.key().starts_with(prefix.view());
         more = cursor.next())
        each(uid_in_key(cursor.key()), cursor.value());
}

void forget_pop3_uidls(WriteTxn& txn, Place place, UidSet const& gone)
{
    std::vector<Uid> uids;
    {
        Key const prefix(place.account, Kind::pop3_uidl, place.mailbox);
        Cursor cursor(txn, Table::index);
        bool is_inside = true;
        for (auto const& range : gone.ranges()) {
            is_inside = is_inside && cursor.seek(uidl_key(place, range.first));
            while ((is_inside = is_inside && cursor.key().starts_with(prefix.view()))
                && uid_in_key(cursor.key()) <= range.last) {
                uids.push_back(uid_in_key(cursor.key()));
                is_inside = cursor.next();
            }
        }
    }
    for (auto const uid : uids)
        txn.erase(Table::index, uidl_key(place, uid));
}

} // namespace mail::storage
