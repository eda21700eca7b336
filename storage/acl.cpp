// Access control lists: a row per mailbox that has one (docs/storage-format.md §4.10).
#include "storage/acl.h"
#include "storage/change_log.h"
#include "storage/records.h"

namespace mail::storage {
namespace {

    Acl decode_acl(std::string_view value)
    {
        Acl acl;
        RecordReader reader(value);
        if (reader.number<std::uint8_t>() != 1)
            throw Damaged("an access control list of the store is unknown: update this program");
        for (auto left = reader.varint(); left > 0; --left) {
            auto& entry = acl.emplace_back();
            entry.identifier = reader.string();
            entry.rights = Rights(reader.number<std::uint16_t>());
        }
        return acl;
    }

    std::string encode_acl(Acl const& acl)
    {
        std::string value;
        RecordWriter out(value);
        out.number(std::uint8_t { 1 }).varint(acl.size());
        for (auto const& entry : acl)
            out.string(entry.identifier).number(entry.rights.bits());
        return value;
    }

    Result<void> check(Acl const& acl)
    {
        if (acl.size() > max_acl_entries)
            return Errc::limit;
        for (auto const& entry : acl)
            if (entry.identifier.empty() || entry.identifier.size() > max_acl_identifier)
                return Errc::limit;
        return {};
    }

} // namespace

Acl read_acl(ReadTxn const& txn, Place place)
{
    auto const value = txn.get(Table::index, Key(place.account, Kind::acl, place.mailbox));
    return value ? decode_acl(*value) : Acl {};
}

Result<void> write_acl(WriteTxn& txn, Place place, Acl const& acl)
{
    auto record = load_account(txn, place.account);
    if (!record)
        return record.error();
    auto const mailbox = get_mailbox(txn, place.account, place.mailbox);
    if (!mailbox)
        return mailbox.error();
    if (auto const checked = check(acl); !checked)
        return checked.error();
    Key const key(place.account, Kind::acl, place.mailbox);
    if (acl.empty())
        txn.erase(Table::index, key);
    else
        txn.put(Table::index, key, encode_acl(acl));
    next_mod_seq(*record);
    log_change(txn, place.account, *record, place.mailbox, Change::Kind::acl);
    save_account(txn, place.account, *record);
    return {};
}

std::vector<std::pair<MailboxId, Acl>> list_acls(ReadTxn const& txn, AccountId account)
{
    std::vector<std::pair<MailboxId, Acl>> found;
    Key const prefix(account, Kind::acl);
    Cursor cursor(txn, Table::index);
    for (bool more = cursor.seek(prefix); more && cursor.key().starts_with(prefix.view());
         more = cursor.next())
        found.emplace_back(MailboxId { load_big_endian(cursor.key().substr(prefix.view().size())) },
            decode_acl(cursor.value()));
    return found;
}

} // namespace mail::storage
