// A mailbox as a session sees it: the one place that turns UIDs into sequence numbers and decides
// which EXISTS, EXPUNGE and FETCH may be told and when (RFC 9051 §7, RFC 2180).
#pragma once

#include "protocol/session/hub.h"
#include "protocol/session/uid_map.h"
#include "storage/changes.h"
#include "storage/mailboxes.h"
#include "storage/messages.h"

#include <memory>
#include <vector>

namespace mail::session {

class Session;

/// Whether a refresh may take messages out of the numbering (RFC 9051 §7.5.1).
enum class Expunges { allowed, held_back };

/// What a refresh found, in the order in which it is told: expunges, EXISTS and RECENT, FLAGS,
/// FETCH.
struct Refresh {
    std::vector<SeqNum> expunged; ///< ready for EXPUNGE lines one after the other: each in the
                                  ///< numbering that the line before it left
    UidSet expunged_uids; ///< the same, for VANISHED
    bool exists_changed = false; ///< tell count() and recent_count()
    bool keywords_changed = false; ///< tell FLAGS and PERMANENTFLAGS: mailbox().keywords grew
    std::vector<storage::HotRecord>
        flags; ///< messages whose flags changed, not by this session itself; ascending
    bool gone = false; ///< the mailbox was deleted
    bool empty() const
    {
        return expunged.empty() && !exists_changed && !keywords_changed && flags.empty() && !gone;
    }
};

class SelectedMailbox {
public:
    enum class Access { read_write, read_only };

    /// Opens a view of the mailbox's present state and begins to watch it. not_found.
    static storage::Result<std::unique_ptr<SelectedMailbox>> open(
        Session& session, std::string_view name, Access access);
    ~SelectedMailbox();

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
    storage::ModSeq mod_seq() const { return mod_seq_; } ///< up to which this session was told
    storage::ModSeq highest_mod_seq() const { return mailbox_.highest_mod_seq; }

    /// A cheap check, no transaction: may there be news?
    bool has_news() const { return bell_->is_rung() || !withheld_.empty(); }

    /// Brings the view up to date. What it returns must be told to the client at once, in order.
    Refresh refresh(Expunges expunges);

    /// This session told (or was asked to keep silent about) the flags of the messages that its own
    /// command changed under `mod_seq`: the next refresh leaves them out.
    void told_flags(storage::ModSeq mod_seq);

    Bell& bell() { return *bell_; }

private:
    SelectedMailbox(Session& session, storage::Mailbox mailbox, Access access);
    void take_recent();
    void share_map();
    Hub::Place place() const;

    Session& session_;
    storage::Mailbox mailbox_;
    Access access_;
    std::shared_ptr<UidMap const> map_;
    storage::ModSeq mod_seq_; ///< changes up to here are in map_ or in withheld_
    UidSet withheld_; ///< expunged, and not told yet
    UidSet recent_;
    std::vector<storage::ModSeq> told_; ///< own changes of flags that a refresh has not passed yet
    std::shared_ptr<Bell> bell_;
    Hub::Watch watch_;
};

} // namespace mail::session
