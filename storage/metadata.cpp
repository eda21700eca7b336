// Annotations: a row per place and viewer (docs/storage-format.md §4.12).
#include "storage/metadata.h"
#include "storage/change_log.h"
#include "storage/records.h"

#include <algorithm>
#include <utility>

namespace mail::storage {
namespace {

    struct Entry {
        ModSeq mod_seq; ///< of its last change
        std::optional<std::string> value; ///< nullopt: it was removed
    };
    using Entries = std::map<std::string, Entry, std::less<>>;

    Key metadata_key(MetadataPlace const& at)
    {
        return Key(at.place.account, Kind::metadata, at.place.mailbox).u64(at.viewer.value);
    }

    Entries read_entries(ReadTxn const& txn, MetadataPlace const& at)
    {
        Entries entries;
        auto const row = txn.get(Table::index, metadata_key(at));
        if (!row)
            return entries;
        RecordReader reader(*row);
        if (reader.number<std::uint8_t>() != 1)
            throw Damaged("annotations of the store are unknown: update this program");
        for (auto left = reader.varint(); left > 0; --left) {
            std::string name(reader.string());
            Entry entry { ModSeq { reader.number<std::uint64_t>() }, std::nullopt };
            if (reader.number<std::uint8_t>() != 0)
                entry.value = reader.string();
            entries.emplace_hint(entries.end(), std::move(name), std::move(entry));
        }
        return entries;
    }

    std::string encode_entries(Entries const& entries)
    {
        std::string row;
        RecordWriter out(row);
        out.number(std::uint8_t { 1 }).varint(entries.size());
        for (auto const& [name, entry] : entries) {
            out.string(name).number(entry.mod_seq.value);
            out.number(static_cast<std::uint8_t>(entry.value ? 1 : 0));
            if (entry.value)
                out.string(*entry.value);
        }
        return row;
    }

    struct Size {
        std::size_t count = 0;
        std::size_t octets = 0;
    };
    Size size_of(Entries const& entries)
    {
        Size size;
        for (auto const& [name, entry] : entries)
            if (entry.value) {
                ++size.count;
                size.octets += name.size() + entry.value->size();
            }
        return size;
    }

    /// Makes the changes; false when all was so before.
    bool apply(Entries& entries, MetadataChange const& change, ModSeq mod_seq)
    {
        bool is_changed = false;
        for (auto const& [name, value] : change) {
            auto const known = entries.find(name);
            auto const before = known == entries.end() ? std::nullopt : known->second.value;
            if (before == value)
                continue;
            is_changed = true;
            entries.insert_or_assign(name, Entry { mod_seq, value });
        }
        return is_changed;
    }

    /// Forgets the oldest of those that were removed, where there are too many.
    void forget_removed(Entries& entries)
    {
        std::vector<std::pair<ModSeq, std::string>> removed;
        for (auto const& [name, entry] : entries)
            if (!entry.value)
                removed.emplace_back(entry.mod_seq, name);
        if (removed.size() <= max_metadata_entries)
            return;
        std::sort(removed.begin(), removed.end());
        removed.resize(removed.size() - max_metadata_entries);
        for (auto const& [mod_seq, name] : removed)
            entries.erase(name);
    }

} // namespace

Metadata read_metadata(ReadTxn const& txn, MetadataPlace const& at)
{
    Metadata metadata;
    for (auto& [name, entry] : read_entries(txn, at))
        if (entry.value)
            metadata.emplace_hint(metadata.end(), name, std::move(*entry.value));
    return metadata;
}

std::vector<std::string> metadata_changed_since(
    ReadTxn const& txn, MetadataPlace const& at, ModSeq since)
{
    std::vector<std::string> names;
    for (auto const& [name, entry] : read_entries(txn, at))
        if (entry.mod_seq > since)
            names.push_back(name);
    return names;
}

Result<void> change_metadata(WriteTxn& txn, MetadataPlace const& at, MetadataChange const& change)
{
    auto record = load_account(txn, at.place.account);
    if (!record)
        return record.error();
    if (at.place.mailbox != MailboxId {})
        if (auto const mailbox = get_mailbox(txn, at.place.account, at.place.mailbox); !mailbox)
            return mailbox.error();
    auto entries = read_entries(txn, at);
    auto const before = size_of(entries);
    if (!apply(entries, change, ModSeq { record->mod_seq.value + 1 }))
        return {};
    auto const after = size_of(entries);
    if (after.count > max_metadata_entries && after.count > before.count)
        return Errc::limit;
    if (after.octets > max_metadata_octets && after.octets > before.octets)
        return Errc::over_quota;
    forget_removed(entries);
    txn.put(Table::index, metadata_key(at), encode_entries(entries));
    next_mod_seq(*record);
    log_change(txn, at.place.account, *record, at.place.mailbox, Change::Kind::metadata);
    save_account(txn, at.place.account, *record);
    return {};
}

void copy_metadata(WriteTxn& txn, AccountId account, MailboxId from, MailboxId to)
{
    std::vector<std::pair<AccountId, std::string>> rows;
    {
        Key const prefix(account, Kind::metadata, from);
        Cursor cursor(txn, Table::index);
        for (bool more = cursor.seek(prefix); more && cursor.key().starts_with(prefix.view());
             more = cursor.next())
            rows.emplace_back(
                AccountId { load_big_endian(cursor.key().substr(prefix.view().size())) },
                cursor.value());
    }
    for (auto const& [viewer, row] : rows)
        txn.put(Table::index, metadata_key({ { account, to }, viewer }), row);
}

} // namespace mail::storage
