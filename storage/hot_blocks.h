// Blocks of hot records: consecutive UIDs packed into one value of at most a quarter of a leaf page
// (docs/storage-format.md §4.5). Inside of storage/ only.
#pragma once

#include "storage/encoding.h"
#include "storage/messages.h"
#include "storage/txn.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mail::storage {

inline constexpr std::size_t max_block
    = 960; ///< octets of a block's value: four fit a leaf page of LMDB, which keeps three of them
           ///< when blocks are added behind each other

void encode_hot(std::string& out, HotRecord const& record); ///< appends one record
std::string encode_block(std::span<HotRecord const> records); ///< not empty, ascending
Uid last_in_block(std::string_view block);

/// Calls `each` for the records of the block, ascending, until it returns false.
template <class F> void for_each_in_block(std::string_view block, F each);

/// Walks over the blocks of one mailbox.
class BlockCursor {
public:
    BlockCursor(ReadTxn const& txn, AccountId account, MailboxId mailbox);
    /// To the first block that ends at `uid` or later; false when there is none.
    bool seek(Uid uid);
    bool next();
    std::string_view key() const { return cursor_.key(); }
    std::string_view block() const { return cursor_.value(); }

private:
    bool is_inside() const;

    Cursor cursor_;
    Key prefix_;
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
    Key key_; // of the block that is being filled
    std::string block_; // empty: none yet
    bool dirty_ = false;
};

/// What a visitor does with a record that change_blocks shows it.
enum class Visit { keep, changed, remove };

/// Shows `visit` the records of the mailbox that are in `uids`, ascending; writes back the blocks
/// in which one was changed or removed, splits those that grew too large and joins those that
/// shrank. `visit` must not touch the transaction; what it notes may be written in `after_block`,
/// which is called once per visited block.
void change_blocks(WriteTxn& txn, AccountId account, MailboxId mailbox, UidSet const& uids,
    std::function<Visit(HotRecord&)> const& visit, std::function<void()> const& after_block);

// ----

inline constexpr std::size_t block_header = 8;
inline constexpr std::size_t hot_fixed = 58;

/// Decodes the record at `at`; `fixed` and `extra` are the octets of its two parts.
void decode_hot(char const* at, std::size_t fixed, std::size_t extra, HotRecord& record);

struct BlockHeader {
    std::size_t fixed; ///< octets of the fixed part of each record
    std::size_t count;
    Uid last;
    bool has_keywords; ///< false: all records are of equal length
};
BlockHeader check_block(std::string_view block); ///< throws Damaged when its records do not fill it
std::size_t extra_octets(char const* at); ///< behind the fixed part of the record at `at`

template <class F> void for_each_in_block(std::string_view block, F each)
{
    auto const header = check_block(block);
    auto const* at = block.data() + block_header;
    HotRecord record;
    for (std::size_t i = 0; i < header.count; ++i) {
        auto const extra = header.has_keywords ? extra_octets(at) : 0;
        decode_hot(at, header.fixed, extra, record);
        at += header.fixed + extra;
        if (!each(record))
            return;
    }
}

// Offsets in a record (docs/storage-format.md §4.5).
enum : std::size_t {
    at_uid = 0,
    at_system = 4,
    at_extra = 5,
    at_zone = 6,
    at_mod_seq = 8,
    at_date = 16,
    at_save_date = 24,
    at_size = 32,
    at_body = 40,
    at_sent = 48,
    at_sent_zone = 56
};

inline std::size_t extra_octets(char const* at) { return load<std::uint8_t>(at + at_extra); }

inline void decode_hot(char const* at, std::size_t fixed, std::size_t extra, HotRecord& record)
{
    record.uid.value = load<std::uint32_t>(at + at_uid);
    record.flags.system = load<std::uint8_t>(at + at_system);
    record.internal_date.zone_minutes = load<std::int16_t>(at + at_zone);
    record.mod_seq.value = load<std::uint64_t>(at + at_mod_seq);
    record.internal_date.seconds = load<std::int64_t>(at + at_date);
    record.save_date = load<std::int64_t>(at + at_save_date);
    record.size = load<std::uint64_t>(at + at_size);
    record.body.value = load<std::uint64_t>(at + at_body);
    record.sent.seconds = load<std::int64_t>(at + at_sent);
    record.sent.zone_minutes = load<std::int16_t>(at + at_sent_zone);
    record.flags.keywords = {};
    if (extra > 0) {
        auto const known
            = extra < sizeof record.flags.keywords ? extra : sizeof record.flags.keywords;
        std::memcpy(record.flags.keywords.data(), at + fixed, known);
    }
}

} // namespace mail::storage
