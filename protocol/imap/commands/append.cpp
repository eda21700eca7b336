// APPEND: messages into a mailbox (RFC 9051 §6.3.12), several at once (MULTIAPPEND, RFC 3502), with
// APPENDUID (RFC 4315 §3).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/incoming.h"

namespace mail::imap {
namespace {

    struct AppendArgs {
        std::string mailbox;
        MessageHead first;
    };

    AppendArgs parse_append(Parser& in)
    {
        AppendArgs args;
        in.space();
        args.mailbox = in.mailbox();
        args.first = parse_message_head(in);
        return args;
    }

    std::optional<MessageHead> parse_next(Parser& in)
    {
        if (in.at_end())
            return std::nullopt;
        if (!in.offers(Capability::multiappend))
            in.fail("the end of the command: APPEND takes one message");
        return parse_message_head(in);
    }

    struct Kept {
        storage::UidValidity uid_validity;
        storage::UidSet uids;
    };

    /// All of them, or none.
    storage::Result<Kept> keep(storage::WriteTxn& txn, IncomingMessages const& incoming)
    {
        if (auto const may = incoming.check_rights(txn); !may)
            return may.error();
        auto const& target = incoming.target();
        auto const who = incoming.who();
        Kept kept;
        for (auto const& message : incoming.messages()) {
            auto const appended
                = storage::append_message(txn, target.account.id, target.id, message, who);
            if (!appended)
                return appended.error();
            kept.uid_validity = appended->uid_validity;
            kept.uids.add(appended->uid);
        }
        return kept;
    }

} // namespace

awaitable<Result<void>> run_append(Context& ctx, CommandText& text)
{
    auto args = co_await text.parse(parse_append);
    if (!args)
        co_return args.error();
    auto const target = ctx.session.find_mailbox(args->mailbox, storage::Right::insert);
    if (!target)
        co_return to_target_failure(target.error());
    IncomingMessages incoming(ctx, text, *target);
    std::optional<MessageHead> next(std::move(args->first));
    while (next) {
        auto const taken = co_await incoming.take(std::move(*next));
        if (!taken)
            co_return taken.error();
        auto another = co_await text.parse(parse_next);
        if (!another)
            co_return another.error();
        next = std::move(*another);
    }
    auto write = [&](storage::WriteTxn& txn) { return keep(txn, incoming); };
    auto const kept = co_await ctx.session.write_at(target->account, write);
    if (!kept)
        co_return to_target_failure(kept.error());
    ctx.succeed_with(incoming.appenduid(kept->uid_validity, kept->uids));
    warn_of_quota(ctx);
    co_return Result<void> {};
}

} // namespace mail::imap
