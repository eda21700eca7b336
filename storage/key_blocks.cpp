// Reading, filling and thinning blocks of keys.
#include "storage/key_blocks.h"
#include "storage/keys.h"

#include <algorithm>

namespace mail::storage {
namespace {

    inline constexpr std::uint8_t key_block_version = 1;
    inline constexpr std::size_t column_sizes_at = 8;
    inline constexpr std::size_t uids_at = column_sizes_at + key_columns * sizeof(std::uint32_t);
    inline constexpr std::size_t small_key_block = max_key_block / 4; // joins its neighbour

    Damaged damaged()
    {
        return Damaged("a block of sort keys is damaged: restore the store from a backup");
    }

    /// Where the parts of a block are.
    struct Layout {
        std::size_t count = 0;
        Uid last {};
        std::string_view uids;
        KeyViews columns;
    };

    Layout read_layout(std::string_view block)
    {
        if (block.size() < uids_at || block[0] != static_cast<char>(key_block_version)
            || block[1] != static_cast<char>(key_columns))
            throw damaged();
        Layout layout;
        layout.count = load<std::uint16_t>(block.data() + 2);
        layout.last.value = load<std::uint32_t>(block.data() + 4);
        auto rest = block.substr(uids_at);
        auto const take = [&](std::size_t octets) {
            if (octets > rest.size())
                throw damaged();
            auto const taken = rest.substr(0, octets);
            rest.remove_prefix(octets);
            return taken;
        };
        layout.uids = take(layout.count * sizeof(std::uint32_t));
        for (std::size_t i = 0; i < key_columns; ++i)
            layout.columns[i] = take(
                load<std::uint32_t>(block.data() + column_sizes_at + i * sizeof(std::uint32_t)));
        if (layout.count == 0 || !rest.empty())
            throw damaged();
        return layout;
    }

    std::string make_block(
        std::string_view uids, std::array<std::string, key_columns> const& columns)
    {
        std::string block;
        auto const count = uids.size() / sizeof(std::uint32_t);
        RecordWriter(block)
            .number(key_block_version)
            .number(static_cast<std::uint8_t>(key_columns))
            .number(static_cast<std::uint16_t>(count))
            .number(load<std::uint32_t>(uids.data() + (count - 1) * sizeof(std::uint32_t)));
        for (auto const& column : columns)
            RecordWriter(block).number(static_cast<std::uint32_t>(column.size()));
        block += uids;
        for (auto const& column : columns)
            block += column;
        return block;
    }

    struct Record {
        Uid uid;
        KeyViews keys;
    };

    std::vector<Record> read_records(std::string_view block)
    {
        auto const layout = read_layout(block);
        std::vector<Record> records(layout.count);
        for (std::size_t i = 0; i < layout.count; ++i)
            records[i].uid.value
                = load<std::uint32_t>(layout.uids.data() + i * sizeof(std::uint32_t));
        for (std::size_t column = 0; column < key_columns; ++column) {
            RecordReader reader(layout.columns[column]);
            for (auto& record : records)
                record.keys[column] = reader.string();
        }
        return records;
    }

    void add_record(
        std::string& uids, std::array<std::string, key_columns>& columns, Record const& record)
    {
        RecordWriter(uids).number(record.uid.value);
        for (std::size_t i = 0; i < key_columns; ++i)
            RecordWriter(columns[i]).string(record.keys[i]);
    }

    std::string make_block(std::span<Record const> records)
    {
        std::string uids;
        std::array<std::string, key_columns> columns;
        for (auto const& record : records)
            add_record(uids, columns, record);
        return make_block(uids, columns);
    }

    /// The block that has, or would have, the message: the last one whose key is not above it.
    bool seek_block(Cursor& cursor, Key const& prefix, Uid uid)
    {
        auto after = prefix;
        after.u32(uid.value).u8(0); // the key right behind that of `uid`
        return cursor.seek_last_below(after) && cursor.key().starts_with(prefix.view());
    }

} // namespace

KeyReader::KeyReader(ReadTxn const& txn, Place place, std::size_t column)
    : cursor_(txn, Table::index)
    , prefix_key_(place.account, Kind::keys, place.mailbox)
    , column_(column)
{
}

bool KeyReader::is_inside() const { return cursor_.key().starts_with(prefix_key_.view()); }

void KeyReader::throw_damaged() { throw damaged(); }

void KeyReader::enter_block(Uid uid)
{
    bool found = false;
    if (last_.value != 0 && uid > last_) // commonly the next block has it
        found = cursor_.next() && is_inside() && uid_in_key(cursor_.key()) <= uid
            && read_layout(cursor_.value()).last >= uid;
    if (!found)
        found = seek_block(cursor_, prefix_key_, uid);
    left_ = 0;
    last_ = {};
    if (!found)
        return;
    auto const layout = read_layout(cursor_.value());
    left_ = layout.count;
    last_ = layout.last;
    uids_ = layout.uids.data();
    keys_ = layout.columns[column_].data();
    end_ = keys_ + layout.columns[column_].size();
}

struct AllKeysReader::Readers {
    Readers(ReadTxn const& txn, Place place)
        : columns { KeyReader(txn, place, 0), KeyReader(txn, place, 1), KeyReader(txn, place, 2) }
    {
        static_assert(key_columns == 3);
    }
    std::array<KeyReader, key_columns> columns;
};

AllKeysReader::AllKeysReader(ReadTxn const& txn, Place place)
    : readers_(std::make_unique<Readers>(txn, place))
{
}

AllKeysReader::~AllKeysReader() = default;

KeyViews AllKeysReader::find(Uid uid)
{
    KeyViews keys;
    for (std::size_t i = 0; i < key_columns; ++i)
        keys[i] = readers_->columns[i].find(uid);
    return keys;
}

KeyAppender::KeyAppender(WriteTxn& txn, AccountId account, MailboxId mailbox)
    : txn_(txn)
    , account_(account)
    , mailbox_(mailbox)
{
    Cursor cursor(txn, Table::index);
    Key const prefix(account, Kind::keys, mailbox);
    if (!seek_block(cursor, prefix, max_uid))
        return;
    key_ = Key(account, Kind::keys, mailbox, uid_in_key(cursor.key()));
    auto const layout = read_layout(cursor.value());
    uids_ = layout.uids;
    std::ranges::copy(layout.columns, columns_.begin());
}

std::size_t KeyAppender::size() const
{
    auto size = uids_at + uids_.size();
    for (auto const& column : columns_)
        size += column.size();
    return size;
}

void KeyAppender::append(Uid uid, KeyViews const& keys)
{
    constexpr std::size_t longest_prefix = 5; // octets of a key's length
    auto more = sizeof(std::uint32_t);
    for (auto const& key : keys)
        more += longest_prefix + key.size();
    if (!uids_.empty() && size() + more > max_key_block) {
        flush();
        uids_.clear();
        columns_ = {};
    }
    if (uids_.empty())
        key_ = Key(account_, Kind::keys, mailbox_, uid);
    add_record(uids_, columns_, { uid, keys });
    dirty_ = true;
}

void KeyAppender::flush()
{
    if (dirty_)
        txn_.put(Table::index, key_, make_block(uids_, columns_));
    dirty_ = false;
}

namespace {

    /// Puts a small block at the end of the one before it, when there is room.
    bool join_previous(WriteTxn& txn, Key const& prefix, Key const& key, Uid first,
        std::span<Record const> records)
    {
        std::string joined;
        std::string previous;
        {
            Cursor cursor(txn, Table::index);
            if (!seek_block(cursor, prefix, Uid { first.value - 1 }))
                return false;
            auto all = read_records(cursor.value());
            all.insert(all.end(), records.begin(), records.end());
            joined = make_block(all);
            previous = cursor.key();
        }
        if (joined.size() > max_key_block)
            return false;
        txn.erase(Table::index, key);
        txn.put(Table::index, previous, joined);
        return true;
    }

    /// Erases those of one block; returns the last UID that was in it, 0 when there was no block.
    Uid thin_block(
        WriteTxn& txn, AccountId account, MailboxId mailbox, UidSet const& uids, Uid from)
    {
        Key const prefix(account, Kind::keys, mailbox);
        std::string block;
        Uid first;
        {
            Cursor cursor(txn, Table::index);
            if (!seek_block(cursor, prefix, from))
                return {};
            first = uid_in_key(cursor.key());
            block = cursor.value();
        }
        auto records = read_records(block);
        auto const last = records.back().uid;
        auto const before = records.size();
        std::erase_if(records, [&](Record const& record) { return uids.contains(record.uid); });
        Key const key(account, Kind::keys, mailbox, first);
        if (records.empty()) {
            txn.erase(Table::index, key);
        } else if (records.size() != before) {
            auto const thinned = make_block(records);
            if (thinned.size() >= small_key_block
                || !join_previous(txn, prefix, key, first, records))
                txn.put(Table::index, key, thinned);
        }
        return last;
    }

} // namespace

void erase_keys(WriteTxn& txn, AccountId account, MailboxId mailbox, UidSet const& uids)
{
    Uid next;
    for (auto const& range : uids.ranges())
        for (next = std::max(next, range.first); next <= range.last;) {
            auto const last = thin_block(txn, account, mailbox, uids, next);
            // Every message has keys; where it has not, the block before it was looked at.
            next.value = std::max(last, next).value + 1;
        }
}

void for_each_keyed(std::string_view block, std::function<void(Uid)> const& each)
{
    for (auto const& record : read_records(block))
        each(record.uid);
}

} // namespace mail::storage
