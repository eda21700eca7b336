// REPLACE: a new message in the place of an old one.
#include "storage/messages.h"

namespace mail::storage {

Result<Appended> replace_message(WriteTxn& txn, AccountId account, MailboxId from, Uid replaced,
    MailboxId to, NewMessage const& message, OnBehalf const& who)
{
    // The old one goes first, so that its octets are free; a refusal undoes both.
    auto const gone = expunge(txn, account, from, UidSet(replaced));
    if (!gone)
        return gone.error();
    if (gone->uids.empty())
        return Errc::expunged;
    return append_message(txn, account, to, message, who);
}

} // namespace mail::storage
