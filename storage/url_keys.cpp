// Mailbox access keys: a row per mailbox and account (docs/storage-format.md §4.13).
#include "storage/url_keys.h"
#include "storage/change_log.h"
#include "storage/records.h"

namespace mail::storage {
namespace {

    Key url_key(Place place, AccountId user)
    {
        return Key(place.account, Kind::url_key, place.mailbox).u64(user.value);
    }

    /// Where the user's keys stand, of all mailboxes of the account.
    std::vector<std::string> keys_of(ReadTxn const& txn, AccountId account, AccountId user)
    {
        std::vector<std::string> keys;
        Key const prefix(account, Kind::url_key);
        auto const own = Key().u64(user.value);
        Cursor cursor(txn, Table::index);
        for (bool more = cursor.seek(prefix); more && cursor.key().starts_with(prefix.view());
             more = cursor.next())
            if (cursor.key().ends_with(own.view()))
                keys.emplace_back(cursor.key());
        return keys;
    }

} // namespace

std::optional<std::string> read_url_key(ReadTxn const& txn, Place place, AccountId user)
{
    auto const value = txn.get(Table::index, url_key(place, user));
    if (!value)
        return std::nullopt;
    return std::string(*value);
}

Result<void> put_url_key(WriteTxn& txn, Place place, AccountId user, std::string_view key)
{
    if (auto const mailbox = get_mailbox(txn, place.account, place.mailbox); !mailbox)
        return mailbox.error();
    txn.put(Table::index, url_key(place, user), key);
    return {};
}

Result<void> log_url_key_reset(WriteTxn& txn, Place place)
{
    auto record = load_account(txn, place.account);
    if (!record)
        return record.error();
    next_mod_seq(*record);
    log_change(txn, place.account, *record, place.mailbox, Change::Kind::url_key);
    save_account(txn, place.account, *record);
    return {};
}

bool has_url_keys(ReadTxn const& txn, AccountId account, AccountId user)
{
    return !keys_of(txn, account, user).empty();
}

void erase_url_keys(WriteTxn& txn, AccountId account, AccountId user)
{
    for (auto const& key : keys_of(txn, account, user))
        txn.erase(Table::index, key);
}

} // namespace mail::storage
