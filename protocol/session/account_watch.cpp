// The change log of an account, gathered by mailbox.
#include "protocol/session/account_watch.h"

#include "protocol/session/session.h"
#include "storage/changes.h"
#include "storage/mailboxes.h"

#include <set>
#include <unordered_map>

namespace mail::session {
namespace {

    using storage::Change;

    constexpr std::size_t changes_at_once = 2000; ///< about a millisecond

    template <class F> void for_each_level_above(std::string_view name, F f)
    {
        for (auto end = name.rfind(storage::hierarchy_delimiter);
             end != std::string_view::npos && end != 0;
             end = name.rfind(storage::hierarchy_delimiter, end - 1))
            f(name.substr(0, end));
    }

    class Gathering {
    public:
        explicit Gathering(AccountNews& news)
            : news_(news)
        {
        }

        void add(Change const& change)
        {
            switch (change.kind) {
            case Change::Kind::appended:
                of(change).appended = true;
                break;
            case Change::Kind::flags:
                of(change).flags = true;
                break;
            case Change::Kind::expunged:
                of(change).expunged = true;
                break;
            case Change::Kind::mailbox_created:
                of(change).is_new = of(change).names_changed = true;
                break;
            case Change::Kind::mailbox_renamed:
                renames_.push_back({ place_of(change), change.mod_seq, change.name });
                // Who renames INBOX makes a mailbox of it (RFC 5465 §5.4): INBOX by another name.
                if (change.name == "INBOX")
                    of(change).is_new = false;
                [[fallthrough]];
            case Change::Kind::mailbox_deleted:
                of(change).names_changed = true;
                if (of(change).name_before.empty())
                    of(change).name_before = change.name;
                break;
            case Change::Kind::subscription:
                news_.subscriptions.push_back(change.name);
                break;
            case Change::Kind::acl:
                of(change).names_changed = true;
                break;
            case Change::Kind::metadata:
                if (change.mailbox == storage::MailboxId {})
                    news_.annotated = true;
                else
                    of(change).annotated = true;
                break;
            case Change::Kind::mailbox_changed:
            case Change::Kind::url_key:
                break;
            }
        }

        /// Tells apart who was renamed and who was below one that was.
        void find_parents()
        {
            std::set<std::pair<storage::ModSeq, std::string_view>> names;
            for (auto const& rename : renames_) {
                names.emplace(rename.mod_seq, rename.name);
                news_.mailboxes[rename.place].with_parent = true;
            }
            for (auto const& rename : renames_) {
                bool is_below = false;
                for_each_level_above(rename.name, [&](std::string_view level) {
                    is_below = is_below || names.contains({ rename.mod_seq, level });
                });
                if (!is_below)
                    news_.mailboxes[rename.place].with_parent = false;
            }
        }

    private:
        struct Rename {
            std::size_t place; ///< in news_.mailboxes
            storage::ModSeq mod_seq;
            std::string name; ///< before
        };

        std::size_t place_of(Change const& change)
        {
            auto const [place, is_first]
                = places_.try_emplace(change.mailbox, news_.mailboxes.size());
            if (is_first)
                news_.mailboxes.push_back({ .id = change.mailbox });
            return place->second;
        }
        MailboxNews& of(Change const& change) { return news_.mailboxes[place_of(change)]; }

        AccountNews& news_;
        std::unordered_map<storage::MailboxId, std::size_t> places_;
        std::vector<Rename> renames_;
    };

} // namespace

AccountWatch::AccountWatch(
    Session& session, storage::Account owner, std::shared_ptr<Bell> const& bell)
    : session_(session)
    , owner_(std::move(owner))
    , watch_(session.hub(), { owner_.id, {} }, bell)
{
    learn_rights();
}

void AccountWatch::learn_rights()
{
    session_.read_at(owner_, [&](storage::ReadTxn const& txn) {
        seen_ = storage::highest_mod_seq(txn, owner_.id);
        if (owner_.id == session_.account().id)
            return;
        for (auto const& [mailbox, acl] : storage::list_acls(txn, owner_.id))
            if (storage::get_mailbox(txn, owner_.id, mailbox)) // not deleted
                note_rights(mailbox, session_.rights_at(txn, { owner_.id, mailbox }));
    });
}

AccountNews AccountWatch::look(storage::ReadTxn const& txn)
{
    AccountNews news;
    news.since = seen_;
    auto const now = storage::highest_mod_seq(txn, owner_.id);
    news.is_lost = seen_ < storage::change_log_floor(txn, owner_.id);
    if (news.is_lost) {
        seen_ = now;
        return news;
    }
    Gathering gathering(news);
    std::size_t changes = 0;
    storage::changes_since(txn, owner_.id, seen_, [&](Change const& change) {
        if (change.mod_seq != seen_) {
            // What happened under one MODSEQ stays together.
            news.has_more = changes >= changes_at_once;
            if (news.has_more)
                return false;
        }
        seen_ = change.mod_seq;
        ++changes;
        if (!session_.own_changes().has(owner_.id, change.mod_seq))
            gathering.add(change);
        else if (change.kind == Change::Kind::acl || change.kind == Change::Kind::mailbox_created)
            note_rights(change.mailbox, session_.rights_at(txn, { owner_.id, change.mailbox }));
        return true;
    });
    gathering.find_parents();
    if (!news.has_more)
        seen_ = now;
    return news;
}

storage::Rights AccountWatch::rights_before(storage::MailboxId mailbox) const
{
    if (owner_.id == session_.account().id)
        return storage::Rights::all();
    auto const known = rights_.find(mailbox);
    return known == rights_.end() ? storage::Rights {} : known->second;
}

void AccountWatch::note_rights(storage::MailboxId mailbox, storage::Rights rights)
{
    if (owner_.id == session_.account().id)
        return;
    if (rights.has(storage::Right::lookup))
        rights_[mailbox] = rights;
    else
        rights_.erase(mailbox);
}

} // namespace mail::session
