// SELECT and EXAMINE: opening a mailbox (RFC 9051 §6.3.2; RFC 3501 for RECENT and UNSEEN; RFC 7162
// §3.1.8 and §3.2.5 for the parameters CONDSTORE and QRESYNC), and leaving it: CLOSE and UNSELECT.
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/fetch_writer.h"
#include "protocol/imap/object_id.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/special_use.h"
#include "protocol/imap/untagged.h"
#include "protocol/imap/yield.h"
#include "protocol/session/resync.h"

namespace mail::imap {
namespace {

    using Access = session::SelectedMailbox::Access;

    /// What the client knew when it was here last (RFC 7162 §3.2.5).
    struct Resync {
        std::uint32_t uid_validity = 0;
        storage::ModSeq mod_seq;
        std::optional<SequenceSet> known; ///< UIDs
        std::optional<std::pair<SequenceSet, SequenceSet>>
            match; ///< sequence numbers and the UIDs they stood for
    };

    struct SelectArgs {
        std::string mailbox;
        std::string old_name; ///< as the client wrote it, when it is another one here
        bool condstore = false;
        std::optional<Resync> resync;
    };

    void parse_match(Parser& in, Resync& resync)
    {
        if (in.terms().uids_only())
            in.refuse(Failure(Status::bad, "UIDREQUIRED",
                "Messages are named by UIDs only on this connection: leave the list of numbers "
                "out"));
        in.open();
        auto numbers = in.known_set();
        in.space();
        auto uids = in.known_set();
        in.close();
        resync.match.emplace(std::move(numbers), std::move(uids));
    }

    Resync parse_resync(Parser& in)
    {
        Resync resync;
        if (!in.terms().is_enabled(Capability::qresync))
            in.refuse(bad("QRESYNC needs ENABLE QRESYNC first"));
        in.space();
        in.open();
        resync.uid_validity = in.nz_number();
        in.space();
        resync.mod_seq.value = in.number64();
        if (in.accept(' ')) {
            if (!in.is_next('(')) {
                resync.known = in.known_set();
                if (in.accept(' '))
                    parse_match(in, resync);
            } else {
                parse_match(in, resync);
            }
        }
        in.close();
        return resync;
    }

    Result<SelectArgs> parse_select(Parser& in)
    {
        SelectArgs args;
        in.space();
        args.mailbox = in.mailbox();
        args.old_name = in.denormalised();
        if (!in.at_end()) {
            in.space();
            in.list([&] {
                if (in.accept_word("CONDSTORE", Capability::condstore))
                    args.condstore = true;
                else if (in.accept_word("QRESYNC", Capability::qresync))
                    args.resync = parse_resync(in);
                else
                    in.fail("CONDSTORE or QRESYNC");
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
        auto& cache = ctx.session.hub().views();
        auto const highest = view.mailbox().highest_mod_seq;
        if (auto const known = cache.find_unseen(view.viewpoint(), highest))
            return view.map().seq_of(*known);
        storage::Uid first { 0 };
        ctx.mailbox().read([&](storage::ReadTxn const& txn) {
            storage::UidRange const all { storage::Uid { 1 }, *view.map().last() };
            storage::MailboxView(txn, view.viewpoint())
                .scan(all, storage::Columns::flags, [&](storage::HotRecord const& hot) {
                    if (!hot.flags.has(storage::Flags::seen))
                        first = hot.uid;
                    return first.value == 0;
                });
        });
        cache.keep_unseen(view.viewpoint(), highest, first);
        return view.map().seq_of(first);
    }

    void tell_number(
        Context& ctx, std::string_view name, std::uint64_t number, std::string_view text)
    {
        std::string code(name);
        code.push_back(' ');
        append_number(code, number);
        ctx.out.untagged(Status::ok, std::move(code), text);
    }

    /// RFC 9051 §6.3.2
    void tell_list(Context& ctx, std::string_view name, std::string_view old_name)
    {
        auto const& view = ctx.mailbox();
        std::string attributes;
        if (view.viewpoint().is_owner())
            attributes = special_use_list(view.mailbox().special_use);
        if (!old_name.empty())
            return tell_old_name(ctx, attributes, name, old_name);
        ctx.out.untagged("LIST").open().atom(attributes).close().string("/").mailbox(name);
    }

    void tell_mailbox(Context& ctx, std::string_view name, std::string_view old_name)
    {
        auto const& view = ctx.mailbox();
        auto const& mailbox = view.mailbox();
        tell_flags(ctx);
        ctx.out.untagged(view.count(), "EXISTS");
        if (ctx.terms.tells_recent())
            ctx.out.untagged(view.recent_count(), "RECENT");
        if (ctx.terms.is_rev2())
            tell_list(ctx, name, old_name);
        else if (auto const unseen = ctx.terms.uids_only() ? std::nullopt : first_unseen(ctx))
            tell_number(ctx, "UNSEEN", unseen->value, "First message without \\Seen");
        tell_number(ctx, "UIDVALIDITY", mailbox.uid_validity.value, "UIDs are valid for it");
        tell_number(ctx, "UIDNEXT", mailbox.uid_next.value, "Next UID");
        if (ctx.terms.offers(Capability::condstore))
            tell_number(
                ctx, "HIGHESTMODSEQ", mailbox.highest_mod_seq.value, "Highest mod-sequence");
        if (ctx.terms.offers(Capability::objectid)) // RFC 8474 §4.2
            ctx.out.untagged(Status::ok, "MAILBOXID (" + object_id(view.place()) + ")",
                "Lasting name of the mailbox");
        tell_url_mechanisms(ctx);
    }

    void leave_selected(Context& ctx)
    {
        if (!ctx.selected)
            return;
        ctx.unselect();
        ctx.out.untagged(Status::ok, "CLOSED", "The mailbox before is closed");
    }

    /// The highest UID up to which the client's numbering is that of the mailbox: it knows of all
    /// expunges below (RFC 7162 §3.2.5.2).
    storage::Uid matched_up_to(Resync const& resync, session::UidMap const& map)
    {
        storage::Uid matched { 0 };
        auto const numbers = all_of(resync.match->first, storage::Uid { 0 });
        auto const uids = all_of(resync.match->second, storage::Uid { 0 });
        auto number = numbers.ranges().begin();
        auto uid = uids.ranges().begin();
        std::uint32_t number_at = 0; // within *number and *uid
        std::uint32_t uid_at = 0;
        // Both ascend, and so do the UIDs of the map: the pairs match up to some place.
        while (number != numbers.ranges().end() && uid != uids.ranges().end()) {
            storage::Uid const claimed { uid->first.value + uid_at };
            session::SeqNum const begin { number->first.value + number_at };
            if (map.uid_of(begin) != claimed)
                break;
            // As many of them at once as are neighbours in the set, the list and the mailbox.
            auto const listed = number->last.value - begin.value;
            auto const more = std::min(listed, uid->last.value - claimed.value);
            auto const last = begin.value + std::min(more, map.count() - begin.value);
            auto const run = map.uids_of(begin, session::SeqNum { last });
            auto const& neighbours = run.ranges().front();
            auto const length = neighbours.last.value - neighbours.first.value + 1;
            matched = neighbours.last;
            number_at += length;
            uid_at += length;
            if (length > listed) {
                ++number;
                number_at = 0;
            }
            if (length > uid->last.value - claimed.value) {
                ++uid;
                uid_at = 0;
            }
        }
        return matched;
    }

    /// Tells what changed since the client was here (RFC 7162 §3.2.5).
    awaitable<void> tell_changes(Context& ctx, Resync resync)
    {
        auto& view = ctx.mailbox();
        auto const& mailbox = view.mailbox();
        if (resync.uid_validity != mailbox.uid_validity.value || mailbox.uid_next.value == 1)
            co_return;
        storage::Uid const last { mailbox.uid_next.value - 1 };
        storage::UidSet known(storage::UidRange { storage::Uid { 1 }, last });
        if (resync.known)
            known = known.intersection(all_of(*resync.known, last));
        co_await yield(ctx); // opening the mailbox took a while, and so does this
        auto vanished = view.read([&](storage::ReadTxn const& txn) {
            return session::vanished_since(txn, view.place(), resync.mod_seq, known, view.map());
        });
        if (resync.match)
            if (auto const matched = matched_up_to(resync, view.map()); matched.value != 0)
                vanished.remove({ storage::Uid { 1 }, matched });
        tell_vanished(ctx, vanished, Vanished::earlier);
        FetchJob job;
        job.uids = view.map().present(known);
        job.changed_since = resync.mod_seq;
        if (!ctx.terms.uids_only())
            job.items.add(FetchItem::Kind::uid);
        job.items.add(FetchItem::Kind::flags);
        job.items.add(FetchItem::Kind::mod_seq);
        co_await send_fetch(ctx, std::move(job));
    }

    awaitable<Result<void>> open_mailbox(Context& ctx, SelectArgs args, Access access)
    {
        // A SELECT that fails leaves no mailbox selected (RFC 9051 §6.3.2).
        leave_selected(ctx);
        if (args.condstore)
            ctx.enable(Capability::condstore);
        auto const located = ctx.session.find_mailbox(args.mailbox, storage::Right::read);
        if (!located)
            co_return to_failure(located.error());
        // What changes the mailbox for all who see it (RFC 4314 §5.2). \Seen is each reader's own:
        // it may be changed in a mailbox that is otherwise read-only.
        constexpr auto changing = storage::Right::write | storage::Right::delete_messages
            | storage::Right::expunge | storage::Right::insert;
        bool const is_read_only = access == Access::read_only || !located->rights.has_any(changing);
        if (is_read_only && !located->rights.has(storage::Right::keep_seen))
            access = Access::read_only;
        auto opened = session::SelectedMailbox::open(ctx.session, *located, access);
        if (!opened)
            co_return to_failure(opened.error());
        ctx.select(std::move(*opened));
        tell_mailbox(ctx, args.mailbox, args.old_name);
        if (args.resync)
            co_await tell_changes(ctx, std::move(*args.resync));
        if (ctx.mailbox().viewpoint().is_owner())
            warn_of_quota(ctx);
        ctx.succeed_with(is_read_only ? "READ-ONLY" : "READ-WRITE");
        co_return Result<void> {};
    }

    awaitable<Result<void>> select(Context& ctx, SelectArgs args)
    {
        return open_mailbox(ctx, std::move(args), Access::read_write);
    }

    awaitable<Result<void>> examine(Context& ctx, SelectArgs args)
    {
        return open_mailbox(ctx, std::move(args), Access::read_only);
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
