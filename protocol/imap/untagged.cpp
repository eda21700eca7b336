// News of the selected mailbox, in the order that RFC 9051 §7 wants: EXPUNGE, EXISTS, RECENT,
// FLAGS, FETCH.
#include "protocol/imap/untagged.h"

#include "protocol/imap/context.h"
#include "protocol/imap/fetch_writer.h"
#include "protocol/imap/flags.h"
#include "protocol/imap/rights.h"
#include "protocol/imap/yield.h"

namespace mail::imap {
namespace {

    void tell_fetch(Context& ctx, storage::HotRecord const& hot)
    {
        auto& mailbox = ctx.mailbox();
        auto const seq = mailbox.map().seq_of(hot.uid);
        if (!seq)
            return;
        auto const& terms = ctx.terms;
        begin_fetch(ctx.out.buffer(), terms, seq->value, hot.uid);
        Line line(ctx.out.buffer());
        line.open();
        // The answer to a UID command names UIDs (RFC 9051 §6.4.9), and so does all that IMAP4rev2
        // tells unasked (§7.5.2); with mod-sequences the client keeps its cache by UID (RFC 7162
        // §3.2).
        if (!terms.uids_only()
            && (terms.tells_mod_seq() || terms.is_rev2() || ctx.numbering == Numbering::uid
                || ctx.notifier)) // RFC 5465 §5.1
            line.atom("UID").number(hot.uid.value);
        line.atom("FLAGS").separate();
        append_flags(line.octets(), hot.flags, mailbox.mailbox().keywords,
            terms.tells_recent() && mailbox.is_recent(hot.uid));
        if (terms.tells_mod_seq())
            line.atom("MODSEQ").open().number(hot.mod_seq.value).close();
        line.close();
    }

    /// The data that NOTIFY asks for with each new message (RFC 5465 §5.2). Being told of a message
    /// is not reading it: nothing becomes \Seen.
    awaitable<void> tell_arrived(Context& ctx, storage::UidSet uids, FetchItems items)
    {
        auto const& terms = ctx.terms;
        if ((terms.tells_mod_seq() || terms.is_rev2()) && !terms.uids_only())
            items.add(FetchItem::Kind::uid);
        if (terms.tells_mod_seq())
            items.add(FetchItem::Kind::mod_seq);
        FetchJob job;
        job.uids = std::move(uids);
        job.items = std::move(items);
        co_await send_fetch(ctx, std::move(job));
    }

    /// Also of messages that must not leave the numbering yet (RFC 5267 §4.3.4, A.3).
    awaitable<void> tell_expunged_results(
        Context& ctx, session::Refresh const& news, session::UidMap const& map_before)
    {
        auto expunged = news.expunged_uids;
        expunged.add(ctx.mailbox().withheld());
        if (!expunged.empty())
            co_await ctx.live_searches.tell_expunged(ctx, expunged, map_before);
    }

    awaitable<void> tell_changed_results(Context& ctx, session::Refresh const& news)
    {
        if (ctx.live_searches.empty())
            co_return;
        Touched touched { news.changed, news.appended };
        touched.uids.add(news.appended);
        if (!touched.uids.empty() || !news.expunged_uids.empty() || ctx.live_searches.is_due(ctx))
            co_await ctx.live_searches.tell_changes(ctx, touched);
    }

} // namespace

void begin_fetch(std::string& out, Agreement const& terms, std::uint32_t number, storage::Uid uid)
{
    out.append("* ", 2);
    append_number(out, terms.uids_only() ? uid.value : number);
    out.append(terms.uids_only() ? " UIDFETCH" : " FETCH");
}

void tell_old_name(
    Context& ctx, std::string_view attributes, std::string_view name, std::string_view old_name)
{
    if (old_name.empty() || !ctx.terms.is_rev2())
        return;
    auto line = ctx.out.untagged("LIST");
    line.open().atom(attributes).close().string("/").mailbox(name);
    line.open().string("OLDNAME").open().mailbox(old_name).close().close();
}

void tell_vanished(Context& ctx, storage::UidSet const& uids, Vanished when)
{
    constexpr std::size_t ranges_in_a_line = 300; // some clients have a fixed buffer for a line
    auto ranges = uids.ranges();
    while (!ranges.empty()) {
        storage::UidSet part;
        for (auto const& range : ranges.first(std::min(ranges.size(), ranges_in_a_line)))
            part.add(range);
        ranges = ranges.subspan(part.ranges().size());
        auto line = ctx.out.untagged("VANISHED");
        if (when == Vanished::earlier)
            line.atom("(EARLIER)");
        line.separate();
        append_set(line.octets(), part);
    }
}

void tell_safe_mod_seq(Context& ctx)
{
    if (!ctx.selected->withholds() || !ctx.terms.is_enabled(Capability::qresync))
        return;
    std::string code = "HIGHESTMODSEQ ";
    append_number(code, ctx.selected->safe_mod_seq().value);
    ctx.out.untagged(Status::ok, std::move(code), "Some changes are still to be told");
}

void tell_flags(Context& ctx)
{
    auto const& keywords = ctx.mailbox().mailbox().keywords;
    std::string names;
    append_known_flags(names, keywords);
    ctx.out.untagged("FLAGS").open().atom(names).close();
    if (ctx.mailbox().access() == session::SelectedMailbox::Access::read_only) {
        ctx.out.untagged(Status::ok, "PERMANENTFLAGS ()", "Read-only mailbox");
        return;
    }
    // As the user's rights are (RFC 4314 §5.1.1).
    auto const mask = flags_allowed(ctx.mailbox().rights());
    bool const may_grow = mask.keywords && keywords.size() < storage::max_keywords;
    std::string code = "PERMANENTFLAGS (";
    append_known_flags(code, keywords, mask);
    code += may_grow ? " \\*)" : ")";
    ctx.out.untagged(Status::ok, std::move(code),
        may_grow ? "Flags that are kept; new keywords may be made" : "Flags that are kept");
}

void tell_url_mechanisms(Context& ctx)
{
    // Only where nobody listens (RFC 4467 §10).
    if (ctx.terms.offers(Capability::urlauth) && ctx.session.stream().is_encrypted())
        ctx.out.untagged(Status::ok, "URLMECH INTERNAL", "How URLs are authorized");
}

awaitable<Shown> tell_news(Context& ctx, session::Expunges expunges)
{
    return tell_news(ctx, expunges, ctx.notifier ? ctx.notifier->interest() : session::Interest {});
}

awaitable<Shown> tell_news(Context& ctx, session::Expunges expunges, session::Interest interest)
{
    auto& mailbox = ctx.mailbox();
    auto const map_before = mailbox.shared_map();
    auto const news = mailbox.refresh(expunges, interest);
    if (news.gone) {
        // RFC 2180 §3.3 leaves the choice. There is no way to tell "no mailbox is selected any
        // more" that all clients know, but all of them reconnect after BYE.
        ctx.out.untagged(Status::bye, {},
            "The selected mailbox is deleted or not yours to read any more; connect again");
        ctx.wants_close = true;
        co_return Shown::none;
    }
    co_await tell_expunged_results(ctx, news, *map_before);
    if (ctx.terms.tells_vanished())
        tell_vanished(ctx, news.expunged_uids, Vanished::now);
    for (auto const seq : news.expunged) {
        if (ctx.terms.tells_vanished())
            break;
        ctx.out.untagged(seq.value, "EXPUNGE");
        if (ctx.out.is_full()) {
            co_await ctx.out.flush();
            co_await yield(ctx); // a flush that need not wait does not
        }
    }
    if (news.exists_changed) { // RECENT goes with it; an EXPUNGE lowers it without a word
        ctx.out.untagged(mailbox.count(), "EXISTS");
        if (ctx.terms.tells_recent())
            ctx.out.untagged(mailbox.recent_count(), "RECENT");
    }
    if (news.keywords_changed || news.rights_changed)
        tell_flags(ctx);
    if (news.url_key_changed)
        tell_url_mechanisms(ctx);
    for (auto const& hot : news.flags) {
        tell_fetch(ctx, hot);
        if (ctx.out.is_full()) {
            co_await ctx.out.flush();
            co_await yield(ctx); // a flush that need not wait does not
        }
    }
    auto const* items = ctx.notifier ? ctx.notifier->new_message_items() : nullptr;
    bool const tells_arrived = items && !news.arrived.empty();
    if (tells_arrived)
        co_await tell_arrived(ctx, news.arrived, *items);
    co_await tell_changed_results(ctx, news);
    co_return tells_arrived || !news.flags.empty() ? Shown::mod_seqs : Shown::none;
}

} // namespace mail::imap
