// The change log of an account: what every transaction did, in MODSEQ order. IDLE, CONDSTORE,
// NOTIFY, backup and replication read the same log.
#pragma once

#include "storage/ids.h"
#include "storage/uid_set.h"

#include <functional>
#include <string>

namespace mail::storage {

class ReadTxn;

struct Change {
    enum class Kind : std::uint8_t {
        appended = 1, ///< uids are new in the mailbox
        flags = 2, ///< flags of uids changed
        expunged = 3, ///< uids are gone
        mailbox_created = 4,
        mailbox_deleted = 5,
        mailbox_renamed = 6, ///< or made of INBOX, by renaming that
        subscription = 7, ///< subscribed or unsubscribed
        mailbox_changed = 8, ///< keywords, special use, \Recent mark
        acl = 9, ///< who may do what with the mailbox
        metadata = 10, ///< annotations of the mailbox, or of the account
        url_key = 11, ///< somebody's key for URLs of the mailbox was replaced
    };
    ModSeq mod_seq {};
    MailboxId mailbox {};
    Kind kind {};
    UidSet uids {}; ///< for the first three
    /// Of a mailbox that was deleted or renamed: the name before; of a subscription: the name.
    std::string name {};
};

ModSeq highest_mod_seq(ReadTxn const& txn, AccountId account); ///< of the account

/// The lowest MODSEQ m such that changes_since(m) is complete; what is older was dropped from the
/// log.
ModSeq change_log_floor(ReadTxn const& txn, AccountId account);

/// Calls `each` for the changes with a MODSEQ above `since`, in order, until it returns false.
void changes_since(ReadTxn const& txn, AccountId account, ModSeq since,
    std::function<bool(Change const&)> const& each);

} // namespace mail::storage
