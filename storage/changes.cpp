// The change log: a row per MODSEQ, mailbox and kind (docs/storage-format.md §4.9).
#include "storage/changes.h"
#include "storage/change_log.h"

namespace mail::storage {

namespace {

    bool has_name(Change::Kind kind)
    {
        return kind == Change::Kind::mailbox_deleted || kind == Change::Kind::mailbox_renamed
            || kind == Change::Kind::subscription;
    }

    void put_change(WriteTxn& txn, AccountId id, AccountRecord& account, MailboxId mailbox,
        Change::Kind kind, std::string const& value)
    {
        Key key(id, Kind::change);
        key.u64(account.mod_seq.value).u64(mailbox.value).u8(static_cast<std::uint8_t>(kind));
        txn.put(Table::index, key, value);
        ++account.log_entries;
        txn.announce(id, mailbox, account.mod_seq);
    }

} // namespace

void log_change(WriteTxn& txn, AccountId id, AccountRecord& account, MailboxId mailbox,
    Change::Kind kind, UidSet const& uids)
{
    std::string value;
    RecordWriter(value).varint(static_cast<std::uint64_t>(txn.now())).uids(uids);
    put_change(txn, id, account, mailbox, kind, value);
}

void log_change(WriteTxn& txn, AccountId id, AccountRecord& account, MailboxId mailbox,
    Change::Kind kind, std::string_view name)
{
    std::string value;
    RecordWriter(value).varint(static_cast<std::uint64_t>(txn.now())).string(name);
    put_change(txn, id, account, mailbox, kind, value);
}

std::int64_t change_time(std::string_view value)
{
    return static_cast<std::int64_t>(RecordReader(value).varint());
}

ModSeq highest_mod_seq(ReadTxn const& txn, AccountId account)
{
    auto const record = load_account(txn, account);
    return record ? record->mod_seq : ModSeq {};
}

ModSeq change_log_floor(ReadTxn const& txn, AccountId account)
{
    auto const record = load_account(txn, account);
    return record ? record->log_floor : ModSeq {};
}

void changes_since(ReadTxn const& txn, AccountId account, ModSeq since,
    std::function<bool(Change const&)> const& each)
{
    if (since.value == UINT64_MAX)
        return;
    Key const prefix(account, Kind::change);
    auto from = prefix;
    from.u64(since.value + 1);
    Cursor cursor(txn, Table::index);
    Change change;
    for (bool more = cursor.seek(from); more && cursor.key().starts_with(prefix.view());
         more = cursor.next()) {
        auto const key = cursor.key().substr(prefix.view().size());
        change.mod_seq.value = load_big_endian(key.substr(0, 8));
        change.mailbox.value = load_big_endian(key.substr(8, 8));
        change.kind = static_cast<Change::Kind>(key.at(16));
        RecordReader value(cursor.value());
        value.varint(); // its time
        change.uids = has_name(change.kind) ? UidSet {} : value.uids();
        change.name = has_name(change.kind) ? value.string() : std::string_view {};
        if (!each(change))
            return;
    }
}

} // namespace mail::storage
