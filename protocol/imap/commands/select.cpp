// SELECT and EXAMINE: opening a mailbox (RFC 9051 §6.3.2; RFC 3501 for RECENT and UNSEEN; RFC 7162
// §3.1.8 for the parameter CONDSTORE), and leaving it: CLOSE and UNSELECT.
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/untagged.h"

namespace mail::imap {
namespace {

    using Access = session::SelectedMailbox::Access;

    struct SelectArgs {
        std::string mailbox;
        bool condstore = false;
    };

    Result<SelectArgs> parse_select(Parser& in)
    {
        SelectArgs args;
        in.space();
        args.mailbox = in.mailbox();
        if (!in.at_end()) {
            in.space();
            in.list([&] {
                if (in.accept_word("CONDSTORE", Capability::condstore))
                    args.condstore = true;
                else
                    in.fail("CONDSTORE, the only parameter that is known");
            });
        }
        in.end();
        return in.finish(std::move(args));
    }

    /// The first message without \Seen, as the client counts; nullopt when all are seen.
    std::optional<session::SeqNum> first_unseen(Context& ctx)
    {
        auto const& view = ctx.mailbox();
        if (view.mailbox().unseen == 0 || view.count() == 0)
            return std::nullopt;
        std::optional<session::SeqNum> first;
        ctx.mailbox().read([&](storage::ReadTxn const& txn) {
            storage::UidRange const all { storage::Uid { 1 }, *view.map().last() };
            storage::MailboxView(txn, view.viewpoint())
                .scan(all, [&](storage::HotRecord const& hot) {
                    if (!hot.flags.has(storage::Flags::seen))
                        first = view.map().seq_of(hot.uid);
                    return !first;
                });
        });
        return first;
    }

    void tell_number(
        Context& ctx, std::string_view name, std::uint64_t number, std::string_view text)
    {
        std::string code(name);
        code.push_back(' ');
        append_number(code, number);
        ctx.out.untagged(Status::ok, std::move(code), text);
    }

    void tell_mailbox(Context& ctx)
    {
        auto const& view = ctx.mailbox();
        auto const& mailbox = view.mailbox();
        tell_flags(ctx);
        ctx.out.untagged(view.count(), "EXISTS");
        ctx.out.untagged(view.recent_count(), "RECENT");
        if (auto const unseen = first_unseen(ctx))
            tell_number(ctx, "UNSEEN", unseen->value, "First message without \\Seen");
        tell_number(ctx, "UIDVALIDITY", mailbox.uid_validity.value, "UIDs are valid for it");
        tell_number(ctx, "UIDNEXT", mailbox.uid_next.value, "Next UID");
        tell_number(ctx, "HIGHESTMODSEQ", mailbox.highest_mod_seq.value, "Highest mod-sequence");
    }

    void leave_selected(Context& ctx)
    {
        if (!ctx.selected)
            return;
        ctx.unselect();
        ctx.out.untagged(Status::ok, "CLOSED", "The mailbox before is closed");
    }

    Result<void> open_mailbox(Context& ctx, SelectArgs const& args, Access access)
    {
        // A SELECT that fails leaves no mailbox selected (RFC 9051 §6.3.2).
        leave_selected(ctx);
        if (args.condstore)
            ctx.enable(Capability::condstore);
        auto const located = ctx.session.find_mailbox(args.mailbox, storage::Right::read);
        if (!located)
            return to_failure(located.error());
        constexpr auto changing = storage::Right::keep_seen | storage::Right::write
            | storage::Right::delete_messages | storage::Right::expunge | storage::Right::insert;
        if (!located->rights.has_any(changing))
            access = Access::read_only;
        auto opened = session::SelectedMailbox::open(ctx.session, *located, access);
        if (!opened)
            return to_failure(opened.error());
        ctx.select(std::move(*opened));
        tell_mailbox(ctx);
        ctx.succeed_with(access == Access::read_only ? "READ-ONLY" : "READ-WRITE");
        return {};
    }

    Result<void> select(Context& ctx, SelectArgs const& args)
    {
        return open_mailbox(ctx, args, Access::read_write);
    }

    Result<void> examine(Context& ctx, SelectArgs const& args)
    {
        return open_mailbox(ctx, args, Access::read_only);
    }

    Result<void> unselect(Context& ctx, NoArguments)
    {
        ctx.unselect();
        return {};
    }

    /// As UNSELECT, and expunges without telling (RFC 9051 §6.4.1).
    awaitable<Result<void>> close(Context& ctx, NoArguments)
    {
        auto const place = ctx.mailbox().place();
        auto const may_write = ctx.mailbox().access() == Access::read_write
            && ctx.mailbox().may(storage::Right::expunge);
        // Only what this client knows of: a message that it never saw is not its to remove.
        auto const uids = ctx.mailbox().map().uids();
        auto const may_have_deleted
            = ctx.mailbox().has_news() || ctx.mailbox().mailbox().deleted > 0;
        if (may_write && may_have_deleted) {
            auto expunge = [&](storage::WriteTxn& txn) {
                return storage::expunge_deleted(txn, place.account, place.mailbox, uids);
            };
            auto const expunged = co_await ctx.session.write_at(ctx.mailbox().owner(), expunge);
            if (!expunged && expunged.error() != storage::Errc::not_found)
                co_return to_failure(expunged.error());
        }
        ctx.unselect();
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_select(Context& ctx, Parser& in)
{
    return command<parse_select, select>(ctx, in);
}

awaitable<Result<void>> run_examine(Context& ctx, Parser& in)
{
    return command<parse_select, examine>(ctx, in);
}

awaitable<Result<void>> run_close(Context& ctx, Parser& in)
{
    return command<no_arguments, close>(ctx, in);
}

awaitable<Result<void>> run_unselect(Context& ctx, Parser& in)
{
    return command<no_arguments, unselect>(ctx, in);
}

} // namespace mail::imap
