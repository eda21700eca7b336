// LSUB: subscribed names (RFC 3501 §6.3.9); and XLIST, which tells special uses by their older
// names.
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/matched_names.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/special_use.h"

namespace mail::imap {
namespace {

    /// Subscribed names, and levels above such names where "%" stops at them (RFC 3501 §6.3.9).
    awaitable<Result<void>> lsub(Context& ctx, ListArgs args)
    {
        if (args.asks_for_root()) {
            tell_root(ctx, "LSUB", args.reference);
            co_return Result<void> {};
        }
        auto const tree = co_await session::read_names(ctx.session);
        auto const names = co_await match_names(ctx, args, tree);
        for (auto const& [name, entry, match] : names) {
            bool const stands_for_children = match.level && entry->has_subscribed_children;
            if (!match.name || !(entry->subscribed || stands_for_children))
                continue;
            auto const* mailbox = tree.mailbox_of(*entry);
            std::string flags(children_attribute(*entry, mailbox));
            if (!entry->subscribed || !mailbox || !mailbox->rights.has(storage::Right::read))
                flags += " \\Noselect";
            // Not RFC: Outlook looks for the special uses here.
            append_special_use(flags, special_use_for(ctx, mailbox));
            ctx.out.untagged("LSUB").open().atom(flags).close().string("/").mailbox(*name);
            if (ctx.out.is_full())
                co_await ctx.out.flush();
        }
        co_return Result<void> {};
    }

    /// Not RFC: Gmail's command before there was SPECIAL-USE, for clients of that time.
    awaitable<Result<void>> xlist(Context& ctx, ListArgs args)
    {
        if (args.asks_for_root()) {
            tell_root(ctx, "XLIST", args.reference);
            co_return Result<void> {};
        }
        auto const tree = co_await session::read_names(ctx.session);
        auto const names = co_await match_names(ctx, args, tree);
        for (auto const& [name, entry, match] : names) {
            auto const* mailbox = tree.mailbox_of(*entry);
            bool const is_level = match.level && entry->has_children;
            if (!match.name || !(mailbox || is_level))
                continue;
            std::string flags(children_attribute(*entry, mailbox));
            if (!mailbox || !mailbox->rights.has(storage::Right::read))
                flags += " \\Noselect";
            if (*name == "INBOX")
                flags += " \\Inbox";
            append_xlist_use(flags, special_use_for(ctx, mailbox));
            ctx.out.untagged("XLIST").open().atom(flags).close().string("/").mailbox(*name);
            if (ctx.out.is_full())
                co_await ctx.out.flush();
        }
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_lsub(Context& ctx, Parser& in)
{
    return command<parse_plain_list, lsub>(ctx, in);
}

awaitable<Result<void>> run_xlist(Context& ctx, Parser& in)
{
    return command<parse_plain_list, xlist>(ctx, in);
}

} // namespace mail::imap
