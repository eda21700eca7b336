// CREATE: a new mailbox (RFC 9051 §6.3.4), perhaps for a special use (RFC 6154 §3).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/object_id.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/special_use.h"
#include "protocol/imap/untagged.h"

namespace mail::imap {
namespace {

    struct CreateArgs {
        storage::NewMailbox wanted;
        std::string old_name; ///< as the client wrote it, when the mailbox gets another one
    };

    Result<CreateArgs> parse_create(Parser& in)
    {
        CreateArgs args;
        in.space();
        args.wanted.name = in.mailbox();
        args.old_name = in.denormalised();
        if (!in.at_end()) {
            in.space();
            in.open();
            if (!in.accept_word("USE", Capability::create_special_use))
                in.fail("USE");
            in.space();
            in.open();
            args.wanted.special_use = parse_special_uses(in);
            in.close();
            in.close();
        }
        in.end();
        return in.finish(std::move(args));
    }

    awaitable<Result<void>> create(Context& ctx, CreateArgs args)
    {
        auto const name = args.wanted.name;
        auto const where = ctx.session.interpret(name);
        if (!where)
            co_return may_not_create();
        auto const account = where->account.id;
        bool const is_own = account == ctx.account();
        auto wanted = std::move(args.wanted);
        if (!is_own && wanted.special_use != storage::SpecialUse::none)
            co_return no(
                "USEATTR", "Only the owner gives a mailbox a special use; ask the owner to");
        wanted.name = where->name;
        auto const quota = co_await ctx.session.quota_of(where->account);
        bool is_taken = false;
        bool may_create = true;
        auto make = [&](storage::WriteTxn& txn) -> storage::Result<storage::Mailbox> {
            may_create = ctx.session.may_create(txn, *where).has_value();
            if (!may_create)
                return storage::Errc::denied;
            is_taken = is_use_taken(txn, account, wanted.special_use);
            if (is_taken)
                return storage::Errc::not_permitted;
            return storage::create_mailbox(txn, account, wanted, quota);
        };
        auto const made = co_await ctx.session.write_at(where->account, make);
        if (!may_create)
            co_return may_not_create();
        if (!made && is_taken)
            co_return use_is_taken();
        if (!made)
            co_return to_failure(made.error());
        if (ctx.terms.offers(Capability::objectid)) // RFC 8474 §4.1
            ctx.succeed_with("MAILBOXID (" + object_id(storage::Place { account, made->id }) + ")");
        tell_old_name(ctx, special_use_list(wanted.special_use), name, args.old_name);
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_create(Context& ctx, Parser& in)
{
    return command<parse_create, create>(ctx, in);
}

} // namespace mail::imap
