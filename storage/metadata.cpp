// Annotations: a row per place and viewer (docs/storage-format.md §4.12).
#include "storage/metadata.h"
#include "storage/change_log.h"
#include "storage/records.h"

namespace mail::storage {
namespace {

    Key metadata_key(MetadataPlace const& at)
    {
        return Key(at.place.account, Kind::metadata, at.place.mailbox).u64(at.viewer.value);
    }

    std::size_t octets_of(Metadata const& metadata)
    {
        std::size_t octets = 0;
        for (auto const& [name, value] : metadata)
            octets += name.size() + value.size();
        return octets;
    }

    std::string encode_metadata(Metadata const& metadata)
    {
        std::string row;
        RecordWriter out(row);
        out.number(std::uint8_t { 1 }).varint(metadata.size());
        for (auto const& [name, value] : metadata)
            out.string(name).string(value);
        return row;
    }

} // namespace

Metadata read_metadata(ReadTxn const& txn, MetadataPlace const& at)
{
    Metadata metadata;
    auto const row = txn.get(Table::index, metadata_key(at));
    if (!row)
        return metadata;
    RecordReader reader(*row);
    if (reader.number<std::uint8_t>() != 1)
        throw Damaged("annotations of the store are unknown: update this program");
    for (auto left = reader.varint(); left > 0; --left) {
        std::string name(reader.string());
        metadata.emplace_hint(metadata.end(), std::move(name), reader.string());
    }
    return metadata;
}

Result<void> change_metadata(WriteTxn& txn, MetadataPlace const& at, MetadataChange const& change)
{
    auto record = load_account(txn, at.place.account);
    if (!record)
        return record.error();
    if (at.place.mailbox != MailboxId {})
        if (auto const mailbox = get_mailbox(txn, at.place.account, at.place.mailbox); !mailbox)
            return mailbox.error();
    auto const before = read_metadata(txn, at);
    auto after = before;
    for (auto const& [name, value] : change) {
        if (value)
            after.insert_or_assign(name, *value);
        else
            after.erase(name);
    }
    if (after == before)
        return {};
    if (after.size() > max_metadata_entries && after.size() > before.size())
        return Errc::limit;
    if (octets_of(after) > max_metadata_octets && octets_of(after) > octets_of(before))
        return Errc::over_quota;
    if (after.empty())
        txn.erase(Table::index, metadata_key(at));
    else
        txn.put(Table::index, metadata_key(at), encode_metadata(after));
    next_mod_seq(*record);
    log_change(txn, at.place.account, *record, at.place.mailbox, Change::Kind::metadata);
    save_account(txn, at.place.account, *record);
    return {};
}

} // namespace mail::storage
