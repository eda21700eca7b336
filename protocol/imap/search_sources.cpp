// From filters to mailboxes.
#include "protocol/imap/search_sources.h"

#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/session/name_tree.h"

#include <algorithm>
#include <unordered_set>

namespace mail::imap {
namespace {

    using FilterKind = MailboxFilter::Kind;
    using storage::Right;

    constexpr std::size_t looked_at_once = 500; ///< mailboxes, between two pauses

    Failure too_many()
    {
        return no("LIMIT",
            "This searches more than 5000 mailboxes, or names more than 1000: search fewer of them "
            "at once");
    }

    class Sources {
    public:
        void add(SearchSource source)
        {
            if (places_.insert(source.place).second)
                list_.push_back(std::move(source));
        }
        std::size_t size() const { return list_.size(); }
        std::vector<SearchSource> take() { return std::move(list_); }

    private:
        std::vector<SearchSource> list_;
        std::unordered_set<storage::Place> places_;
    };

    void add_selected(Context& ctx, Sources& sources)
    {
        auto const& mailbox = ctx.mailbox();
        auto name = ctx.session.client_name(mailbox.owner(), mailbox.mailbox().name);
        sources.add({ std::move(name), mailbox.owner(), mailbox.place() });
    }

    awaitable<void> add_named(
        Context& ctx, LongWork& work, MailboxFilter const& filter, Sources& sources)
    {
        std::size_t looked_at = 0;
        for (auto const& name : filter.names) {
            if (auto const found = ctx.session.find_mailbox(name, Right::read))
                sources.add({ name, found->account, found->place() });
            if (++looked_at % looked_at_once == 0)
                co_await work.pause();
        }
    }

    bool takes_deliveries(Context& ctx, session::ListedMailbox const& listed)
    {
        return listed.owner.id == ctx.account()
            && (listed.mailbox.name == "INBOX" || ctx.session.settings().deliver_to_detail);
    }

    awaitable<void> add_filtered(
        Context& ctx, LongWork& work, SearchSources const& asked, Sources& sources)
    {
        auto const tree = co_await session::read_names(ctx.session);
        std::size_t looked_at = 0;
        for (auto const& [name, entry] : tree.entries) {
            if (++looked_at % looked_at_once == 0)
                co_await work.pause();
            auto const* const listed = tree.mailbox_of(entry);
            if (!listed || !listed->rights.has(Right::lookup | Right::read))
                continue;
            FilterCandidate const candidate { name, listed->owner.id == ctx.account(),
                takes_deliveries(ctx, *listed), entry.subscribed };
            auto const is_taken = [&](MailboxFilter const& filter) {
                return filter.kind != FilterKind::mailboxes && takes(filter, candidate);
            };
            if (std::ranges::any_of(asked.others, is_taken))
                sources.add({ name, listed->owner, { listed->owner.id, listed->mailbox.id } });
            if (sources.size() > max_search_sources)
                co_return;
        }
    }

} // namespace

SearchSources parse_search_sources(Parser& in)
{
    SearchSources sources;
    if (!in.accept_word("IN")) {
        sources.selected = true;
        return sources;
    }
    auto const refusal = too_many();
    MailboxFilterParser filters(in, MailboxFilterParser::SubtreeOne::known, refusal);
    in.space();
    in.list([&] {
        if (in.is_next('('))
            in.fail("no scope options: none is known here");
        else if (in.accept_word("SELECTED"))
            sources.selected = true;
        else if (sources.others.size() == max_filter_names)
            in.refuse(refusal);
        else
            sources.others.push_back(filters.parse());
    });
    in.space();
    return sources;
}

awaitable<Result<std::vector<SearchSource>>> find_sources(
    Context& ctx, LongWork& work, SearchSources const& asked)
{
    Sources sources;
    if (asked.selected)
        add_selected(ctx, sources);
    bool any_filter = false;
    for (auto const& filter : asked.others) {
        if (filter.kind == FilterKind::mailboxes)
            co_await add_named(ctx, work, filter, sources);
        else
            any_filter = true;
    }
    if (any_filter)
        co_await add_filtered(ctx, work, asked, sources);
    if (sources.size() > max_search_sources)
        co_return too_many();
    co_return sources.take();
}

bool may_search(Context& ctx, SearchSource const& source)
{
    return ctx.session.read_at(source.owner, [&](storage::ReadTxn const& txn) {
        return ctx.session.rights_at(txn, source.place).has(Right::read);
    });
}

} // namespace mail::imap
