// Writes the change log (docs/storage-format.md §4.9). Inside of storage/ only.
#pragma once

#include "storage/changes.h"
#include "storage/records.h"

namespace mail::storage {

/// Gives out the account's next MODSEQ; for one operation.
inline ModSeq next_mod_seq(AccountRecord& account) { return ModSeq { ++account.mod_seq.value }; }

/// Logs a change under the account's current MODSEQ and announces it. The caller saves the account
/// record afterwards.
void log_change(WriteTxn& txn, AccountId id, AccountRecord& account, MailboxId mailbox,
    Change::Kind kind, UidSet const& uids = {});
/// The same for the kinds that tell a name.
void log_change(WriteTxn& txn, AccountId id, AccountRecord& account, MailboxId mailbox,
    Change::Kind kind, std::string_view name);

/// When the change of this row was made, seconds since the Unix epoch.
std::int64_t change_time(std::string_view value);

} // namespace mail::storage
