// Notes of deliveries: a row by key, a row by time, and their number.
#include "storage/delivered.h"

#include "storage/encoding.h"
#include "storage/txn.h"

#include <optional>
#include <string>

namespace mail::storage {
namespace {

    constexpr std::size_t prefix_size = 9; // AccountId and kind
    constexpr std::size_t forgotten_at_once = 8; // more than come in, so that none pile up

    Key& append(Key& key, std::string_view octets)
    {
        for (char const c : octets)
            key.u8(static_cast<std::uint8_t>(c));
        return key;
    }

    Key row_key(AccountId account, std::string_view delivery)
    {
        Key key(account, Kind::delivered);
        return append(key, delivery);
    }

    Key time_key(AccountId account, std::int64_t until, std::string_view delivery)
    {
        Key key(account, Kind::delivered_until);
        key.u64(static_cast<std::uint64_t>(until));
        return append(key, delivery);
    }

    Key count_key(AccountId account) { return Key(account, Kind::delivered); }

    std::uint64_t load_count(ReadTxn const& txn, AccountId account)
    {
        auto const value = txn.get(Table::index, count_key(account));
        return value ? RecordReader(*value).number<std::uint64_t>() : 0;
    }

    void save_count(WriteTxn& txn, AccountId account, std::uint64_t count)
    {
        std::string value;
        RecordWriter(value).number(count);
        txn.put(Table::index, count_key(account), value);
    }

    struct Note {
        std::int64_t until;
        std::string delivery;
    };

    std::optional<Note> first_to_end(ReadTxn const& txn, AccountId account)
    {
        Key const prefix(account, Kind::delivered_until);
        Cursor cursor(txn, Table::index);
        if (!cursor.seek(prefix) || !cursor.key().starts_with(prefix.view()))
            return std::nullopt;
        return Note { static_cast<std::int64_t>(
                          load_big_endian(cursor.key().substr(prefix_size, 8))),
            std::string(cursor.key().substr(prefix_size + 8)) };
    }

    void erase_note(WriteTxn& txn, AccountId account, Note const& note)
    {
        txn.erase(Table::index, row_key(account, note.delivery));
        txn.erase(Table::index, time_key(account, note.until, note.delivery));
    }

} // namespace

bool note_delivery(WriteTxn& txn, AccountId account, DeliveryKey const& key, std::int64_t until)
{
    std::string_view const delivery(key.data(), key.size());
    auto count = load_count(txn, account);
    if (auto const noted = txn.get(Table::index, row_key(account, delivery))) {
        auto const ends = RecordReader(*noted).number<std::int64_t>();
        if (txn.now() < ends)
            return false;
        erase_note(txn, account, { ends, std::string(delivery) });
        --count;
    }
    std::size_t forgotten = 0;
    for (auto first = first_to_end(txn, account); first; first = first_to_end(txn, account)) {
        bool const has_ended = first->until <= txn.now() && forgotten < forgotten_at_once;
        if (!has_ended && count < max_delivered)
            break;
        erase_note(txn, account, *first);
        --count;
        ++forgotten;
    }
    std::string value;
    RecordWriter(value).number(until);
    txn.put(Table::index, row_key(account, delivery), value);
    txn.put(Table::index, time_key(account, until, delivery), {});
    save_count(txn, account, count + 1);
    return true;
}

bool has_delivered_before(ReadTxn const& txn, AccountId account, std::int64_t time)
{
    auto const first = first_to_end(txn, account);
    return first && first->until < time;
}

bool forget_delivered(WriteTxn& txn, AccountId account, std::int64_t time, std::size_t limit)
{
    std::size_t forgotten = 0;
    for (auto first = first_to_end(txn, account); first && first->until < time;
         first = first_to_end(txn, account)) {
        if (forgotten == limit)
            break;
        erase_note(txn, account, *first);
        ++forgotten;
    }
    if (forgotten != 0)
        save_count(txn, account, load_count(txn, account) - forgotten);
    return has_delivered_before(txn, account, time);
}

} // namespace mail::storage
