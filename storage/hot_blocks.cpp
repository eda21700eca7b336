// Encoding and rewriting of hot blocks (docs/storage-format.md §4.5).
#include "storage/hot_blocks.h"

#include <algorithm>

namespace mail::storage {
namespace {

    inline constexpr std::uint8_t block_version = 1;
    inline constexpr std::size_t small_block = max_block / 3; // joins its neighbour

    /// Octets of the keyword bitmap without the zero octets at its end.
    std::size_t keyword_octets(Flags const& flags)
    {
        for (std::size_t word = flags.keywords.size(); word-- > 0;)
            if (flags.keywords[word] != 0)
                return word * 8
                    + (static_cast<std::size_t>(std::bit_width(flags.keywords[word])) + 7) / 8;
        return 0;
    }

    void set_header(std::string& block, std::size_t count, Uid last)
    {
        block[0] = static_cast<char>(block_version);
        block[1] = static_cast<char>(hot_fixed);
        store(block.data() + 2, static_cast<std::uint16_t>(count));
        store(block.data() + 4, last.value);
    }

} // namespace

void encode_hot(std::string& out, HotRecord const& record)
{
    auto const extra = keyword_octets(record.flags);
    auto const begin = out.size();
    out.resize(begin + hot_fixed + extra);
    auto* const at = out.data() + begin;
    store(at + at_uid, record.uid.value);
    store(at + at_system, record.flags.system);
    store(at + at_extra, static_cast<std::uint8_t>(extra));
    store(at + at_zone, record.internal_date.zone_minutes);
    store(at + at_mod_seq, record.mod_seq.value);
    store(at + at_date, record.internal_date.seconds);
    store(at + at_save_date, record.save_date);
    store(at + at_size, record.size);
    store(at + at_body, record.body.value);
    store(at + at_sent, record.sent.seconds);
    store(at + at_sent_zone, record.sent.zone_minutes);
    std::memcpy(at + hot_fixed, record.flags.keywords.data(), extra);
}

BlockHeader check_block(std::string_view block)
{
    auto const damaged
        = [] { return Damaged("a block of messages is damaged: restore the store from a backup"); };
    if (block.size() < block_header || block[0] != static_cast<char>(block_version))
        throw damaged();
    BlockHeader header { .fixed = load<std::uint8_t>(block.data() + 1),
        .count = load<std::uint16_t>(block.data() + 2),
        .last = Uid { load<std::uint32_t>(block.data() + 4) },
        .has_keywords = true };
    if (header.fixed < hot_fixed || header.count == 0)
        throw damaged();
    if (block.size() == block_header + header.count * header.fixed) {
        header.has_keywords = false;
        return header;
    }
    std::size_t end = block_header;
    for (std::size_t i = 0; i < header.count; ++i) {
        if (end + header.fixed > block.size())
            throw damaged();
        end += header.fixed + extra_octets(block.data() + end);
    }
    if (end != block.size())
        throw damaged();
    return header;
}

std::string encode_block(std::span<HotRecord const> records)
{
    std::string block(block_header, '\0');
    for (auto const& record : records)
        encode_hot(block, record);
    set_header(block, records.size(), records.back().uid);
    return block;
}

Uid last_in_block(std::string_view block)
{
    if (block.size() < block_header)
        check_block(block); // throws
    return Uid { load<std::uint32_t>(block.data() + 4) };
}

BlockCursor::BlockCursor(ReadTxn const& txn, AccountId account, MailboxId mailbox)
    : cursor_(txn, Table::index)
    , prefix_(account, Kind::hot, mailbox)
{
}

bool BlockCursor::is_inside() const { return cursor_.key().starts_with(prefix_.view()); }

bool BlockCursor::seek(Uid uid)
{
    auto after = prefix_;
    after.u32(uid.value).u8(0); // the key right behind that of `uid`
    if (cursor_.seek_last_below(after) && is_inside() && last_in_block(block()) >= uid)
        return true;
    return cursor_.seek(after) && is_inside();
}

bool BlockCursor::next() { return cursor_.next() && is_inside(); }

BlockAppender::BlockAppender(WriteTxn& txn, AccountId account, MailboxId mailbox)
    : txn_(txn)
    , account_(account)
    , mailbox_(mailbox)
{
    Cursor cursor(txn, Table::index);
    Key const prefix(account, Kind::hot, mailbox);
    if (cursor.seek_last_below(Key(account, Kind::hot, MailboxId { mailbox.value + 1 }))
        && cursor.key().starts_with(prefix.view())) {
        key_ = Key(account, Kind::hot, mailbox, uid_in_key(cursor.key()));
        block_ = cursor.value();
        check_block(block_);
    }
}

void BlockAppender::append(HotRecord const& record)
{
    if (!block_.empty()
        && (block_.size() + hot_fixed + keyword_octets(record.flags) > max_block
            || load<std::uint8_t>(block_.data() + 1) != hot_fixed)) {
        flush();
        block_.clear();
    }
    std::size_t count = 0;
    if (block_.empty()) {
        key_ = Key(account_, Kind::hot, mailbox_, record.uid);
        block_.resize(block_header);
    } else
        count = load<std::uint16_t>(block_.data() + 2);
    encode_hot(block_, record);
    set_header(block_, count + 1, record.uid);
    dirty_ = true;
}

void BlockAppender::flush()
{
    if (dirty_)
        txn_.put(Table::index, key_, block_);
    dirty_ = false;
}

namespace {

    /// Writes `records` in place of the block at `key`; in two blocks when they outgrew one.
    void replace_block(WriteTxn& txn, AccountId account, MailboxId mailbox, Uid key,
        std::span<HotRecord const> records)
    {
        auto const block = encode_block(records);
        if (block.size() <= max_block) {
            txn.put(Table::index, Key(account, Kind::hot, mailbox, key), block);
            return;
        }
        auto const half = records.size() / 2;
        replace_block(txn, account, mailbox, key, records.first(half));
        replace_block(txn, account, mailbox, records[half].uid, records.subspan(half));
    }

    /// Puts a small block at the end of the one before it, when there is room.
    bool join_previous(WriteTxn& txn, AccountId account, MailboxId mailbox, Uid key,
        std::span<HotRecord const> records)
    {
        std::string joined;
        Key previous;
        {
            Cursor cursor(txn, Table::index);
            if (!cursor.seek_last_below(Key(account, Kind::hot, mailbox, key))
                || !cursor.key().starts_with(Key(account, Kind::hot, mailbox).view()))
                return false;
            joined = cursor.value();
            previous = Key(account, Kind::hot, mailbox, uid_in_key(cursor.key()));
        }
        auto const header = check_block(joined);
        if (header.fixed != hot_fixed)
            return false;
        for (auto const& record : records)
            encode_hot(joined, record);
        if (joined.size() > max_block)
            return false;
        set_header(joined, header.count + records.size(), records.back().uid);
        txn.erase(Table::index, Key(account, Kind::hot, mailbox, key));
        txn.put(Table::index, previous, joined);
        return true;
    }

    struct Visited {
        bool changed = false;
        bool removed = false;
    };

    /// Shows the records in `uids` to `visit` and leaves in `records` what stays.
    Visited visit_records(std::vector<HotRecord>& records, std::span<UidRange const> uids,
        std::function<Visit(HotRecord&)> const& visit)
    {
        Visited visited;
        auto range = uids.begin();
        auto kept = records.begin();
        for (auto& record : records) {
            while (range != uids.end() && range->last < record.uid)
                ++range;
            if (range != uids.end() && range->first <= record.uid) {
                auto const what = visit(record);
                visited.changed |= what == Visit::changed;
                visited.removed |= what == Visit::remove;
                if (what == Visit::remove)
                    continue;
            }
            *kept++ = record;
        }
        records.erase(kept, records.end());
        return visited;
    }

} // namespace

void change_blocks(WriteTxn& txn, AccountId account, MailboxId mailbox, UidSet const& uids,
    std::function<Visit(HotRecord&)> const& visit, std::function<void()> const& after_block)
{
    auto ranges = uids.ranges();
    std::vector<HotRecord> records;
    auto from = ranges.empty() ? Uid {} : ranges.front().first;
    while (!ranges.empty()) {
        Uid key;
        Uid last;
        records.clear();
        {
            BlockCursor cursor(txn, account, mailbox);
            if (!cursor.seek(from))
                return;
            key = uid_in_key(cursor.key());
            last = last_in_block(cursor.block());
            for_each_in_block(cursor.block(), [&](HotRecord const& record) {
                records.push_back(record);
                return true;
            });
        }
        auto const visited = visit_records(records, ranges, visit);
        if (records.empty())
            txn.erase(Table::index, Key(account, Kind::hot, mailbox, key));
        else if (visited.changed || visited.removed) {
            bool const small = visited.removed && records.size() * hot_fixed < small_block;
            if (!small || !join_previous(txn, account, mailbox, key, records))
                replace_block(txn, account, mailbox, key, records);
        }
        after_block();
        auto const next = std::find_if(
            ranges.begin(), ranges.end(), [&](UidRange const& r) { return r.last > last; });
        ranges = ranges.subspan(static_cast<std::size_t>(next - ranges.begin()));
        if (!ranges.empty())
            from = std::max(ranges.front().first, Uid { last.value + 1 });
    }
}

} // namespace mail::storage
