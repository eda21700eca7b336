// STORE: changes flags of many messages in one pass over their blocks.
#include "storage/change_log.h"
#include "storage/hot_blocks.h"
#include "storage/records.h"

namespace mail::storage {
namespace {

    Flags apply(Flags flags, FlagChange::Mode mode, Flags const& given)
    {
        switch (mode) {
        case FlagChange::Mode::replace:
            return given;
        case FlagChange::Mode::add:
            flags.system |= given.system;
            for (std::size_t i = 0; i < flags.keywords.size(); ++i)
                flags.keywords[i] |= given.keywords[i];
            break;
        case FlagChange::Mode::remove:
            flags.system = static_cast<std::uint8_t>(flags.system & ~given.system);
            for (std::size_t i = 0; i < flags.keywords.size(); ++i)
                flags.keywords[i] &= ~given.keywords[i];
            break;
        }
        return flags;
    }

} // namespace

Result<FlagsStored> store_flags(
    WriteTxn& txn, AccountId account, MailboxId id, UidSet const& uids, FlagChange const& change)
{
    auto mailbox = get_mailbox(txn, account, id);
    if (!mailbox)
        return mailbox.error();
    auto record = load_account(txn, account);
    if (!record)
        return record.error();
    bool const removes = change.mode == FlagChange::Mode::remove;
    auto const keywords = resolve_keywords(
        *mailbox, change.keywords, removes ? MissingKeywords::ignore : MissingKeywords::add);
    if (!keywords)
        return keywords.error();
    Flags const given { .system = change.system, .keywords = keywords->bits };

    FlagsStored stored { .mod_seq = record->mod_seq };
    ModSeq const next { record->mod_seq.value + 1 };
    change_blocks(
        txn, account, id, uids,
        [&](HotRecord& message) {
            if (change.unchanged_since && message.mod_seq > *change.unchanged_since) {
                stored.modified.add(message.uid);
                return Visit::keep;
            }
            stored.present.add(message.uid);
            auto const flags = apply(message.flags, change.mode, given);
            if (flags == message.flags)
                return Visit::keep;
            stored.changed.add(message.uid);
            count_message(*mailbox, message, -1);
            message.flags = flags;
            message.mod_seq = next;
            count_message(*mailbox, message, +1);
            return Visit::changed;
        },
        [] {});
    if (stored.changed.empty())
        return stored; // also keywords that no message got are forgotten
    stored.mod_seq = next_mod_seq(*record);
    mailbox->highest_mod_seq = stored.mod_seq;
    save_mailbox(txn, account, *mailbox);
    if (keywords->added)
        log_change(txn, account, *record, id, Change::Kind::mailbox_changed);
    log_change(txn, account, *record, id, Change::Kind::flags, stored.changed);
    save_account(txn, account, *record);
    return stored;
}

} // namespace mail::storage
