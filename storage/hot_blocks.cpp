// Encoding and rewriting of hot blocks (docs/storage-format.md §4.5).
#include "storage/hot_blocks.h"

#include <algorithm>

namespace mail::storage {
namespace {

    inline constexpr std::uint8_t block_version = 1;
    inline constexpr std::size_t small_block = max_in_block / 3; // joins its neighbour

    Key flags_key(AccountId account, MailboxId mailbox, Uid first)
    {
        return Key(account, Kind::flags, mailbox, first);
    }

    Key facts_key(AccountId account, MailboxId mailbox, Uid first)
    {
        return Key(account, Kind::facts, mailbox, first);
    }

    /// Octets of the keyword bitmap without the zero octets at its end.
    std::size_t keyword_octets(Flags const& flags)
    {
        for (std::size_t word = flags.keywords.size(); word-- > 0;)
            if (flags.keywords[word] != 0)
                return word * 8
                    + (static_cast<std::size_t>(std::bit_width(flags.keywords[word])) + 7) / 8;
        return 0;
    }

    void encode_flags(std::string& out, HotRecord const& record)
    {
        auto const extra = keyword_octets(record.flags);
        auto const begin = out.size();
        out.resize(begin + flags_fixed + extra);
        auto* const at = out.data() + begin;
        store(at + at_uid, record.uid.value);
        store(at + at_system, record.flags.system);
        store(at + at_extra, static_cast<std::uint8_t>(extra));
        store(at + at_mod_seq, record.mod_seq.value);
        std::memcpy(at + flags_fixed, record.flags.keywords.data(), extra);
    }

    void encode_facts(std::string& out, HotRecord const& record)
    {
        auto const begin = out.size();
        out.resize(begin + facts_fixed);
        auto* const at = out.data() + begin;
        store(at + at_date, record.internal_date.seconds);
        store(at + at_zone, record.internal_date.zone_minutes);
        store(at + at_save_date, record.save_date);
        store(at + at_size, record.size);
        store(at + at_body, record.body.value);
        store(at + at_sent, record.sent.seconds);
        store(at + at_sent_zone, record.sent.zone_minutes);
    }

    /// Makes room for the header where there is none yet.
    void set_flags_header(std::string& flags, std::size_t count, Uid last)
    {
        flags[0] = static_cast<char>(block_version);
        flags[1] = static_cast<char>(flags_fixed);
        store(flags.data() + 2, static_cast<std::uint16_t>(count));
        store(flags.data() + 4, last.value);
    }

    void set_facts_header(std::string& facts, std::size_t count)
    {
        facts[0] = static_cast<char>(block_version);
        facts[1] = static_cast<char>(facts_fixed);
        store(facts.data() + 2, static_cast<std::uint16_t>(count));
    }

    std::string make_flags(std::span<HotRecord const> records)
    {
        std::string flags;
        flags.reserve(flags_header + records.size() * (flags_fixed + sizeof(Flags::keywords)));
        flags.resize(flags_header);
        for (auto const& record : records)
            encode_flags(flags, record);
        set_flags_header(flags, records.size(), records.back().uid);
        return flags;
    }

    std::string make_facts(std::span<HotRecord const> records)
    {
        std::string facts(facts_header, '\0');
        for (auto const& record : records)
            encode_facts(facts, record);
        set_facts_header(facts, records.size());
        return facts;
    }

    void put_block(WriteTxn& txn, AccountId account, MailboxId mailbox, Uid first,
        std::span<HotRecord const> records)
    {
        txn.put(Table::index, flags_key(account, mailbox, first), make_flags(records));
        txn.put(Table::index, facts_key(account, mailbox, first), make_facts(records));
    }

    void erase_block(WriteTxn& txn, AccountId account, MailboxId mailbox, Uid first)
    {
        txn.erase(Table::index, flags_key(account, mailbox, first));
        txn.erase(Table::index, facts_key(account, mailbox, first));
    }

    /// Leaves `records` of a block.
    void read_block(BlockCursor const& cursor, std::vector<HotRecord>& records)
    {
        records.clear();
        for_each_in_block(cursor.block(), [&](HotRecord const& record) {
            records.push_back(record);
            return true;
        });
    }

} // namespace

void throw_damaged_block()
{
    throw Damaged("a block of messages is damaged: restore the store from a backup");
}

FlagsHeader check_flags(std::string_view flags)
{
    if (flags.size() < flags_header || flags[0] != static_cast<char>(block_version))
        throw_damaged_block();
    FlagsHeader header { .fixed = load<std::uint8_t>(flags.data() + 1),
        .count = load<std::uint16_t>(flags.data() + 2),
        .last = Uid { load<std::uint32_t>(flags.data() + 4) },
        .has_keywords = true };
    if (header.fixed < flags_fixed || header.count == 0)
        throw_damaged_block();
    if (flags.size() == flags_header + header.count * header.fixed) {
        header.has_keywords = false;
        return header;
    }
    std::size_t end = flags_header;
    for (std::size_t i = 0; i < header.count; ++i) {
        if (end + header.fixed > flags.size())
            throw_damaged_block();
        end += header.fixed + extra_octets(flags.data() + end);
    }
    if (end != flags.size())
        throw_damaged_block();
    return header;
}

FactsHeader check_facts(std::string_view facts)
{
    if (facts.size() < facts_header || facts[0] != static_cast<char>(block_version))
        throw_damaged_block();
    FactsHeader const header { .fixed = load<std::uint8_t>(facts.data() + 1),
        .count = load<std::uint16_t>(facts.data() + 2) };
    if (header.fixed < facts_fixed || facts.size() != facts_header + header.count * header.fixed)
        throw_damaged_block();
    return header;
}

void encode_hot(std::string& out, HotRecord const& record)
{
    out += make_facts({ &record, 1 });
    out += make_flags({ &record, 1 });
}

HotRecord decode_hot(std::string_view value)
{
    if (value.size() < facts_header)
        throw_damaged_block();
    auto const facts = facts_header + load<std::uint8_t>(value.data() + 1);
    if (value.size() < facts)
        throw_damaged_block();
    HotRecord found;
    for_each_in_block({ .flags = value.substr(facts), .facts = value.substr(0, facts) },
        [&](HotRecord const& record) {
            found = record;
            return false;
        });
    return found;
}

Uid last_in_block(std::string_view flags)
{
    if (flags.size() < flags_header)
        throw_damaged_block();
    return Uid { load<std::uint32_t>(flags.data() + 4) };
}

BlockCursor::BlockCursor(ReadTxn const& txn, AccountId account, MailboxId mailbox, Columns columns)
    : flags_(txn, Table::index)
    , prefix_(account, Kind::flags, mailbox)
    , facts_prefix_(account, Kind::facts, mailbox)
{
    if (columns == Columns::all)
        facts_.emplace(txn, Table::index);
}

Block BlockCursor::block() const
{
    return { .flags = flags_.value(), .facts = facts_ ? facts_->value() : std::string_view {} };
}

bool BlockCursor::find(Uid uid)
{
    auto after = prefix_;
    after.u32(uid.value).u8(0); // the key right behind that of `uid`
    if (flags_.seek_last_below(after) && is_inside() && last_in_block(flags_.value()) >= uid)
        return true;
    return flags_.seek(after);
}

bool BlockCursor::place(bool found)
{
    is_placed_ = found && is_inside();
    if (is_placed_ && facts_) {
        auto key = facts_prefix_;
        key.u32(first().value);
        if (!facts_->seek(key) || facts_->key() != key.view())
            throw_damaged_block();
    }
    return is_placed_;
}

bool BlockCursor::seek(Uid uid)
{
    if (is_placed_ && first() <= uid) {
        if (last_in_block(flags_.value()) >= uid)
            return true;
        if (!next())
            return false;
        if (last_in_block(flags_.value()) >= uid)
            return true;
    }
    return place(find(uid));
}

bool BlockCursor::seek_below(Uid first)
{
    auto key = prefix_;
    key.u32(first.value);
    return place(flags_.seek_last_below(key));
}

bool BlockCursor::next()
{
    is_placed_ = flags_.next() && is_inside();
    if (!is_placed_ || !facts_)
        return is_placed_;
    if (!facts_->next() || !facts_->key().starts_with(facts_prefix_.view())
        || uid_in_key(facts_->key()) != first())
        throw_damaged_block();
    return true;
}

BlockAppender::BlockAppender(WriteTxn& txn, AccountId account, MailboxId mailbox)
    : txn_(txn)
    , account_(account)
    , mailbox_(mailbox)
{
    BlockCursor cursor(txn, account, mailbox, Columns::all);
    if (!cursor.seek_below(Uid { UINT32_MAX })) // which is no UID (§4.2)
        return;
    first_ = cursor.first();
    flags_ = cursor.block().flags;
    facts_ = cursor.block().facts;
    check_flags(flags_);
    check_facts(facts_);
}

void BlockAppender::append(HotRecord const& record)
{
    auto const is_full = [&] {
        return load<std::uint16_t>(flags_.data() + 2) >= max_in_block
            || load<std::uint8_t>(flags_.data() + 1) != flags_fixed
            || load<std::uint8_t>(facts_.data() + 1) != facts_fixed;
    };
    if (!flags_.empty() && is_full()) {
        flush();
        flags_.clear();
        facts_.clear();
    }
    std::size_t count = 0;
    if (flags_.empty()) {
        first_ = record.uid;
        flags_.resize(flags_header);
        facts_.resize(facts_header);
    } else
        count = load<std::uint16_t>(flags_.data() + 2);
    encode_flags(flags_, record);
    encode_facts(facts_, record);
    set_flags_header(flags_, count + 1, record.uid);
    set_facts_header(facts_, count + 1);
    dirty_ = true;
}

void BlockAppender::flush()
{
    if (dirty_) {
        txn_.put(Table::index, flags_key(account_, mailbox_, first_), flags_);
        txn_.put(Table::index, facts_key(account_, mailbox_, first_), facts_);
    }
    dirty_ = false;
}

void change_flags(WriteTxn& txn, AccountId account, MailboxId mailbox, UidSet const& uids,
    std::function<bool(HotRecord&)> const& visit)
{
    constexpr std::size_t run = 256; // blocks that one walk reads before they are written
    AscendingUids wanted(uids);
    std::vector<HotRecord> records;
    std::vector<std::pair<Key, std::string>> changed;
    auto from = wanted.from(Uid { 1 });
    while (from) {
        {
            BlockCursor cursor(txn, account, mailbox, Columns::flags);
            while (from && changed.size() < run) {
                if (!cursor.seek(*from)) {
                    from.reset();
                    break;
                }
                read_block(cursor, records);
                bool is_changed = false;
                for (auto& record : records)
                    if (wanted.contains(record.uid) && visit(record))
                        is_changed = true;
                if (is_changed)
                    changed.emplace_back(
                        flags_key(account, mailbox, cursor.first()), make_flags(records));
                from = wanted.from(Uid { records.back().uid.value + 1 });
            }
        }
        for (auto const& [key, flags] : changed)
            txn.put(Table::index, key, flags);
        changed.clear();
    }
}

namespace {

    /// Puts a small block at the end of the one before it, when there is room.
    bool join_previous(WriteTxn& txn, AccountId account, MailboxId mailbox, Uid first,
        std::span<HotRecord const> records)
    {
        std::vector<HotRecord> joined;
        Uid previous;
        {
            BlockCursor cursor(txn, account, mailbox, Columns::all);
            if (!cursor.seek_below(first))
                return false;
            previous = cursor.first();
            read_block(cursor, joined);
        }
        if (joined.size() + records.size() > max_in_block)
            return false;
        joined.insert(joined.end(), records.begin(), records.end());
        erase_block(txn, account, mailbox, first);
        put_block(txn, account, mailbox, previous, joined);
        return true;
    }

} // namespace

void remove_messages(WriteTxn& txn, AccountId account, MailboxId mailbox, UidSet const& uids,
    std::function<bool(HotRecord const&)> const& is_wanted,
    std::function<void(HotRecord const&)> const& removed)
{
    AscendingUids among(uids);
    std::vector<HotRecord> records;
    std::vector<HotRecord> taken;
    for (auto from = among.from(Uid { 1 }); from;) {
        Uid first;
        {
            BlockCursor cursor(txn, account, mailbox, Columns::all);
            if (!cursor.seek(*from))
                return;
            first = cursor.first();
            read_block(cursor, records);
        }
        auto const last = records.back().uid;
        taken.clear();
        auto kept = records.begin();
        for (auto const& record : records)
            if (among.contains(record.uid) && is_wanted(record))
                taken.push_back(record);
            else
                *kept++ = record;
        records.erase(kept, records.end());
        if (records.empty())
            erase_block(txn, account, mailbox, first);
        else if (!taken.empty()
            && (records.size() >= small_block
                || !join_previous(txn, account, mailbox, first, records)))
            put_block(txn, account, mailbox, first, records);
        for (auto const& record : taken)
            removed(record);
        from = among.from(Uid { last.value + 1 });
    }
}

std::vector<HotRecord> remove_first_block(WriteTxn& txn, AccountId account, MailboxId mailbox)
{
    std::vector<HotRecord> records;
    Uid first;
    {
        BlockCursor cursor(txn, account, mailbox, Columns::all);
        if (!cursor.seek(Uid { 1 }))
            return records;
        first = cursor.first();
        read_block(cursor, records);
    }
    erase_block(txn, account, mailbox, first);
    return records;
}

} // namespace mail::storage
