// Thread ids by hashes of Message-IDs (docs/storage-format.md §4.14).
#include "storage/threads.h"

#include <algorithm>
#include <unordered_set>

namespace mail::storage {
namespace {

    inline constexpr std::uint64_t few_rows = 10'000; // are not worth a sweep

    Key link_key(AccountId account, std::uint64_t link)
    {
        return Key(account, Kind::thread).u64(link);
    }

    /// Value of a row: thread, MODSEQ of the last message that used it.
    struct Link {
        std::uint64_t thread = 0;
        ModSeq used {};
    };

    std::optional<Link> find_link(ReadTxn const& txn, AccountId account, std::uint64_t link)
    {
        auto const value = txn.get(Table::index, link_key(account, link));
        if (!value)
            return std::nullopt;
        RecordReader reader(*value);
        Link found;
        found.thread = reader.number<std::uint64_t>();
        found.used.value = reader.number<std::uint64_t>();
        return found;
    }

    void put_link(WriteTxn& txn, AccountId account, std::uint64_t link, Link const& value)
    {
        std::string row;
        RecordWriter(row).number(value.thread).number(value.used.value);
        txn.put(Table::index, link_key(account, link), row);
    }

    std::vector<std::optional<Link>> find_links(
        ReadTxn const& txn, AccountId account, std::span<std::uint64_t const> links)
    {
        std::vector<std::optional<Link>> found;
        found.reserve(links.size());
        for (auto const link : links)
            found.push_back(find_link(txn, account, link));
        return found;
    }

    /// Puts rows for those of `links` that were not found, and refreshes the others.
    void put_links(WriteTxn& txn, AccountId account, AccountRecord& record,
        std::span<std::uint64_t const> links, std::vector<std::optional<Link>> const& found,
        std::uint64_t thread)
    {
        // A row is not rewritten for each message of a long conversation: its mark may be this old.
        constexpr std::uint64_t tolerated_age = 1000;
        for (std::size_t i = 0; i < links.size(); ++i) {
            if (!found[i]) {
                // The same link may be there twice: the second then replaces the first.
                auto const before = links.first(i);
                bool const repeated
                    = std::find(before.begin(), before.end(), links[i]) != before.end();
                record.thread_rows += repeated ? 0 : 1;
                put_link(txn, account, links[i], { thread, record.mod_seq });
            } else if (record.mod_seq.value - found[i]->used.value > tolerated_age) {
                put_link(txn, account, links[i], { found[i]->thread, record.mod_seq });
            }
        }
    }

} // namespace

std::uint64_t find_thread(
    WriteTxn& txn, AccountId account, AccountRecord& record, std::span<std::uint64_t const> links)
{
    auto const found = find_links(txn, account, links);
    auto const first = std::find_if(
        found.begin(), found.end(), [](auto const& link) { return link.has_value(); });
    auto const thread
        = first != found.end() ? (*first)->thread : unique_id(account, record.next_thread++);
    put_links(txn, account, record, links, found, thread);
    return thread;
}

void join_thread(WriteTxn& txn, AccountId account, AccountRecord& record,
    std::span<std::uint64_t const> links, std::uint64_t thread)
{
    put_links(txn, account, record, links, find_links(txn, account, links), thread);
}

bool needs_thread_sweep(AccountRecord const& record)
{
    return record.thread_rows > few_rows && record.thread_rows > 2 * record.thread_rows_after_sweep;
}

std::vector<std::uint64_t> find_dead_links(ReadTxn const& txn, AccountId account)
{
    std::unordered_set<std::uint64_t> alive;
    Cursor cursor(txn, Table::index);
    Key const cold(account, Kind::cold);
    for (bool more = cursor.seek(cold); more && cursor.key().starts_with(cold.view());
         more = cursor.next()) {
        auto const links = decode_cold(cursor.value()).thread_links;
        for (std::size_t at = 0; at + 8 <= links.size(); at += 8)
            alive.insert(load<std::uint64_t>(links.data() + at));
    }
    std::vector<std::uint64_t> dead;
    Key const prefix(account, Kind::thread);
    for (bool more = cursor.seek(prefix); more && cursor.key().starts_with(prefix.view());
         more = cursor.next())
        if (auto const link = load_big_endian(cursor.key().substr(prefix.view().size()));
            !alive.contains(link))
            dead.push_back(link);
    return dead;
}

void erase_links(
    WriteTxn& txn, AccountId account, std::span<std::uint64_t const> dead, ModSeq snapshot)
{
    constexpr std::uint64_t tolerated_age = 1000; // of find_thread
    auto record = load_account(txn, account);
    if (!record)
        return;
    for (auto const link : dead) {
        auto const found = find_link(txn, account, link);
        if (!found || found->used.value + tolerated_age >= snapshot.value)
            continue;
        txn.erase(Table::index, link_key(account, link));
        --record->thread_rows;
    }
    record->thread_rows_after_sweep = record->thread_rows;
    save_account(txn, account, *record);
}

} // namespace mail::storage
