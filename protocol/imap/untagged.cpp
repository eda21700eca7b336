// News of the selected mailbox, in the order that RFC 9051 §7 wants: EXPUNGE, EXISTS, RECENT,
// FLAGS, FETCH.
#include "protocol/imap/untagged.h"

#include "protocol/imap/context.h"
#include "protocol/imap/flags.h"

namespace mail::imap {
namespace {

    void tell_fetch(Context& ctx, storage::HotRecord const& hot)
    {
        auto& mailbox = ctx.mailbox();
        auto const seq = mailbox.map().seq_of(hot.uid);
        if (!seq)
            return;
        auto const with_mod_seq = ctx.terms.tells_mod_seq();
        auto line = ctx.out.untagged(seq->value, "FETCH");
        line.open();
        // The answer to a UID command names UIDs (RFC 9051 §6.4.9); with mod-sequences the client
        // keeps its cache by UID (RFC 7162 §3.2).
        if (with_mod_seq || ctx.numbering == Numbering::uid)
            line.atom("UID").number(hot.uid.value);
        line.atom("FLAGS").separate();
        append_flags(
            line.octets(), hot.flags, mailbox.mailbox().keywords, mailbox.is_recent(hot.uid));
        if (with_mod_seq)
            line.atom("MODSEQ").open().number(hot.mod_seq.value).close();
        line.close();
    }

} // namespace

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
    auto const may_grow = keywords.size() < storage::max_keywords;
    ctx.out.untagged(Status::ok, "PERMANENTFLAGS (" + names + (may_grow ? " \\*)" : ")"),
        may_grow ? "Flags that are kept; new keywords may be made" : "Flags that are kept");
}

awaitable<void> tell_news(Context& ctx, session::Expunges expunges)
{
    auto& mailbox = ctx.mailbox();
    auto const news = mailbox.refresh(expunges);
    if (news.gone) {
        // RFC 2180 §3.3 leaves the choice. There is no way to tell "no mailbox is selected any
        // more" that all clients know, but all of them reconnect after BYE.
        ctx.out.untagged(Status::bye, {}, "The selected mailbox was deleted; connect again");
        ctx.wants_close = true;
        co_return;
    }
    for (auto const seq : news.expunged) {
        ctx.out.untagged(seq.value, "EXPUNGE");
        if (ctx.out.is_full())
            co_await ctx.out.flush();
    }
    if (news.exists_changed) { // RECENT goes with it; an EXPUNGE lowers it without a word
        ctx.out.untagged(mailbox.count(), "EXISTS");
        ctx.out.untagged(mailbox.recent_count(), "RECENT");
    }
    if (news.keywords_changed)
        tell_flags(ctx);
    for (auto const& hot : news.flags) {
        tell_fetch(ctx, hot);
        if (ctx.out.is_full())
            co_await ctx.out.flush();
    }
}

} // namespace mail::imap
