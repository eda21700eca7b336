// Frees in slices what the undelete window no longer keeps.
#include "storage/expiry.h"
#include "storage/change_log.h"
#include "storage/delivered.h"
#include "storage/hot_blocks.h"
#include "storage/key_blocks.h"
#include "storage/records.h"
#include "storage/staged_body.h"

#include <algorithm>

namespace mail::storage {
namespace {

    inline constexpr std::uint8_t kept_version = 2;
    inline constexpr std::uint64_t max_log_entries = 100'000; // of an account; about 6 MB

    /// Erases what belongs to a message that nobody can read any more.
    void free_message(WriteTxn& txn, AccountId account, MailboxId mailbox, HotRecord const& record)
    {
        txn.erase(Table::index, Key(account, Kind::cold, mailbox, record.uid));
        drop_reference(txn, record.body);
    }

    /// Frees messages of an expiry row, the row with the last of them.
    std::size_t sweep_messages(WriteTxn& txn, AccountId account, Expiry expiry, std::size_t limit)
    {
        std::vector<Uid> uids;
        for (auto const& range : expiry.uids.ranges())
            for (auto uid = range.first; uid <= range.last && uids.size() < limit; ++uid.value)
                uids.push_back(uid);
        std::size_t freed = 0;
        UidSet gone;
        for (auto const uid : uids) {
            Key const key(account, Kind::kept, expiry.mailbox, uid);
            auto const value = txn.get(Table::index, key);
            if (!value)
                throw Damaged("an expunged message is not kept: restore the store from a backup");
            auto const kept = decode_kept(*value);
            txn.erase(Table::index, key);
            free_message(txn, account, expiry.mailbox, kept.record);
            gone.add(uid);
            ++freed;
        }
        erase_keys(txn, account, expiry.mailbox, gone);
        expiry.uids.remove({ uids.front(), uids.back() });
        if (expiry.uids.empty())
            txn.erase(Table::index, expiry_key(account, expiry));
        else
            put_expiry(txn, account, expiry);
        return freed;
    }

    /// Erases what others have stored with a mailbox that is gone for good.
    void erase_belongings(WriteTxn& txn, AccountId account, MailboxId mailbox)
    {
        std::vector<std::string> keys;
        for (auto const kind :
            { Kind::acl, Kind::metadata, Kind::url_key, Kind::seen, Kind::pop3_uidl }) {
            Key const prefix(account, kind, mailbox);
            Cursor cursor(txn, Table::index);
            for (bool more = cursor.seek(prefix); more && cursor.key().starts_with(prefix.view());
                 more = cursor.next())
                keys.emplace_back(cursor.key());
        }
        for (auto const& key : keys)
            txn.erase(Table::index, key);
    }

    /// Frees blocks of a deleted mailbox; with the last one its record and the expiry row.
    std::size_t sweep_mailbox(
        WriteTxn& txn, AccountId account, Expiry const& expiry, std::size_t limit)
    {
        std::size_t freed = 0;
        while (freed < limit) {
            auto const records = remove_first_block(txn, account, expiry.mailbox);
            if (records.empty()) {
                txn.erase(Table::index, Key(account, Kind::deleted_mailbox, expiry.mailbox));
                erase_belongings(txn, account, expiry.mailbox);
                txn.erase(Table::index, expiry_key(account, expiry));
                return freed;
            }
            UidSet gone;
            for (auto const& record : records) {
                free_message(txn, account, expiry.mailbox, record);
                gone.add(record.uid);
            }
            erase_keys(txn, account, expiry.mailbox, gone);
            freed += records.size();
        }
        return freed;
    }

    /// The first entry of the log when it is to be dropped.
    std::optional<std::string> droppable_change(
        ReadTxn const& txn, AccountId account, AccountRecord const& record, std::int64_t cutoff)
    {
        Key const prefix(account, Kind::change);
        Cursor cursor(txn, Table::index);
        if (!cursor.seek(prefix) || !cursor.key().starts_with(prefix.view()))
            return std::nullopt;
        if (change_time(cursor.value()) >= cutoff && record.log_entries <= max_log_entries)
            return std::nullopt;
        return std::string(cursor.key());
    }

    /// Drops old entries of the log; true when it stopped for the limit.
    bool sweep_log(WriteTxn& txn, AccountId account, std::int64_t cutoff, std::size_t limit)
    {
        auto record = load_account(txn, account);
        if (!record)
            return false;
        std::size_t dropped = 0;
        std::optional<std::string> key;
        // An operation's entries go together: the floor says that all of its MODSEQ are gone.
        while ((key = droppable_change(txn, account, *record, cutoff)) && dropped < limit) {
            txn.erase(Table::index, *key);
            record->log_floor.value = load_big_endian(std::string_view(*key).substr(9, 8));
            --record->log_entries;
            ++dropped;
        }
        if (dropped > 0)
            save_account(txn, account, *record);
        return key.has_value();
    }

} // namespace

Key expiry_key(AccountId account, Expiry const& expiry)
{
    Key key(account, Kind::expiry);
    key.u64(static_cast<std::uint64_t>(expiry.time))
        .u64(expiry.mod_seq.value)
        .u64(expiry.mailbox.value);
    return key;
}

void put_expiry(WriteTxn& txn, AccountId account, Expiry const& expiry)
{
    std::string value;
    RecordWriter(value)
        .number(std::uint8_t { 1 })
        .number(static_cast<std::uint8_t>(expiry.what))
        .uids(expiry.uids);
    txn.put(Table::index, expiry_key(account, expiry), value);
}

Expiry decode_expiry(std::string_view key, std::string_view value)
{
    RecordReader reader(value);
    Expiry expiry;
    if (key.size() != 33 || reader.number<std::uint8_t>() != 1)
        throw Damaged("an expiry row of the store is unknown: update this program");
    expiry.time = static_cast<std::int64_t>(load_big_endian(key.substr(9, 8)));
    expiry.mod_seq.value = load_big_endian(key.substr(17, 8));
    expiry.mailbox.value = load_big_endian(key.substr(25, 8));
    expiry.what = static_cast<Expiry::What>(reader.number<std::uint8_t>());
    expiry.uids = reader.uids();
    return expiry;
}

std::optional<Expiry> first_expiry(ReadTxn const& txn, AccountId account)
{
    Key const prefix(account, Kind::expiry);
    Cursor cursor(txn, Table::index);
    if (!cursor.seek(prefix) || !cursor.key().starts_with(prefix.view()))
        return std::nullopt;
    return decode_expiry(cursor.key(), cursor.value());
}

std::string encode_kept(Kept const& kept)
{
    std::string value;
    RecordWriter(value).number(kept_version).number(kept.time);
    encode_hot(value, kept.record);
    return value;
}

Kept decode_kept(std::string_view value)
{
    RecordReader reader(value);
    if (reader.number<std::uint8_t>() != kept_version)
        throw Damaged(
            "the record of an expunged message is damaged: restore the store from a backup");
    Kept kept;
    kept.time = reader.number<std::int64_t>();
    kept.record = decode_hot(reader.rest());
    return kept;
}

Swept sweep_slice(WriteTxn& txn, AccountId account, std::int64_t cutoff, std::size_t limit)
{
    Swept swept;
    for (auto first = first_expiry(txn, account); first && first->time < cutoff;
         first = first_expiry(txn, account)) {
        if (swept.messages >= limit) {
            swept.more = true;
            return swept;
        }
        auto const left = limit - swept.messages;
        swept.messages += first->what == Expiry::What::mailbox
            ? sweep_mailbox(txn, account, *first, left)
            : sweep_messages(txn, account, std::move(*first), left);
    }
    bool const has_log = sweep_log(txn, account, cutoff, limit);
    bool const has_notes = forget_delivered(txn, account, cutoff, limit);
    swept.more = has_log || has_notes;
    return swept;
}

bool needs_sweep(ReadTxn const& txn, AccountId account, std::int64_t cutoff)
{
    auto const record = load_account(txn, account);
    if (!record)
        return false;
    auto const first = first_expiry(txn, account);
    return (first && first->time < cutoff)
        || droppable_change(txn, account, *record, cutoff).has_value()
        || has_delivered_before(txn, account, cutoff);
}

bool purge_slice(WriteTxn& txn, AccountId account, std::size_t limit)
{
    auto const prefix = Key().u64(account.value);
    std::vector<std::string> keys;
    std::vector<BodyId> bodies;
    bool more = false;
    {
        Cursor cursor(txn, Table::index);
        more = cursor.seek(prefix);
        for (;
             more && cursor.key().starts_with(prefix.view()) && keys.size() + bodies.size() < limit;
             more = cursor.next()) {
            keys.emplace_back(cursor.key());
            switch (static_cast<Kind>(cursor.key()[8])) {
            case Kind::facts:
                for_each_body(cursor.value(), [&](BodyId body) { bodies.push_back(body); });
                break;
            case Kind::kept:
                bodies.push_back(decode_kept(cursor.value()).record.body);
                break;
            default:
                break;
            }
        }
        more = more && cursor.key().starts_with(prefix.view());
    }
    for (auto const& key : keys)
        txn.erase(Table::index, key);
    for (auto const body : bodies)
        drop_reference(txn, body);
    return more;
}

} // namespace mail::storage
