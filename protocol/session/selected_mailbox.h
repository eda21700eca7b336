// A mailbox as a session sees it: the one place that turns UIDs into sequence numbers and decides
// which EXISTS, EXPUNGE and FETCH may be told and when (RFC 9051 §7, RFC 2180).
#pragma once

#include "protocol/session/hub.h"
#include "protocol/session/namespaces.h"
#include "protocol/session/session.h"
#include "protocol/session/uid_map.h"
#include "storage/changes.h"
#include "storage/mailbox_view.h"
#include "storage/mailboxes.h"
#include "storage/messages.h"

#include <memory>
#include <vector>

namespace mail::session {

/// Whether a refresh may take messages out of the numbering (RFC 9051 §7.5.1).
enum class Expunges { allowed, held_back };

/// What a client wants to be told of (RFC 5465 §5); all of it where it does not say. Expunges of
/// its own it is told in any case.
struct Interest {
    bool appended = true;
    bool expunged = true;
    bool flags = true;
    static constexpr Interest none() { return { false, false, false }; }
};

/// Changes that a client is not told yet, or not at all while it does not want to be.
struct HeldChanges {
    UidSet uids;
    storage::ModSeq from; ///< of the first of them, or less

    bool empty() const { return uids.empty(); }
    void add(UidSet const& more, storage::ModSeq first)
    {
        if (!more.empty() && uids.empty())
            from = first;
        uids.add(more);
    }
    void remove(UidSet const& others) { uids.remove(others); }
};

/// What a refresh found, in the order in which it is told: expunges, EXISTS and RECENT, FLAGS,
/// FETCH.
struct Refresh {
    std::vector<SeqNum> expunged; ///< ready for EXPUNGE lines one after the other: each in the
                                  ///< numbering that the line before it left
    UidSet expunged_uids; ///< the same, for VANISHED
    bool exists_changed = false; ///< tell count() and recent_count()
    bool keywords_changed = false; ///< tell FLAGS and PERMANENTFLAGS: mailbox().keywords grew
    bool rights_changed = false; ///< tell FLAGS and PERMANENTFLAGS (RFC 4314 §5.1.1)
    std::vector<storage::HotRecord>
        flags; ///< messages whose flags changed, not by this session itself; ascending
    UidSet appended; ///< new in the numbering
    UidSet arrived; ///< those of them that this session did not put there itself
    UidSet changed; ///< messages whose flags changed, by this session too
    bool url_key_changed = false; ///< the user replaced their key of the mailbox (RFC 4467)
    bool gone = false; ///< the mailbox was deleted, or may not be read any more
    bool empty() const
    {
        return expunged.empty() && !exists_changed && !keywords_changed && !rights_changed
            && flags.empty() && !url_key_changed && !gone;
    }
};

class SelectedMailbox {
public:
    enum class Access { read_write, read_only };

    /// Opens a view of the mailbox's present state and begins to watch it. not_found, denied.
    static storage::Result<std::unique_ptr<SelectedMailbox>> open(
        Session& session, Located const& located, Access access);
    ~SelectedMailbox();

    storage::Account const& owner() const { return owner_; } ///< whose mailbox it is
    storage::Place place() const { return place_; }
    /// Its messages as this session's user sees them: storage::MailboxView view(txn, viewpoint()).
    storage::Viewpoint viewpoint() const;
    storage::Rights rights() const { return rights_; } ///< as of the last check_rights or refresh
    bool may(storage::Rights rights) const { return rights_.has(rights); }
    /// Learns of rights that were given or taken since. False: the mailbox may not be read any
    /// more; refresh() says so, too. Costs a look-up when something changed in somebody else's
    /// mailbox.
    bool check_rights();
    /// f(ReadTxn const&) in the volume of the mailbox.
    template <class F> auto read(F&& f);

    storage::Mailbox const& mailbox() const
    {
        return mailbox_;
    } ///< counters as of the last refresh
    Access access() const { return access_; }
    std::uint32_t count() const { return map_->count(); }
    std::uint32_t recent_count() const;
    bool is_recent(Uid uid) const
    {
        return recent_.contains(uid);
    } ///< \Recent for this session (RFC 3501 §2.3.2)
    UidMap const& map() const { return *map_; }
    std::shared_ptr<UidMap const> shared_map() const { return map_; }
    UidSet const& recent() const { return recent_; }
    /// Expunged messages that are still in the map, because they may not be told yet.
    UidSet const& withheld() const { return withheld_.uids; }

    /// The search result variable (RFC 5182): messages that a SEARCH saved. It may name some that
    /// were expunged since and are in the map no more.
    UidSet const& saved() const { return saved_; }
    void save(UidSet uids) { saved_ = std::move(uids); }

    storage::ModSeq mod_seq() const { return mod_seq_; } ///< up to which this session was told
    /// The mailbox's HIGHESTMODSEQ, or less: whoever was told all that this session was told, and
    /// asks for what is later, misses nothing (RFC 7162 §6).
    storage::ModSeq safe_mod_seq() const;
    /// There are changes that the client is not told yet, such as expunges while a command runs
    /// that does not allow them (RFC 9051 §7.5.1).
    bool withholds() const
    {
        return !withheld_.empty() || !unshown_.empty() || !unshown_flags_.empty();
    }

    /// A cheap check, no transaction: may there be news?
    bool has_news() const { return bell_->is_rung() || withholds() || shown_mod_seq_ > mod_seq_; }
    /// The client is shown this MODSEQ: before its command ends it must be told of what is older.
    void show(storage::ModSeq mod_seq) { shown_mod_seq_ = std::max(shown_mod_seq_, mod_seq); }

    /// Brings the view up to date. What it returns must be told to the client at once, in order.
    Refresh refresh(Expunges expunges, Interest const& interest = {});

    /// This session told (or was asked to keep silent about) the flags of the messages that its own
    /// command changed under `mod_seq`: the next refresh leaves them out.
    void told_flags(storage::ModSeq mod_seq);

    Bell& bell() { return *bell_; }

private:
    SelectedMailbox(Session& session, Located const& located, Access access);
    bool claims_recent() const;
    std::size_t hash_of_url_key(storage::ReadTxn const& txn) const;
    void take_recent();
    void share_map();
    struct News;
    News read_log(storage::ReadTxn const& txn) const;
    News compare(storage::ReadTxn const& txn) const;
    void take_news(News& news);
    UidSet take_expunged(Expunges expunges, Interest const& interest);
    bool has_all() const { return withheld_.empty() && unshown_.empty(); }

    Session& session_;
    storage::Account owner_;
    storage::AccountId viewer_;
    storage::Place place_;
    storage::Mailbox mailbox_;
    storage::Rights rights_;
    storage::Rights told_rights_; ///< those that the client's PERMANENTFLAGS are of
    Access access_;
    std::shared_ptr<UidMap const> map_;
    storage::ModSeq mod_seq_; ///< changes up to here are in map_ or in what follows
    storage::ModSeq shown_mod_seq_;
    HeldChanges withheld_; ///< expunged, and still in map_
    UidSet own_expunged_; ///< those of them that this session expunged itself
    HeldChanges unshown_; ///< appended, and not in map_
    UidSet own_appended_; ///< those of them that this session appended itself
    HeldChanges unshown_flags_; ///< flags changed by others
    UidSet recent_;
    UidSet saved_;
    std::size_t url_key_ = 0; ///< a hash of the user's key; 0: there was none
    std::vector<storage::ModSeq> told_; ///< own changes of flags that a refresh has not passed yet
    std::shared_ptr<Bell> bell_;
    Hub::Watch watch_;
};

template <class F> auto SelectedMailbox::read(F&& f)
{
    return session_.read_at(owner_, std::forward<F>(f));
}

} // namespace mail::session
