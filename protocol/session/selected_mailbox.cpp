// From the change log to what a session may be told.
#include "protocol/session/selected_mailbox.h"

#include "protocol/session/session.h"
#include "storage/url_keys.h"

#include <algorithm>

namespace mail::session {

/// What happened in one mailbox between two looks at it.
struct SelectedMailbox::News {
    HeldChanges appended, expunged;
    HeldChanges flags; ///< by others
    UidSet own_appended, own_expunged;
    UidSet all_flags; ///< also by this session
    bool rights_changed = false;
    bool url_key_changed = false; ///< somebody's
};

namespace {

    /// Messages of many changes, of which each is added in no time.
    class Gathered {
    public:
        void add(storage::Change const& change)
        {
            if (ranges_.empty())
                from_ = change.mod_seq;
            auto const more = change.uids.ranges();
            ranges_.insert(ranges_.end(), more.begin(), more.end());
        }
        HeldChanges take() { return { storage::set_of(std::move(ranges_)), from_ }; }

    private:
        std::vector<UidRange> ranges_;
        storage::ModSeq from_ {};
    };

} // namespace

/// From the change log.
SelectedMailbox::News SelectedMailbox::read_log(storage::ReadTxn const& txn) const
{
    News news;
    Gathered appended, own_appended, expunged, own_expunged, flags, all_flags;
    auto const& own = session_.own_changes();
    storage::changes_since(txn, place_.account, mod_seq_, [&](storage::Change const& change) {
        if (change.mailbox != place_.mailbox)
            return true;
        switch (change.kind) {
        case storage::Change::Kind::appended:
            appended.add(change);
            if (own.has(place_.account, change.mod_seq))
                own_appended.add(change);
            break;
        case storage::Change::Kind::expunged:
            expunged.add(change);
            if (own.has(place_.account, change.mod_seq))
                own_expunged.add(change);
            break;
        case storage::Change::Kind::flags:
            all_flags.add(change);
            if (!std::ranges::binary_search(told_, change.mod_seq))
                flags.add(change);
            break;
        case storage::Change::Kind::acl:
            news.rights_changed = true;
            break;
        case storage::Change::Kind::url_key:
            news.url_key_changed = true;
            break;
        default:
            break;
        }
        return true;
    });
    news.appended = appended.take();
    news.own_appended = own_appended.take().uids;
    news.expunged = expunged.take();
    news.own_expunged = own_expunged.take().uids;
    news.flags = flags.take();
    news.all_flags = all_flags.take().uids;
    return news;
}

/// The same, when the log no longer reaches back: the mailbox as it is, against what the session
/// knows.
SelectedMailbox::News SelectedMailbox::compare(storage::ReadTxn const& txn) const
{
    News news;
    news.rights_changed = true;
    news.url_key_changed = true;
    storage::ModSeq const from { mod_seq_.value + 1 };
    UidSet present;
    UidSet changed;
    storage::scan_messages(txn, place_.account, place_.mailbox, storage::all_uids,
        storage::Columns::flags, [&](storage::HotRecord const& hot) {
            present.add(hot.uid);
            if (hot.mod_seq > mod_seq_)
                changed.add(hot.uid);
            return true;
        });
    news.flags.add(changed, from);
    auto known = map_->uids();
    known.add(unshown_.uids);
    news.all_flags = news.flags.uids;
    news.appended.add(present, from);
    news.appended.remove(known);
    news.expunged.add(known, from);
    news.expunged.remove(present);
    return news;
}

namespace {

    UidSet uids_in(storage::ReadTxn const& txn, Hub::Place place, storage::Mailbox const& mailbox)
    {
        // Nothing was ever expunged: the common case of a new mailbox, and no scan.
        if (mailbox.messages != 0 && mailbox.messages == mailbox.uid_next.value - 1)
            return UidSet(UidRange { Uid { 1 }, Uid { mailbox.messages } });
        return storage::list_uids(txn, place.account, place.mailbox);
    }

    /// Writes down what sessions were told of as \Recent. Nobody waits for it: should it be lost,
    /// those messages are \Recent once more.
    class RecentMark final : public storage::WriteJob {
    public:
        /// The watch goes on until the mark is written: the hub knows till then what was claimed.
        RecentMark(Hub::Place place, Uid uid, Hub::Watch watch)
            : place_(place)
            , uid_(uid)
            , watch_(std::move(watch))
        {
        }
        storage::Result<void> run(storage::WriteTxn& txn) override
        {
            return storage::claim_recent(txn, place_.account, place_.mailbox, uid_);
        }
        void done(storage::Result<void>, std::exception_ptr) noexcept override { delete this; }

    private:
        Hub::Place place_;
        Uid uid_;
        Hub::Watch watch_;
    };

} // namespace

storage::Result<std::unique_ptr<SelectedMailbox>> SelectedMailbox::open(
    Session& session, Located const& located, Access access)
{
    // The watch begins before the snapshot, so that no change falls between them.
    std::unique_ptr<SelectedMailbox> selected(new SelectedMailbox(session, located, access));
    auto const place = selected->place();
    auto const opened = selected->read([&](storage::ReadTxn const& txn) -> storage::Result<void> {
        storage::MailboxView const view(txn, selected->viewpoint());
        auto mailbox = view.mailbox();
        if (!mailbox)
            return mailbox.error();
        mailbox->unseen = view.unseen(*mailbox);
        selected->mailbox_ = std::move(*mailbox);
        selected->rights_ = selected->told_rights_ = session.rights_at(txn, place);
        if (!selected->may(storage::Right::read)) // it was taken a moment ago
            return storage::Errc::denied;
        selected->mod_seq_ = storage::highest_mod_seq(txn, place.account);
        selected->url_key_ = selected->hash_of_url_key(txn);
        auto const& now = selected->mailbox_;
        selected->map_ = session.hub().find_map(place, now.uid_next, now.messages);
        if (!selected->map_)
            selected->map_ = std::make_shared<UidMap const>(uids_in(txn, place, now));
        return {};
    });
    if (!opened)
        return opened.error();
    selected->share_map();
    session.hub().views().keep_map(place, selected->mailbox_.uid_next, selected->map_);
    selected->take_recent();
    return selected;
}

SelectedMailbox::SelectedMailbox(Session& session, Located const& located, Access access)
    : session_(session)
    , owner_(located.account)
    , viewer_(session.account().id)
    , place_(located.place())
    , rights_(located.rights)
    , told_rights_(located.rights)
    , access_(access)
    , map_(std::make_shared<UidMap const>())
    , bell_(std::make_shared<Bell>(session.stream()))
    , watch_(session.hub(), place_, bell_)
{
}

SelectedMailbox::~SelectedMailbox()
{
    bell_->arm(false);
    bell_->detach();
    if (claims_recent()) {
        auto const claimed = session_.hub().recent_from(place(), mailbox_.recent_from);
        if (claimed > mailbox_.recent_from)
            session_.volume_of(owner_).submit(*new RecentMark(place(), claimed, std::move(watch_)));
    }
}

storage::Viewpoint SelectedMailbox::viewpoint() const { return { place(), viewer_ }; }

bool SelectedMailbox::check_rights()
{
    // A change of the list rings the bell, as each change of the mailbox does.
    if (!viewpoint().is_owner() && bell_->is_rung())
        rights_
            = read([&](storage::ReadTxn const& txn) { return session_.rights_at(txn, place()); });
    return may(storage::Right::read);
}

/// \Recent is told to the mailbox's own account alone: others must not take it away.
bool SelectedMailbox::claims_recent() const
{
    return access_ == Access::read_write && viewpoint().is_owner();
}

std::size_t SelectedMailbox::hash_of_url_key(storage::ReadTxn const& txn) const
{
    auto const key = storage::read_url_key(txn, place(), viewer_);
    return key ? std::hash<std::string> {}(*key) : 0;
}

void SelectedMailbox::share_map()
{
    // With something held back the map is this session's own.
    if (has_all() && map_->count() == mailbox_.messages)
        session_.hub().share_map(place(), mailbox_.uid_next, map_);
}

void SelectedMailbox::take_recent()
{
    if (!viewpoint().is_owner())
        return;
    auto& hub = session_.hub();
    auto const from = claims_recent()
        ? hub.claim_recent(place(), mailbox_.recent_from, mailbox_.uid_next)
        : hub.recent_from(place(), mailbox_.recent_from);
    if (from < mailbox_.uid_next)
        recent_.add(map_->present(
            UidSet(UidRange { std::max(from, Uid { 1 }), Uid { mailbox_.uid_next.value - 1 } })));
}

std::uint32_t SelectedMailbox::recent_count() const
{
    return static_cast<std::uint32_t>(recent_.count());
}

storage::ModSeq SelectedMailbox::safe_mod_seq() const
{
    auto safe = mailbox_.highest_mod_seq;
    for (auto const* held : { &withheld_, &unshown_, &unshown_flags_ })
        if (!held->empty())
            safe.value = std::min(safe.value, held->from.value - 1);
    return safe;
}

void SelectedMailbox::told_flags(storage::ModSeq mod_seq)
{
    // Almost always the newest; a session has one command at a time, so the list stays short.
    told_.insert(std::ranges::upper_bound(told_, mod_seq), mod_seq);
}

/// Puts what happened to what is not told yet.
void SelectedMailbox::take_news(News& news)
{
    // What came and went between two looks was never in this session's numbering.
    unshown_.remove(news.expunged.uids);
    news.appended.remove(news.expunged.uids);
    news.appended.remove(map_->present(news.appended.uids));
    unshown_.add(news.appended.uids, news.appended.from);
    own_appended_.add(news.own_appended);
    withheld_.add(map_->present(news.expunged.uids), news.expunged.from);
    own_expunged_.add(map_->present(news.own_expunged));
    unshown_flags_.add(map_->present(news.flags.uids), news.flags.from);
}

/// Those of the expunged messages that leave the numbering now.
UidSet SelectedMailbox::take_expunged(Expunges expunges, Interest const& interest)
{
    UidSet taken;
    if (expunges == Expunges::held_back)
        return taken;
    taken = interest.expunged ? withheld_.uids : own_expunged_;
    withheld_.remove(taken);
    unshown_flags_.remove(taken); // of what is gone nothing is left to be told
    own_expunged_ = {};
    return taken;
}

Refresh SelectedMailbox::refresh(Expunges expunges, Interest const& interest)
{
    bell_->take(); // before the snapshot: a ring that comes now is for the next refresh
    Refresh refresh;
    read([&](storage::ReadTxn const& txn) {
        storage::MailboxView const view(txn, viewpoint());
        auto mailbox = view.mailbox();
        if (!mailbox) {
            refresh.gone = true;
            return;
        }
        mailbox->unseen = view.unseen(*mailbox);
        refresh.keywords_changed = mailbox->keywords.size() != mailbox_.keywords.size();
        auto const in_log = mod_seq_ >= storage::change_log_floor(txn, place().account);
        auto news = in_log ? read_log(txn) : compare(txn);
        if (news.rights_changed) {
            rights_ = session_.rights_at(txn, place());
            refresh.gone = !may(storage::Right::read);
        }
        if (news.url_key_changed) {
            auto const before = std::exchange(url_key_, hash_of_url_key(txn));
            refresh.url_key_changed = url_key_ != before;
        }
        refresh.rights_changed = rights_ != told_rights_;
        told_rights_ = rights_;
        mailbox_ = std::move(*mailbox);
        mod_seq_ = storage::highest_mod_seq(txn, place().account);

        refresh.changed = map_->present(news.all_flags);
        take_news(news);
        if (interest.flags) {
            refresh.flags.reserve(unshown_flags_.uids.count());
            view.scan(
                unshown_flags_.uids, storage::Columns::flags, [&](storage::HotRecord const& hot) {
                    refresh.flags.push_back(hot);
                    return true;
                });
            unshown_flags_ = {};
        }

        auto removed = take_expunged(expunges, interest);
        std::uint32_t gone_before = 0;
        removed.for_each([&](Uid uid) {
            refresh.expunged.push_back(SeqNum { map_->seq_of(uid)->value - gone_before });
            ++gone_before;
        });
        recent_.remove(removed);
        if (interest.appended) {
            refresh.appended = std::exchange(unshown_, {}).uids;
            refresh.arrived = refresh.appended;
            refresh.arrived.remove(own_appended_);
            own_appended_ = {};
        }
        refresh.exists_changed = !refresh.appended.empty();
        if (!removed.empty() || refresh.exists_changed) {
            auto shared = has_all()
                ? session_.hub().find_map(place(), mailbox_.uid_next, mailbox_.messages)
                : nullptr;
            map_ = shared ? std::move(shared) : map_->with(refresh.appended, removed);
        }
        refresh.expunged_uids = std::move(removed);
    });
    if (refresh.gone)
        return refresh;
    share_map();
    if (refresh.exists_changed)
        take_recent();
    std::erase_if(told_, [&](storage::ModSeq told) { return told <= mod_seq_; });
    return refresh;
}

} // namespace mail::session
