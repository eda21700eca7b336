// EXPUNGE: moves messages to the kept rows, where they stay readable for the undelete window.
#include "storage/change_log.h"
#include "storage/expiry.h"
#include "storage/hot_blocks.h"
#include "storage/pop3_uidl.h"
#include "storage/records.h"
#include "storage/seen.h"

namespace mail::storage {
namespace {

    Result<Expunged> expunge_those(
        WriteTxn& txn, AccountId account, MailboxId id, UidSet const& uids, std::uint8_t required)
    {
        auto mailbox = get_mailbox(txn, account, id);
        if (!mailbox)
            return mailbox.error();
        auto record = load_account(txn, account);
        if (!record)
            return record.error();
        Expunged expunged { .uids = {}, .mod_seq = record->mod_seq };
        remove_messages(
            txn, account, id, uids,
            [&](HotRecord const& message) { return (message.flags.system & required) == required; },
            [&](HotRecord const& message) {
                count_message(*mailbox, message, -1);
                record->usage.messages -= 1;
                record->usage.octets -= message.size;
                expunged.uids.add(message.uid);
                txn.put(Table::index, Key(account, Kind::kept, id, message.uid),
                    encode_kept({ txn.now(), message }));
            });
        if (expunged.uids.empty())
            return expunged;
        forget_seen(txn, { account, id }, expunged.uids);
        forget_pop3_uidls(txn, { account, id }, expunged.uids);
        expunged.mod_seq = next_mod_seq(*record);
        mailbox->highest_mod_seq = expunged.mod_seq;
        save_mailbox(txn, account, *mailbox);
        put_expiry(txn, account,
            { .time = txn.now(),
                .mod_seq = expunged.mod_seq,
                .mailbox = id,
                .uids = expunged.uids });
        log_change(txn, account, *record, id, Change::Kind::expunged, expunged.uids);
        save_account(txn, account, *record);
        return expunged;
    }

} // namespace

Result<Expunged> expunge_deleted(
    WriteTxn& txn, AccountId account, MailboxId mailbox, UidSet const& uids)
{
    return expunge_those(txn, account, mailbox, uids, Flags::deleted);
}

Result<Expunged> expunge(WriteTxn& txn, AccountId account, MailboxId mailbox, UidSet const& uids)
{
    return expunge_those(txn, account, mailbox, uids, 0);
}

} // namespace mail::storage
