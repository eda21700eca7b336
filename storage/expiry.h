// Rows that say what to free when the undelete window is over (docs/storage-format.md §4.8). Inside
// of storage/ only.
#pragma once

#include "storage/encoding.h"
#include "storage/messages.h"
#include "storage/txn.h"

#include <optional>

namespace mail::storage {

/// Something that was deleted and is kept for a while.
struct Expiry {
    enum class What : std::uint8_t {
        messages = 1, ///< kept rows of the mailbox
        mailbox = 2, ///< a deleted mailbox with its hot rows
    };
    std::int64_t time = 0; ///< of the deletion, seconds since the Unix epoch
    ModSeq mod_seq {}; ///< of the deletion: makes the key unique
    MailboxId mailbox {};
    What what = What::messages;
    UidSet uids {}; ///< of messages
};

Key expiry_key(AccountId account, Expiry const& expiry);
void put_expiry(WriteTxn& txn, AccountId account, Expiry const& expiry);
std::optional<Expiry> first_expiry(ReadTxn const& txn, AccountId account); ///< the oldest
Expiry decode_expiry(std::string_view key, std::string_view value);

/// §4.7: an expunged message that is kept.
struct Kept {
    std::int64_t time = 0; ///< when it was expunged, seconds since the Unix epoch
    HotRecord record {};
};
std::string encode_kept(Kept const& kept);
Kept decode_kept(std::string_view value);

/// What one slice of sweeping did.
struct Swept {
    std::size_t messages = 0; ///< freed
    bool more = false; ///< there is more to do
};

/// Frees messages that were deleted before `cutoff` (seconds since the Unix epoch), and log entries
/// that are older or too many; at most about `limit` rows.
Swept sweep_slice(WriteTxn& txn, AccountId account, std::int64_t cutoff, std::size_t limit);
bool needs_sweep(ReadTxn const& txn, AccountId account, std::int64_t cutoff);

/// Erases rows of an account that is removed, its own record first; at most about `limit`. False
/// when all are gone.
bool purge_slice(WriteTxn& txn, AccountId account, std::size_t limit);

} // namespace mail::storage
