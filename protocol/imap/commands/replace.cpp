// REPLACE and UID REPLACE: a new message in the place of one of the selected mailbox (RFC 8508).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/incoming.h"

namespace mail::imap {
namespace {

    struct ReplaceArgs {
        SequenceSet replaced; ///< one message
        std::string mailbox;
        MessageHead head;
    };

    ReplaceArgs parse_replace(Parser& in)
    {
        ReplaceArgs args;
        in.space();
        auto const number = in.accept('*') ? SequenceSet::star : in.nz_number();
        args.replaced.ranges.push_back({ number, number });
        in.space();
        args.mailbox = in.mailbox();
        args.head = parse_message_head(in);
        return args;
    }

    bool parse_end(Parser& in)
    {
        in.end();
        return true;
    }

    /// The message that may be replaced: the rights are those of STORE \Deleted and of EXPUNGE (RFC
    /// 8508 §4.1).
    Result<storage::HotRecord> find_replaced(Context& ctx, SequenceSet const& set)
    {
        auto& mailbox = ctx.mailbox();
        if (mailbox.access() == session::SelectedMailbox::Access::read_only)
            return no("READ-ONLY",
                "The mailbox is opened read-only: SELECT it to replace messages, or use APPEND");
        if (!mailbox.may(storage::Right::delete_messages | storage::Right::expunge))
            return to_failure(storage::Errc::denied);
        auto const uids = resolve(set, ctx.numbering, mailbox.map());
        if (!uids)
            return uids.error();
        if (uids->empty())
            return no({}, "There is no such message to replace; nothing was changed");
        auto const uid = uids->ranges().front().first;
        auto const hot = mailbox.read([&](storage::ReadTxn const& txn) {
            return storage::get_message(txn, mailbox.place().account, mailbox.place().mailbox, uid);
        });
        if (!hot)
            return no("EXPUNGEISSUED",
                "The message to replace is expunged already: send NOOP to learn more");
        return *hot;
    }

    storage::Result<storage::Appended> put(storage::WriteTxn& txn, IncomingMessages const& incoming,
        storage::Place from, storage::Uid replaced)
    {
        if (auto const may = incoming.check_rights(txn); !may)
            return may.error();
        auto const& to = incoming.target();
        auto const& message = incoming.messages().front();
        if (to.account.id != from.account)
            return storage::append_message(txn, to.account.id, to.id, message, incoming.who());
        return storage::replace_message(
            txn, from.account, from.mailbox, replaced, to.id, message, incoming.who());
    }

    Failure to_replace_failure(storage::Errc error)
    {
        if (error == storage::Errc::expunged)
            return no("EXPUNGEISSUED",
                "The message to replace was expunged meanwhile, nothing was added: use APPEND");
        return to_target_failure(error);
    }

} // namespace

awaitable<Result<void>> run_replace(Context& ctx, CommandText& text)
{
    auto args = co_await text.parse(parse_replace);
    if (!args)
        co_return args.error();
    auto const replaced = find_replaced(ctx, args->replaced);
    if (!replaced)
        co_return replaced.error();
    auto const target = ctx.session.find_mailbox(args->mailbox, storage::Right::insert);
    if (!target)
        co_return to_target_failure(target.error());
    auto const from = ctx.mailbox().place();
    bool const within = target->account.id == from.account;
    storage::Usage freed; // the quota counts the difference (RFC 8508 §3.4)
    if (within)
        freed = { .octets = replaced->size, .messages = 1 };
    IncomingMessages incoming(ctx, text, *target, freed);
    auto const taken = co_await incoming.take(std::move(args->head));
    if (!taken)
        co_return taken.error();
    auto const ended = co_await text.parse(parse_end);
    if (!ended)
        co_return ended.error();

    auto write = [&](storage::WriteTxn& txn) { return put(txn, incoming, from, replaced->uid); };
    auto const appended = co_await ctx.session.write_at(target->account, write);
    if (!appended)
        co_return to_replace_failure(appended.error());
    // In front of EXPUNGE, which the dispatcher tells (RFC 8508 §4.3).
    storage::UidSet const uids(appended->uid);
    if (auto code = incoming.appenduid(appended->uid_validity, uids); !code.empty())
        ctx.out.untagged(Status::ok, std::move(code), "The new message is there");
    if (!within) {
        // In another account the new message comes before the old one goes, so that one of them is
        // there whatever happens.
        storage::UidSet const old(replaced->uid);
        auto remove = [&](storage::WriteTxn& txn) {
            return storage::expunge(txn, from.account, from.mailbox, old);
        };
        auto const removed = co_await ctx.session.write_at(ctx.mailbox().owner(), remove);
        if (!removed)
            co_return no({},
                "The new message is there, but the old one could not be removed; "
                "EXPUNGE it yourself");
    }
    ctx.tells_highest_mod_seq = true;
    warn_of_quota(ctx);
    co_return Result<void> {};
}

} // namespace mail::imap
