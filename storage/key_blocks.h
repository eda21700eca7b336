// Blocks of keys: those of consecutive messages in one value, each column by itself
// (docs/storage-format.md §4.15). Inside of storage/ only.
#pragma once

#include "storage/encoding.h"
#include "storage/messages.h"
#include "storage/txn.h"

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace mail::storage {

inline constexpr std::size_t max_key_block = 4080; ///< octets of a block's value: a page of LMDB

using KeyViews = std::array<std::string_view, key_columns>;

/// Appends the keys of messages with growing UIDs to the end of a mailbox; writes each block once.
/// Call flush at the end.
class KeyAppender {
public:
    KeyAppender(WriteTxn& txn, AccountId account, MailboxId mailbox);
    void append(Uid uid, KeyViews const& keys);
    void flush();

private:
    std::size_t size() const;

    WriteTxn& txn_;
    AccountId account_;
    MailboxId mailbox_;
    Key key_; // of the block that is being filled
    std::string uids_; // as they stand in the block; empty: none yet
    std::array<std::string, key_columns> columns_;
    bool dirty_ = false;
};

/// All keys of one message at a time. Ask in ascending order.
class AllKeysReader {
public:
    AllKeysReader(ReadTxn const& txn, Place place);
    ~AllKeysReader();
    KeyViews find(Uid uid); ///< live as long as the transaction

private:
    struct Readers;
    std::unique_ptr<Readers> readers_;
};

/// Erases the keys of the messages; a block that gets small joins the one before it.
void erase_keys(WriteTxn& txn, AccountId account, MailboxId mailbox, UidSet const& uids);

/// Calls `each` with the UIDs of a block. Throws Damaged when its parts do not fill it.
void for_each_keyed(std::string_view block, std::function<void(Uid)> const& each);

} // namespace mail::storage
