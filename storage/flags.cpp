// STORE: changes flags of many messages in one pass over their blocks.
#include "storage/change_log.h"
#include "storage/hot_blocks.h"
#include "storage/records.h"
#include "storage/seen.h"

namespace mail::storage {
namespace {

    Flags apply_all(Flags flags, FlagChange::Mode mode, Flags const& given)
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

    Flags apply(Flags const& flags, FlagChange const& change, Flags const& given)
    {
        auto changed = apply_all(flags, change.mode, given);
        auto const mask = change.may_change;
        changed.system = static_cast<std::uint8_t>(
            (changed.system & mask.system) | (flags.system & ~unsigned { mask.system }));
        if (!mask.keywords)
            changed.keywords = flags.keywords;
        return changed;
    }

    void set_seen(Flags& flags, bool seen)
    {
        flags.system = static_cast<std::uint8_t>(
            (flags.system & ~unsigned { Flags::seen }) | (seen ? unsigned { Flags::seen } : 0U));
    }

    /// \Seen of a viewer who is not the mailbox's own account, while flags change.
    class PrivateSeen {
    public:
        PrivateSeen(ReadTxn const& txn, Place place, AccountId viewer)
            : place_(place)
            , viewer_(viewer)
        {
            if (viewer != AccountId {} && viewer != place.account)
                seen_ = seen_by(txn, place, viewer);
        }

        /// The message's flags as the viewer sees them.
        Flags shown(HotRecord const& message) const
        {
            auto flags = message.flags;
            if (seen_)
                set_seen(flags, seen_->contains(message.uid));
            return flags;
        }

        /// Gives the message flags that the viewer wants to see.
        void take(HotRecord& message, Flags const& flags)
        {
            bool const was_seen = message.flags.has(Flags::seen);
            message.flags = flags;
            if (!seen_)
                return;
            set_seen(message.flags, was_seen);
            (flags.has(Flags::seen) ? added_ : removed_).add(message.uid);
        }

        void save(WriteTxn& txn)
        {
            if (!seen_)
                return;
            seen_->add(added_);
            seen_->remove(removed_);
            put_seen(txn, place_, viewer_, *seen_);
        }

    private:
        Place place_;
        AccountId viewer_;
        std::optional<UidSet> seen_;
        UidSet added_;
        UidSet removed_;
    };

    /// What the octets of messages with \Deleted change by. Their sizes are no flags: they are read
    /// only when there are such messages.
    class DeletedOctets {
    public:
        void note(Uid uid, Flags const& before, Flags const& after)
        {
            if (before.has(Flags::deleted) != after.has(Flags::deleted))
                (after.has(Flags::deleted) ? more_ : less_).add(uid);
        }

        /// To be added; wraps when they are less.
        std::uint64_t difference(ReadTxn const& txn, Place place) const
        {
            return octets_of(txn, place, more_) - octets_of(txn, place, less_);
        }

    private:
        static std::uint64_t octets_of(ReadTxn const& txn, Place place, UidSet const& uids)
        {
            std::uint64_t octets = 0;
            scan_messages(txn, place.account, place.mailbox, uids, Columns::all,
                [&](HotRecord const& message) {
                    octets += message.size;
                    return true;
                });
            return octets;
        }

        UidSet more_;
        UidSet less_;
    };

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
    auto const makes_keywords = !removes && change.may_change.keywords;
    auto const keywords = resolve_keywords(
        *mailbox, change.keywords, makes_keywords ? MissingKeywords::add : MissingKeywords::ignore);
    if (!keywords)
        return keywords.error();
    Flags const given { .system = change.system, .keywords = keywords->bits };

    PrivateSeen seen(txn, { account, id }, change.viewer);
    FlagsStored stored { .mod_seq = record->mod_seq };
    ModSeq const next { record->mod_seq.value + 1 };
    DeletedOctets deleted;
    change_flags(txn, account, id, uids, [&](HotRecord& message) {
        if (change.unchanged_since && message.mod_seq > *change.unchanged_since) {
            stored.modified.add(message.uid);
            return false;
        }
        stored.present.add(message.uid);
        auto const shown = seen.shown(message);
        auto const flags = apply(shown, change, given);
        if (flags == shown)
            return false;
        stored.changed.add(message.uid);
        auto const before = message.flags;
        count_flags(*mailbox, before, -1);
        seen.take(message, flags);
        count_flags(*mailbox, message.flags, +1);
        deleted.note(message.uid, before, message.flags);
        message.mod_seq = next;
        return true;
    });
    if (stored.changed.empty())
        return stored; // also keywords that no message got are forgotten
    seen.save(txn);
    mailbox->deleted_octets += deleted.difference(txn, { account, id });
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
