// Blocks of hot records: consecutive UIDs packed into one value of at most half a leaf page
// (docs/storage-format.md §4.5). Inside of storage/ only.
#pragma once

#include "storage/encoding.h"
#include "storage/messages.h"
#include "storage/txn.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::storage {

inline constexpr std::size_t max_block
    = 1960; ///< octets of a block's value: two fit a leaf page of LMDB

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
inline constexpr std::size_t hot_fixed = 48;

/// Decodes the record at `at` and returns the number of its octets. `fixed` comes from the block's
/// header.
std::size_t decode_hot(char const* at, std::size_t fixed, HotRecord& record);

struct BlockHeader {
    std::size_t fixed; ///< octets of the fixed part of each record
    std::size_t count;
    Uid last;
};
BlockHeader check_block(std::string_view block); ///< throws Damaged when its records do not fill it

template <class F> void for_each_in_block(std::string_view block, F each)
{
    auto const header = check_block(block);
    auto const* at = block.data() + block_header;
    HotRecord record;
    for (std::size_t i = 0; i < header.count; ++i) {
        at += decode_hot(at, header.fixed, record);
        if (!each(record))
            return;
    }
}

} // namespace mail::storage
