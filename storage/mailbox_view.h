// A mailbox as one account sees it: its messages, with that account's \Seen. Whoever reads messages
// for a client reads them through this.
#pragma once

#include "storage/mailboxes.h"
#include "storage/messages.h"
#include "storage/seen.h"

#include <optional>

namespace mail::storage {

/// Whose eyes look at which mailbox.
struct Viewpoint {
    Place place {};
    AccountId viewer {}; ///< whose \Seen is shown
    bool is_owner() const { return viewer == place.account; }
    bool operator==(Viewpoint const&) const = default;
};

/// Dies with the transaction. The functions are those of messages.h.
class MailboxView {
public:
    MailboxView(ReadTxn const& txn, Viewpoint const& from)
        : txn_(txn)
        , place_(from.place)
    {
        if (!from.is_owner())
            seen_ = seen_by(txn, from.place, from.viewer);
    }

    /// Calls each(HotRecord const&) for messages in `range`, ascending, until it returns false.
    template <class Each> void scan(UidRange range, Columns columns, Each each) const
    {
        if (!seen_)
            return scan_messages(
                txn_, place_.account, place_.mailbox, range, columns, std::cref(each));
        scan_messages(txn_, place_.account, place_.mailbox, range, columns,
            [&](HotRecord const& hot) { return each(seen_through(hot)); });
    }
    /// Likewise for the messages in `uids`.
    template <class Each> void scan(UidSet const& uids, Columns columns, Each each) const
    {
        scan_messages(txn_, place_.account, place_.mailbox, uids, columns,
            [&](HotRecord const& hot) { return each(seen_ ? seen_through(hot) : hot); });
    }
    /// Calls each(HotRecord const&, ColdRecord const&).
    template <class Each> void scan_with_cold(UidRange range, Each each) const
    {
        if (!seen_)
            return storage::scan_with_cold(
                txn_, place_.account, place_.mailbox, range, std::cref(each));
        storage::scan_with_cold(txn_, place_.account, place_.mailbox, range,
            [&](HotRecord const& hot, ColdRecord const& cold) {
                return each(seen_through(hot), cold);
            });
    }
    Result<HotRecord> get(Uid uid) const
    {
        return through(get_message(txn_, place_.account, place_.mailbox, uid));
    }
    Result<HotRecord> get_kept(Uid uid) const ///< also what is expunged and still kept
    {
        return through(get_kept_message(txn_, place_.account, place_.mailbox, uid));
    }
    Result<ColdRecord> get_cold(Uid uid) const
    {
        return storage::get_cold(txn_, place_.account, place_.mailbox, uid);
    }
    Result<Mailbox> mailbox() const { return get_mailbox(txn_, place_.account, place_.mailbox); }

    /// How many of the mailbox's messages this account has not \Seen.
    std::uint32_t unseen(Mailbox const& mailbox) const
    {
        return seen_ ? mailbox.messages - static_cast<std::uint32_t>(seen_->count())
                     : mailbox.unseen;
    }

private:
    HotRecord seen_through(HotRecord hot) const
    {
        auto const others = hot.flags.system & ~unsigned { Flags::seen };
        hot.flags.system = static_cast<std::uint8_t>(
            others | (seen_->contains(hot.uid) ? unsigned { Flags::seen } : 0U));
        return hot;
    }
    Result<HotRecord> through(Result<HotRecord> const& hot) const
    {
        return hot && seen_ ? seen_through(*hot) : hot;
    }

    ReadTxn const& txn_;
    Place place_;
    std::optional<UidSet> seen_; ///< of a viewer who is not the owner
};

} // namespace mail::storage
