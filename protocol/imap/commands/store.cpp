// STORE and UID STORE: changes flags (RFC 9051 §6.4.6, RFC 3501 §6.4.6).
// RFC 7162 §3.1.3 adds the modifier UNCHANGEDSINCE.
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/fetch_writer.h"
#include "protocol/imap/message_limit.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/rights.h"
#include "protocol/imap/untagged.h"
#include "storage/messages.h"

#include <algorithm>

namespace mail::imap {

namespace {

    using storage::FlagChange;

    struct StoreArgs {
        SequenceSet set;
        FlagChange change;
        bool silent = false;
    };

    void store_modifiers(Parser& in, FlagChange& change)
    {
        in.list([&] {
            if (!in.accept_word("UNCHANGEDSINCE", Capability::condstore))
                return in.fail("UNCHANGEDSINCE and a mod-sequence");
            in.space();
            change.unchanged_since = storage::ModSeq { in.number64() };
        });
    }

    Result<StoreArgs> parse_store(Parser& in)
    {
        StoreArgs args;
        in.space();
        args.set = in.sequence_set();
        in.space();
        if (in.is_next('(')) {
            store_modifiers(in, args.change);
            in.space();
        }
        args.change.mode = FlagChange::Mode::replace;
        if (in.accept('+'))
            args.change.mode = FlagChange::Mode::add;
        else if (in.accept('-'))
            args.change.mode = FlagChange::Mode::remove;
        args.silent = in.accept_word("FLAGS.SILENT");
        if (!args.silent && !in.accept_word("FLAGS"))
            in.fail("FLAGS, +FLAGS or -FLAGS, with or without .SILENT");
        in.space();
        auto flags = in.flags();
        args.change.system = flags.system;
        args.change.keywords = std::move(flags.keywords);
        // Not RFC: ImapFlow before 2.2.8 sends the modifier behind the flags.
        if (!args.change.unchanged_since && in.accept(' '))
            store_modifiers(in, args.change);
        in.end();
        return in.finish(std::move(args));
    }

    /// STORE is refused only when none of its flags may be changed (RFC 4314 §4).
    bool may_change_any(FlagChange const& change)
    {
        auto const mask = change.may_change;
        if (change.mode == FlagChange::Mode::replace)
            return mask.system != 0 || mask.keywords;
        return (change.system & mask.system) != 0 || (!change.keywords.empty() && mask.keywords)
            || (change.system == 0 && change.keywords.empty());
    }

    /// Whether the change can bring keywords into the mailbox that the client was not told of.
    bool makes_keywords(FlagChange const& change, std::vector<std::string> const& known)
    {
        return change.mode != FlagChange::Mode::remove
            && std::ranges::any_of(change.keywords, [&](std::string const& keyword) {
                   return std::ranges::none_of(known, [&](std::string const& other) {
                       return equal_without_case(keyword, other);
                   });
               });
    }

    /// The FETCH responses of STORE: new flags unless it is silent, mod-sequences when the client
    /// knows of them.
    awaitable<void> tell_stored(
        Context& ctx, StoreArgs const& args, storage::FlagsStored const& stored)
    {
        bool const with_mod_seq = ctx.terms.tells_mod_seq();
        FetchJob job;
        // With MODSEQ always UID, too (RFC 7162 §3.2.4).
        if ((ctx.numbering == Numbering::uid || with_mod_seq) && !ctx.terms.uids_only())
            job.items.add(FetchItem::Kind::uid);
        if (with_mod_seq)
            job.items.add(FetchItem::Kind::mod_seq);
        if (args.silent) { // RFC 7162 §3.1.3: the mod-sequences even then
            if (with_mod_seq) {
                FetchJob silent = job;
                silent.uids = args.change.unchanged_since ? stored.present : stored.changed;
                co_await send_fetch(ctx, std::move(silent));
            }
        } else {
            job.uids = stored.present;
        }
        job.uids.add(stored.modified); // the client has an outdated view of these
        job.items.add(FetchItem::Kind::flags);
        co_await send_fetch(ctx, std::move(job));
    }

    Result<void> outcome(Context& ctx, StoreArgs const& args, storage::UidSet asked,
        storage::FlagsStored const& stored)
    {
        ResponseCode code;
        if (!stored.modified.empty()) {
            std::string modified = "MODIFIED ";
            append_set(modified,
                ctx.numbering == Numbering::uid
                    ? stored.modified
                    : sequence_numbers(stored.modified, ctx.mailbox().map()));
            code = std::move(modified);
        }
        asked.remove(stored.present);
        asked.remove(stored.modified);
        bool const some_expunged = ctx.numbering == Numbering::sequence && !asked.empty();
        if (some_expunged && !args.silent) // RFC 2180 §4.2
            return no(code.empty() ? ResponseCode("EXPUNGEISSUED") : std::move(code),
                "Some of the messages are expunged: send NOOP to learn which");
        if (!code.empty())
            ctx.succeed_with(
                std::move(code), "Some messages were changed meanwhile and are left as they are");
        return {};
    }

    awaitable<Result<void>> store(Context& ctx, StoreArgs args)
    {
        auto& mailbox = ctx.mailbox();
        if (mailbox.access() == session::SelectedMailbox::Access::read_only)
            co_return no("READ-ONLY", "The mailbox is opened read-only: SELECT it to change flags");
        auto uids = resolve(args.set, ctx.numbering, mailbox);
        if (!uids)
            co_return uids.error();
        auto const cut = cut_to_limit(message_limit(ctx), *uids);
        if (args.change.unchanged_since)
            ctx.enable(Capability::condstore);
        auto const place = mailbox.place();
        args.change.viewer = ctx.account();
        args.change.may_change = flags_allowed(mailbox.rights());
        if (!may_change_any(args.change))
            co_return to_failure(storage::Errc::denied);
        bool const news = makes_keywords(args.change, mailbox.mailbox().keywords);
        auto const change = [&](storage::WriteTxn& txn) {
            return storage::store_flags(txn, place.account, place.mailbox, *uids, args.change);
        };
        if (uids->empty())
            co_return Result<void> {};
        auto const stored = co_await ctx.session.write_at(mailbox.owner(), change);
        if (!stored)
            co_return to_failure(stored.error());
        if (!stored->changed.empty())
            mailbox.told_flags(stored->mod_seq);
        if (news && mailbox.has_news()) // a keyword is in FLAGS before it is at a message
            co_await tell_news(ctx, Expunges::held_back);
        co_await tell_stored(ctx, args, *stored);
        co_return with_cut(ctx, cut, outcome(ctx, args, std::move(*uids), *stored));
    }

} // namespace

awaitable<Result<void>> run_store(Context& ctx, Parser& in)
{
    return command<parse_store, store>(ctx, in);
}

} // namespace mail::imap
