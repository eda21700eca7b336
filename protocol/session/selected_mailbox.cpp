// From the change log to what a session may be told.
#include "protocol/session/selected_mailbox.h"

#include "protocol/session/session.h"

#include <algorithm>

namespace mail::session {
namespace {

    /// What happened in one mailbox between two looks at it.
    struct News {
        UidSet appended, expunged;
        storage::ModSeq first_expunge; ///< or less
        UidSet flags; ///< by others
        UidSet all_flags; ///< and by this session
        bool rights_changed = false;
    };

    News read_log(storage::ReadTxn const& txn, Hub::Place place, storage::ModSeq since,
        std::vector<storage::ModSeq> const& told)
    {
        News news;
        storage::changes_since(txn, place.account, since, [&](storage::Change const& change) {
            if (change.mailbox != place.mailbox)
                return true;
            switch (change.kind) {
            case storage::Change::Kind::appended:
                news.appended.add(change.uids);
                break;
            case storage::Change::Kind::expunged:
                if (news.expunged.empty())
                    news.first_expunge = change.mod_seq;
                news.expunged.add(change.uids);
                break;
            case storage::Change::Kind::flags:
                news.all_flags.add(change.uids);
                if (!std::ranges::binary_search(told, change.mod_seq))
                    news.flags.add(change.uids);
                break;
            case storage::Change::Kind::acl:
                news.rights_changed = true;
                break;
            default:
                break;
            }
            return true;
        });
        return news;
    }

    /// The same, when the log no longer reaches back: the mailbox as it is, against what the
    /// session knows.
    News compare(
        storage::ReadTxn const& txn, Hub::Place place, storage::ModSeq since, UidMap const& known)
    {
        News news;
        news.rights_changed = true;
        news.first_expunge.value = since.value + 1;
        UidSet present;
        storage::scan_messages(txn, place.account, place.mailbox, storage::all_uids,
            [&](storage::HotRecord const& hot) {
                present.add(hot.uid);
                if (hot.mod_seq > since)
                    news.flags.add(hot.uid);
                return true;
            });
        news.all_flags = news.flags;
        news.appended = present;
        for (auto const& range : known.uids().ranges())
            news.appended.remove(range);
        news.expunged = known.uids();
        for (auto const& range : present.ranges())
            news.expunged.remove(range);
        return news;
    }

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

void SelectedMailbox::share_map()
{
    // With something withheld the map is this session's own.
    if (withheld_.empty() && map_->count() == mailbox_.messages)
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
    if (withheld_.empty())
        return mailbox_.highest_mod_seq;
    return storage::ModSeq { withheld_from_.value - 1 };
}

void SelectedMailbox::told_flags(storage::ModSeq mod_seq)
{
    // Almost always the newest; a session has one command at a time, so the list stays short.
    told_.insert(std::ranges::upper_bound(told_, mod_seq), mod_seq);
}

Refresh SelectedMailbox::refresh(Expunges expunges)
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
        auto news = in_log ? read_log(txn, place(), mod_seq_, told_)
                           : compare(txn, place(), mod_seq_, *map_);
        if (news.rights_changed) {
            rights_ = session_.rights_at(txn, place());
            refresh.gone = !may(storage::Right::read);
        }
        refresh.rights_changed = rights_ != told_rights_;
        told_rights_ = rights_;
        mailbox_ = std::move(*mailbox);
        mod_seq_ = storage::highest_mod_seq(txn, place().account);

        // What came and went between two looks was never in this session's numbering.
        for (auto const& range : news.expunged.ranges())
            news.appended.remove(range);
        auto const known_already = map_->present(news.appended);
        for (auto const& range : known_already.ranges())
            news.appended.remove(range);
        auto const expunged = map_->present(news.expunged);
        if (withheld_.empty())
            withheld_from_ = news.first_expunge;
        withheld_.add(expunged);

        refresh.changed = map_->present(news.all_flags);
        auto const told_of = map_->present(news.flags);
        for (auto const& range : told_of.ranges())
            view.scan(range, [&](storage::HotRecord const& hot) {
                refresh.flags.push_back(hot);
                return true;
            });

        UidSet removed;
        if (expunges == Expunges::allowed)
            removed = std::exchange(withheld_, {});
        std::uint32_t gone_before = 0;
        removed.for_each([&](Uid uid) {
            refresh.expunged.push_back(SeqNum { map_->seq_of(uid)->value - gone_before });
            ++gone_before;
        });
        for (auto const& range : removed.ranges())
            recent_.remove(range);
        refresh.exists_changed = !news.appended.empty();
        if (!removed.empty() || refresh.exists_changed) {
            auto shared = withheld_.empty()
                ? session_.hub().find_map(place(), mailbox_.uid_next, mailbox_.messages)
                : nullptr;
            map_ = shared ? std::move(shared) : map_->with(news.appended, removed);
        }
        refresh.appended = std::move(news.appended);
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
