// REPLACE: a new message in the place of an old one.
#include "storage/messages.h"
#include "storage/txn.h"

namespace mail::storage {

Result<Appended> replace_message(WriteTxn& txn, AccountId account, MailboxId from, Uid replaced,
    MailboxId to, NewMessage const& message, OnBehalf const& who)
{
    auto const old = get_message(txn, account, from, replaced);
    if (!old)
        return Errc::expunged;
    // The old one goes first, so that its octets are free; a refusal undoes both.
    if (auto const gone = expunge(txn, account, from, UidSet(replaced)); !gone)
        return gone.error();
    auto behalf = who;
    behalf.freed = Usage { .octets = old->size, .messages = 1 };
    return append_message(txn, account, to, message, behalf);
}

} // namespace mail::storage
