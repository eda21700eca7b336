// From the change logs of accounts to STATUS, LIST and METADATA.
#include "protocol/imap/notifier.h"

#include "protocol/imap/context.h"
#include "protocol/imap/list_line.h"
#include "protocol/imap/status_items.h"
#include "protocol/imap/yield.h"
#include "protocol/session/name_tree.h"
#include "storage/mailbox_view.h"

#include <algorithm>
#include <unordered_map>

namespace mail::imap {
namespace {

    using Filter = MailboxFilter::Kind;
    using storage::Right;

    // What one session may watch of others; beyond it there would be much to do for each of their
    // changes.
    constexpr std::size_t max_accounts = 500;
    constexpr std::size_t max_visible = 20'000; ///< mailboxes of others

    constexpr std::size_t mailboxes_at_once = 500; ///< looked at in one transaction

    /// The name that stands for the level above; empty: there is none.
    std::string_view parent_of(std::string_view name)
    {
        auto const end = name.rfind(storage::hierarchy_delimiter);
        return end == std::string_view::npos ? std::string_view {} : name.substr(0, end);
    }

    /// Names to be told in LIST lines, each once.
    class ChangedNames {
    public:
        NameChange& add(std::string_view name)
        {
            auto const [place, is_first] = places_.try_emplace(std::string(name), names_.size());
            if (is_first)
                names_.push_back({ .name = std::string(name) });
            return names_[place->second];
        }
        bool empty() const { return names_.empty(); }
        std::vector<NameChange> const& names() const { return names_; }

    private:
        std::vector<NameChange> names_;
        std::unordered_map<std::string, std::size_t> places_;
    };

} // namespace

Notifier::Notifier(session::Session& session)
    : session_(session)
    , bell_(std::make_shared<session::Bell>(session.stream()))
{
    session.own_changes().keep(true);
}

Notifier::~Notifier()
{
    bell_->arm(false);
    bell_->detach();
}

session::Interest Notifier::interest() const
{
    auto interest = session::Interest::none();
    if (request_.selected) {
        auto const& events = request_.selected->events;
        interest.appended = events.has(NotifyEvent::message_new);
        interest.expunged = events.has(NotifyEvent::message_expunge);
        interest.flags = events.has(NotifyEvent::flag_change);
    }
    return interest;
}

FetchItems const* Notifier::new_message_items() const
{
    bool const any = request_.selected && !request_.selected->items.list.empty();
    return any ? &request_.selected->items : nullptr;
}

session::Expunges Notifier::expunges_between_commands() const
{
    bool const at_once = request_.selected && !request_.selected->is_delayed;
    return at_once ? session::Expunges::allowed : session::Expunges::held_back;
}

/// Whether one of the filters can take mailboxes of other accounts.
bool Notifier::watches_others() const
{
    return session_.settings().sharing.enabled
        && (request_.has_filter(Filter::subscribed) || request_.has_filter(Filter::subtree)
            || request_.has_filter(Filter::mailboxes));
}

/// Those whose mailboxes the filters can take: by a name that leads there, also when nothing is
/// there to be seen yet, and all that share something where a filter is about no account.
Result<std::vector<storage::Account>> Notifier::accounts() const
{
    std::vector<storage::Account> found { session_.account() };
    auto const add = [&](storage::Account const& account) {
        if (std::ranges::find(found, account.id, &storage::Account::id) == found.end())
            found.push_back(account);
    };
    if (watches_others()) {
        bool all = request_.has_filter(Filter::subscribed);
        for (auto const& group : request_.groups)
            for (auto const& name : group.filter.names) {
                auto const where = session_.interpret(name);
                if (where)
                    add(where->account);
                else if (group.filter.kind == Filter::subtree)
                    all = true; // above accounts
                all = all || name.empty();
            }
        if (all)
            for (auto const& account :
                session_.services().store.sharing_with(session_.identifiers()))
                add(account);
    }
    if (found.size() > max_accounts)
        return no("NOTIFICATIONOVERFLOW",
            "These are mailboxes of too many accounts; watch fewer of them");
    return found;
}

/// Watches the accounts that there are now; returns those that are new.
Result<std::vector<storage::Account>> Notifier::follow_accounts()
{
    auto wanted = accounts();
    if (!wanted)
        return wanted.error();
    std::erase_if(watches_, [&](auto const& watch) {
        return std::ranges::find(*wanted, watch->owner().id, &storage::Account::id)
            == wanted->end();
    });
    std::vector<storage::Account> fresh;
    for (auto const& account : *wanted) {
        bool const is_watched = std::ranges::any_of(
            watches_, [&](auto const& watch) { return watch->owner().id == account.id; });
        if (is_watched)
            continue;
        watches_.push_back(std::make_unique<session::AccountWatch>(session_, account, bell_));
        fresh.push_back(account);
    }
    std::size_t visible = 0;
    for (auto const& watch : watches_)
        visible += watch->visible_mailboxes();
    if (visible > max_visible)
        return no(
            "NOTIFICATIONOVERFLOW", "These are too many mailboxes of others; watch fewer of them");
    return fresh;
}

Result<void> Notifier::watch(NotifyRequest request)
{
    request_ = std::move(request);
    bool const any = std::ranges::any_of(
        request_.groups, [](NotifyGroup const& group) { return group.events.any(); });
    listens_ = any || (request_.selected && request_.selected->events.any());
    if (!any)
        return {};
    if (watches_others())
        sharing_ = session::Hub::Watch(session_.hub(), {}, bell_);
    auto const followed = follow_accounts();
    if (!followed)
        return followed.error();
    return {};
}

void Notifier::overflow(Context& ctx)
{
    request_ = {};
    listens_ = false;
    watches_.clear();
    sharing_.end();
    ctx.out.untagged(Status::ok, "NOTIFICATIONOVERFLOW",
        "Too much happened to tell all of it; look at the mailboxes, then use NOTIFY again");
}

/// `name_there` is the mailbox's name in its account.
NotifyEvents Notifier::events_of(
    storage::Account const& owner, std::string_view name, std::string_view name_there) const
{
    FilterCandidate candidate { .name = name, .is_own = owner.id == session_.account().id };
    // By LMTP's rules: without details all mail goes to INBOX.
    candidate.takes_deliveries
        = candidate.is_own && (name_there == "INBOX" || session_.settings().deliver_to_detail);
    if (request_.has_filter(Filter::subscribed))
        candidate.is_subscribed = session_.read([&](storage::ReadTxn const& txn) {
            return storage::is_subscribed(txn, session_.account().id, name);
        });
    return request_.events_of(candidate);
}

/// One look at all accounts.
class Notifier::Telling {
public:
    Telling(Context& ctx, Notifier& notifier)
        : ctx_(ctx)
        , notifier_(notifier)
        , session_(ctx.session)
    {
    }

    awaitable<void> tell_account(session::AccountWatch& watch);
    void add_account(storage::Account const& owner);
    awaitable<void> tell_names();
    bool is_lost() const { return is_lost_; }

private:
    /// A mailbox before and after, as the user sees it.
    struct Seen {
        std::optional<storage::Mailbox> mailbox; ///< it exists
        std::string name_before, name; ///< the client's
        storage::Rights rights_before, rights;
        bool was_there = false, is_there = false;
        NotifyEvents events; ///< of the name that it has
        NotifyEvents name_events; ///< also of the name that it had
        bool is_renamed() const { return was_there && is_there && name_before != name; }
    };
    using Seens = std::unordered_map<storage::MailboxId, Seen>;

    awaitable<void> tell_news(session::AccountWatch& watch, session::AccountNews const& news);
    template <class Each>
    awaitable<void> for_each_mailbox(
        session::AccountWatch& watch, session::AccountNews const& news, Each& each);
    Seen look_at(storage::ReadTxn const& txn, session::AccountWatch& watch,
        session::MailboxNews const& news) const;
    void add_names(
        storage::Account const& owner, session::MailboxNews const& news, Seen const& seen);
    void add_name_and_parent(storage::Account const& owner, std::string const& name);
    bool is_told_with_parent(storage::Account const& owner, Seen const& seen) const;
    void add_subscription(std::string const& name);
    void tell_counts(storage::ReadTxn const& txn, storage::Place place,
        session::MailboxNews const& news, Seen const& seen);

    Context& ctx_;
    Notifier& notifier_;
    session::Session& session_;
    ChangedNames names_;
    bool is_lost_ = false;
};

Notifier::Telling::Seen Notifier::Telling::look_at(storage::ReadTxn const& txn,
    session::AccountWatch& watch, session::MailboxNews const& news) const
{
    auto const& owner = watch.owner();
    Seen seen;
    if (auto found = storage::get_mailbox(txn, owner.id, news.id)) {
        seen.mailbox = std::move(*found);
        seen.rights = session_.rights_at(txn, { owner.id, news.id });
    }
    seen.rights_before = watch.rights_before(news.id);
    watch.note_rights(news.id, seen.rights);
    seen.was_there = !news.is_new && seen.rights_before.has(Right::lookup);
    seen.is_there = seen.rights.has(Right::lookup);
    auto const& there = seen.mailbox ? seen.mailbox->name : news.name_before;
    auto const& there_before = news.name_before.empty() ? there : news.name_before;
    if (there.empty()) // it was deleted just now: the next look finds out
        return {};
    seen.name = session_.client_name(owner, there);
    seen.name_before = session_.client_name(owner, there_before);
    seen.events = notifier_.events_of(owner, seen.name, there);
    seen.name_events = seen.events;
    if (seen.is_renamed())
        seen.name_events.add(notifier_.events_of(owner, seen.name_before, there_before));
    return seen;
}

/// Also the name above is affected by what comes and goes below it (§5.4).
void Notifier::Telling::add_name_and_parent(storage::Account const& owner, std::string const& name)
{
    names_.add(name);
    auto const parent = parent_of(name);
    if (!parent.empty()
        && notifier_.events_of(owner, parent, parent).has(NotifyEvent::mailbox_name))
        names_.add(parent);
}

/// What comes, goes or is renamed, be it that the user's rights changed (§5.4, §5.9).
void Notifier::Telling::add_names(
    storage::Account const& owner, session::MailboxNews const& news, Seen const& seen)
{
    if (!seen.name_events.any())
        return;
    bool const tells_names = seen.name_events.has(NotifyEvent::mailbox_name);
    bool const by_rights = seen.mailbox && !news.is_new;
    if (seen.was_there != seen.is_there) {
        auto const& name = seen.is_there ? seen.name : seen.name_before;
        if (tells_names)
            add_name_and_parent(owner, name);
        else if (by_rights)
            names_.add(name).is_denied = !seen.is_there;
    } else if (seen.is_renamed() && tells_names
        && !(news.with_parent && is_told_with_parent(owner, seen))) {
        names_.add(seen.name).name_before = seen.name_before;
    }
    bool const may_read = seen.rights.has(Right::read);
    if (seen.was_there && seen.is_there && may_read != seen.rights_before.has(Right::read))
        names_.add(seen.name).is_denied = !may_read;
}

/// The client is told that the mailbox above has another name, and so knows of this one (§5.4).
bool Notifier::Telling::is_told_with_parent(storage::Account const& owner, Seen const& seen) const
{
    auto const parent = parent_of(seen.name);
    auto events = notifier_.events_of(owner, parent, parent);
    events.add(notifier_.events_of(owner, parent_of(seen.name_before), parent));
    return events.has(NotifyEvent::mailbox_name)
        && session_.find_mailbox(parent, Right::lookup).has_value();
}

/// STATUS of a mailbox that is not selected (§5.1 to §5.3).
void Notifier::Telling::tell_counts(storage::ReadTxn const& txn, storage::Place place,
    session::MailboxNews const& news, Seen const& seen)
{
    bool const is_selected = ctx_.selected && ctx_.mailbox().place() == place;
    if (!seen.mailbox || !seen.is_there || !seen.rights.has(Right::read) || is_selected)
        return;
    bool const tells_flags = seen.events.has(NotifyEvent::flag_change);
    // Another mailbox has this name now, and another UIDVALIDITY.
    bool const is_another
        = tells_flags && news.names_changed && (seen.is_renamed() || !seen.was_there);
    bool const counts = is_another || (news.appended && seen.events.has(NotifyEvent::message_new))
        || (news.expunged && seen.events.has(NotifyEvent::message_expunge));
    bool const flags = is_another || (news.flags && tells_flags);
    StatusItems items;
    if (counts)
        items = { StatusItem::messages, StatusItem::uid_next };
    if (flags)
        items.push_back(StatusItem::uid_validity);
    if (tells_flags && (counts || flags))
        items.push_back(StatusItem::unseen);
    if (items.empty())
        return;
    if (ctx_.terms.tells_mod_seq())
        items.push_back(StatusItem::highest_mod_seq);
    auto mailbox = *seen.mailbox;
    mailbox.unseen = storage::MailboxView(txn, { place, session_.account().id }).unseen(mailbox);
    tell_status(ctx_, seen.name, items, { std::move(mailbox) });
}

/// Subscribed or not any more; the filter SUBSCRIBED took it before or takes it now.
void Notifier::Telling::add_subscription(std::string const& name)
{
    auto const where = session_.interpret(name);
    auto const& owner = where ? where->account : session_.account();
    FilterCandidate candidate { .name = name,
        .is_own = owner.id == session_.account().id,
        .takes_deliveries = name == "INBOX",
        .is_subscribed = true };
    if (notifier_.request_.events_of(candidate).has(NotifyEvent::subscription_change))
        names_.add(name);
}

/// All that the user sees there is new to them.
void Notifier::Telling::add_account(storage::Account const& owner)
{
    session_.read_at(owner, [&](storage::ReadTxn const& txn) {
        for (auto const& [id, acl] : storage::list_acls(txn, owner.id)) {
            auto const mailbox = storage::get_mailbox(txn, owner.id, id);
            if (!mailbox || !session_.rights_at(txn, { owner.id, id }).has(Right::lookup))
                continue;
            auto const name = session_.client_name(owner, mailbox->name);
            auto const events = notifier_.events_of(owner, name, mailbox->name);
            if (events.has(NotifyEvent::mailbox_name))
                names_.add(name);
        }
    });
}

/// Calls each(txn, news) in transactions of bounded length.
template <class Each>
awaitable<void> Notifier::Telling::for_each_mailbox(
    session::AccountWatch& watch, session::AccountNews const& news, Each& each)
{
    auto next = news.mailboxes.begin();
    auto const some = [&](storage::ReadTxn const& txn) {
        for (std::size_t n = 0;
             n < mailboxes_at_once && next != news.mailboxes.end() && !ctx_.out.is_full(); ++n)
            each(txn, *next++);
    };
    while (next != news.mailboxes.end()) {
        session_.read_at(watch.owner(), some);
        if (ctx_.out.is_full())
            co_await ctx_.out.flush();
        if (next != news.mailboxes.end())
            co_await yield(ctx_);
    }
}

/// Names first: a mailbox that appeared is known when its messages are counted.
awaitable<void> Notifier::Telling::tell_news(
    session::AccountWatch& watch, session::AccountNews const& news)
{
    auto const& owner = watch.owner();
    Seens named;
    auto names = [&](storage::ReadTxn const& txn, session::MailboxNews const& each) {
        if (!each.names_changed)
            return;
        auto seen = look_at(txn, watch, each);
        add_names(owner, each, seen);
        named.emplace(each.id, std::move(seen));
    };
    co_await for_each_mailbox(watch, news, names);
    if (owner.id == session_.account().id)
        for (auto const& name : news.subscriptions)
            add_subscription(name);
    co_await tell_names();
    auto counts = [&](storage::ReadTxn const& txn, session::MailboxNews const& each) {
        auto const known = named.find(each.id);
        if (known != named.end())
            tell_counts(txn, { owner.id, each.id }, each, known->second);
        else
            tell_counts(txn, { owner.id, each.id }, each, look_at(txn, watch, each));
    };
    co_await for_each_mailbox(watch, news, counts);
}

awaitable<void> Notifier::Telling::tell_account(session::AccountWatch& watch)
{
    session::AccountNews news;
    do {
        session_.read_at(
            watch.owner(), [&](storage::ReadTxn const& txn) { news = watch.look(txn); });
        is_lost_ = news.is_lost;
        if (is_lost_)
            co_return;
        co_await tell_news(watch, news);
        if (news.has_more)
            co_await yield(ctx_);
    } while (news.has_more);
}

awaitable<void> Notifier::Telling::tell_names()
{
    if (names_.empty())
        co_return;
    auto const tree = co_await session::read_names(session_);
    for (auto const& change : names_.names()) {
        tell_name(ctx_, tree, change);
        if (ctx_.out.is_full())
            co_await ctx_.out.flush();
    }
    names_ = {};
}

awaitable<void> Notifier::tell(Context& ctx)
{
    if (!bell_->take())
        co_return;
    Telling telling(ctx, *this);
    auto const fresh = follow_accounts();
    for (auto const& account : fresh ? *fresh : std::vector<storage::Account> {})
        telling.add_account(account);
    co_await telling.tell_names();
    bool is_lost = !fresh;
    for (std::size_t i = 0; i < watches_.size() && !is_lost; ++i) {
        co_await telling.tell_account(*watches_[i]);
        is_lost = telling.is_lost();
    }
    if (is_lost)
        overflow(ctx);
}

awaitable<void> Notifier::tell_beginning(Context& ctx)
{
    auto const tree = co_await session::read_names(session_);
    std::size_t done = 0;
    for (auto const& listed : tree.mailboxes) {
        auto const events = events_of(listed.owner, listed.name, listed.mailbox.name);
        storage::Place const place { listed.owner.id, listed.mailbox.id };
        if (!events.any())
            continue;
        if (!listed.rights.has(Right::read)) {
            tell_name(ctx, tree, { .name = listed.name, .is_denied = true });
        } else if (request_.tells_status && events.any_of_messages()
            && !(ctx.selected && ctx.mailbox().place() == place)) {
            StatusItems items { StatusItem::messages, StatusItem::uid_next,
                StatusItem::uid_validity };
            if (events.has(NotifyEvent::flag_change)) {
                items.push_back(StatusItem::unseen);
                if (ctx.terms.offers(Capability::condstore))
                    items.push_back(StatusItem::highest_mod_seq);
            }
            tell_status(ctx, listed.name, items, { listed.mailbox });
        }
        if (ctx.out.is_full())
            co_await ctx.out.flush();
        if (++done % mailboxes_at_once == 0)
            co_await yield(ctx);
    }
}

} // namespace mail::imap
