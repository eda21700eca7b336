// GETACL, LISTRIGHTS and MYRIGHTS: who may do what with a mailbox (RFC 4314 §3.3 to §3.5).
#include "protocol/imap/acl_identifier.h"
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/rights.h"

namespace mail::imap {
namespace {

    struct AclMailboxArgs {
        std::string mailbox;
    };

    Result<AclMailboxArgs> parse_acl_mailbox(Parser& in)
    {
        AclMailboxArgs args;
        in.space();
        args.mailbox = in.mailbox();
        in.end();
        return in.finish(std::move(args));
    }

    std::string letters_of(storage::Rights rights)
    {
        std::string letters;
        append_rights(letters, rights);
        return letters;
    }

    Result<void> get_acl(Context& ctx, AclMailboxArgs const& args)
    {
        auto const located = ctx.session.find_mailbox(args.mailbox, storage::Right::administer);
        if (!located)
            return to_failure(located.error());
        auto const acl = ctx.session.read_at(located->account,
            [&](storage::ReadTxn const& txn) { return storage::read_acl(txn, located->place()); });
        auto line = ctx.out.untagged("ACL");
        line.mailbox(args.mailbox);
        // The owner is in no list, and may do all.
        line.astring(located->account.name).astring(letters_of(storage::Rights::all()));
        for (auto const& entry : acl)
            line.astring(entry.identifier).astring(letters_of(entry.rights));
        return {};
    }

    struct ListRightsArgs {
        std::string mailbox;
        std::string identifier;
    };

    Result<ListRightsArgs> parse_list_rights(Parser& in)
    {
        ListRightsArgs args;
        in.space();
        args.mailbox = in.mailbox();
        in.space();
        args.identifier = in.astring();
        in.end();
        return in.finish(std::move(args));
    }

    /// No rights are tied to each other: each stands by itself, and so do the old "c" and "d"
    /// (§2.1.1).
    awaitable<Result<void>> list_rights(Context& ctx, ListRightsArgs args)
    {
        auto const located = ctx.session.find_mailbox(args.mailbox, storage::Right::administer);
        if (!located)
            co_return to_failure(located.error());
        auto const identifier = co_await identify(ctx, located->account, args.identifier);
        if (!identifier)
            co_return identifier.error();
        if (identifier->unknown)
            co_return *identifier->unknown;
        auto const all = letters_of(storage::Rights::all());
        auto line = ctx.out.untagged("LISTRIGHTS");
        line.mailbox(args.mailbox).astring(args.identifier);
        if (identifier->is_owner) { // always all, and nothing can be taken from it
            line.astring(identifier->is_negative ? std::string_view {} : all);
            co_return Result<void> {};
        }
        line.astring("");
        for (std::size_t i = 0; i < all.size(); ++i)
            line.astring(std::string_view(all).substr(i, 1));
        co_return Result<void> {};
    }

    Result<void> my_rights(Context& ctx, AclMailboxArgs const& args)
    {
        auto const located = ctx.session.find_mailbox(args.mailbox, {});
        if (!located)
            return to_failure(located.error());
        using storage::Right;
        constexpr auto any = Right::lookup | Right::read | Right::insert | Right::create_mailboxes
            | Right::delete_mailbox | Right::administer;
        if (!located->rights.has_any(any))
            return to_failure(storage::Errc::not_found);
        ctx.out.untagged("MYRIGHTS").mailbox(args.mailbox).astring(letters_of(located->rights));
        return {};
    }

} // namespace

awaitable<Result<void>> run_getacl(Context& ctx, Parser& in)
{
    return command<parse_acl_mailbox, get_acl>(ctx, in);
}

awaitable<Result<void>> run_listrights(Context& ctx, Parser& in)
{
    return command<parse_list_rights, list_rights>(ctx, in);
}

awaitable<Result<void>> run_myrights(Context& ctx, Parser& in)
{
    return command<parse_acl_mailbox, my_rights>(ctx, in);
}

} // namespace mail::imap
