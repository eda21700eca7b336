// Blocks of hot records (docs/storage-format.md §4.5). A block has consecutive messages of a
// mailbox in two rows that end in the same UID: the flags of the messages, which change, and the
// facts about them, which never do. So STORE rewrites a quarter of what a scan reads. Inside of
// storage/ only.
#pragma once

#include "storage/encoding.h"
#include "storage/messages.h"
#include "storage/txn.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mail::storage {

/// Messages in a block: the facts of four blocks fit a leaf page of LMDB, which keeps three of them
/// when blocks are added behind each other.
inline constexpr std::size_t max_in_block = 22;

/// The two rows' values.
struct Block {
    std::string_view flags;
    std::string_view facts; ///< empty when not asked for
};

Uid last_in_block(std::string_view flags);

/// Calls `each` for the records of the block, ascending, until it returns false. Throws Damaged
/// when the records do not fill their rows, or the rows do not fit each other.
template <class F> void for_each_in_block(Block const& block, F each);

/// Calls `each` with the body of every message of the row of facts.
template <class F> void for_each_body(std::string_view facts, F each);

/// Walks over the blocks of one mailbox.
class BlockCursor {
public:
    BlockCursor(ReadTxn const& txn, AccountId account, MailboxId mailbox, Columns columns);
    /// To the first block that ends at `uid` or later; false when there is none. The block at which
    /// the cursor stands and the next one are found without a search.
    bool seek(Uid uid);
    bool seek_below(Uid first); ///< to the last block whose first(), see there, is below
    bool next();
    Uid first() const { return uid_in_key(flags_.key()); } ///< in the block's keys
    Block block() const;

private:
    bool find(Uid uid);
    bool place(bool found); // there or nowhere, with the facts
    bool is_inside() const { return flags_.key().starts_with(prefix_.view()); }

    Cursor flags_;
    std::optional<Cursor> facts_;
    Key prefix_; // of the rows of flags
    Key facts_prefix_;
    bool is_placed_ = false;
};

/// Appends records with growing UIDs to the end of a mailbox; writes each block once. Call flush at
/// the end.
class BlockAppender {
public:
    BlockAppender(WriteTxn& txn, AccountId account, MailboxId mailbox);
    void append(HotRecord const& record);
    void flush();

private:
    WriteTxn& txn_;
    AccountId account_;
    MailboxId mailbox_;
    Uid first_; // in the keys of the block that is being filled
    std::string flags_; // empty: none yet
    std::string facts_;
    bool dirty_ = false;
};

/// Shows `visit` the UID, flags and MODSEQ of the messages that are in `uids`, ascending; writes
/// those for which it returns true, as it left them. `visit` must not touch the transaction.
void change_flags(WriteTxn& txn, AccountId account, MailboxId mailbox, UidSet const& uids,
    std::function<bool(HotRecord&)> const& visit);

/// Takes out those of the messages in `uids` for which `is_wanted` is true, ascending; joins blocks
/// that shrank. `removed` is called with each of them, when it is out, and may write.
void remove_messages(WriteTxn& txn, AccountId account, MailboxId mailbox, UidSet const& uids,
    std::function<bool(HotRecord const&)> const& is_wanted,
    std::function<void(HotRecord const&)> const& removed);

/// Takes out the mailbox's first block and returns what was in it; nothing when none is left.
std::vector<HotRecord> remove_first_block(WriteTxn& txn, AccountId account, MailboxId mailbox);

/// A record as it stands in a row by itself (§4.7).
void encode_hot(std::string& out, HotRecord const& record); ///< appends
HotRecord decode_hot(std::string_view value); ///< throws Damaged

// ----

inline constexpr std::size_t flags_header = 8;
inline constexpr std::size_t flags_fixed = 14;
inline constexpr std::size_t facts_header = 4;
inline constexpr std::size_t facts_fixed = 44;

struct FlagsHeader {
    std::size_t fixed; ///< octets of the fixed part of each record
    std::size_t count;
    Uid last;
    bool has_keywords; ///< false: all records are of equal length
};
struct FactsHeader {
    std::size_t fixed;
    std::size_t count;
};
FlagsHeader check_flags(std::string_view flags); ///< throws Damaged when its records do not fill it
FactsHeader check_facts(std::string_view facts); ///< likewise
[[noreturn]] void throw_damaged_block();

// Offsets in a record of flags (docs/storage-format.md §4.5).
enum : std::size_t { at_uid = 0, at_system = 4, at_extra = 5, at_mod_seq = 6 };

// Offsets in a record of facts.
enum : std::size_t {
    at_date = 0,
    at_save_date = 8,
    at_size = 16,
    at_body = 24,
    at_sent = 32,
    at_zone = 40,
    at_sent_zone = 42
};

/// Octets of the keyword bitmap behind the fixed part of the record of flags.
inline std::size_t extra_octets(char const* at) { return load<std::uint8_t>(at + at_extra); }

/// `fixed` and `extra` are the octets of the record's two parts.
inline void decode_flags(char const* at, std::size_t fixed, std::size_t extra, HotRecord& record)
{
    record.uid.value = load<std::uint32_t>(at + at_uid);
    record.flags.system = load<std::uint8_t>(at + at_system);
    record.mod_seq.value = load<std::uint64_t>(at + at_mod_seq);
    record.flags.keywords = {};
    if (extra > 0) {
        auto const known
            = extra < sizeof record.flags.keywords ? extra : sizeof record.flags.keywords;
        std::memcpy(record.flags.keywords.data(), at + fixed, known);
    }
}

inline void decode_facts(char const* at, HotRecord& record)
{
    record.internal_date.seconds = load<std::int64_t>(at + at_date);
    record.internal_date.zone_minutes = load<std::int16_t>(at + at_zone);
    record.save_date = load<std::int64_t>(at + at_save_date);
    record.size = load<std::uint64_t>(at + at_size);
    record.body.value = load<std::uint64_t>(at + at_body);
    record.sent.seconds = load<std::int64_t>(at + at_sent);
    record.sent.zone_minutes = load<std::int16_t>(at + at_sent_zone);
}

template <class F> void for_each_in_block(Block const& block, F each)
{
    auto const header = check_flags(block.flags);
    auto const* flags = block.flags.data() + flags_header;
    char const* facts = nullptr;
    std::size_t facts_step = 0;
    if (!block.facts.empty()) {
        auto const facts_head = check_facts(block.facts);
        if (facts_head.count != header.count)
            throw_damaged_block();
        facts = block.facts.data() + facts_header;
        facts_step = facts_head.fixed;
    }
    HotRecord record;
    for (std::size_t i = 0; i < header.count; ++i) {
        auto const extra = header.has_keywords ? extra_octets(flags) : 0;
        decode_flags(flags, header.fixed, extra, record);
        flags += header.fixed + extra;
        if (facts != nullptr) {
            decode_facts(facts, record);
            facts += facts_step;
        }
        if (!each(record))
            return;
    }
}

template <class F> void for_each_body(std::string_view facts, F each)
{
    auto const header = check_facts(facts);
    for (std::size_t i = 0; i < header.count; ++i)
        each(BodyId {
            load<std::uint64_t>(facts.data() + facts_header + i * header.fixed + at_body) });
}

} // namespace mail::storage
