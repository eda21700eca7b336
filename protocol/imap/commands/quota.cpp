// GETQUOTA, GETQUOTAROOT and SETQUOTA: what accounts use and may use (RFC 9208).
#include "protocol/imap/quota.h"

#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "storage/mailboxes.h"

#include <algorithm>
#include <limits>

namespace mail::imap {
namespace {

    using storage::hierarchy_delimiter;

    struct QuotaArgs {
        std::string name; ///< of the quota root, or of the mailbox
    };

    Result<QuotaArgs> parse_get_quota(Parser& in)
    {
        QuotaArgs args;
        in.space();
        args.name = in.astring();
        in.end();
        return in.finish(std::move(args));
    }

    Result<QuotaArgs> parse_get_quota_root(Parser& in)
    {
        QuotaArgs args;
        in.space();
        args.name = in.mailbox();
        in.end();
        return in.finish(std::move(args));
    }

    Failure no_such_root()
    {
        return no("NONEXISTENT", "There is no such quota root; GETQUOTAROOT INBOX tells yours");
    }

    /// Who may read mail of the account learns what it uses by GETQUOTAROOT, too.
    bool may_read_some(Context& ctx, storage::Account const& account)
    {
        if (!ctx.session.settings().sharing.enabled)
            return false;
        auto const identifiers = ctx.session.identifiers();
        return ctx.session.read_at(account, [&](storage::ReadTxn const& txn) {
            return std::ranges::any_of(storage::list_acls(txn, account.id), [&](auto const& each) {
                auto const& [mailbox, acl] = each; // which may be deleted, and still be kept
                return session::rights_in(acl, identifiers).has(storage::Right::read)
                    && storage::get_mailbox(txn, account.id, mailbox);
            });
        });
    }

    awaitable<Result<void>> get_quota(Context& ctx, QuotaArgs args)
    {
        auto const account = ctx.session.services().store.find_account(args.name);
        if (!account
            || (account->id != ctx.account() && !ctx.session.user().is_administrator
                && !may_read_some(ctx, *account)))
            co_return no_such_root();
        auto const state = co_await read_quota(ctx, *account);
        if (!state)
            co_return no_such_root();
        tell_quota(ctx, *account, *state, QuotaDetail::all);
        co_return Result<void> {};
    }

    /// The mailbox, or the nearest one above it that the user may know of: where it would be made
    /// (§4.1.2).
    storage::Result<session::Located> find_nearest(Context& ctx, session::MailboxName where)
    {
        constexpr auto visible = storage::Right::read | storage::Right::lookup;
        return ctx.session.read_at(
            where.account, [&](storage::ReadTxn const& txn) -> storage::Result<session::Located> {
                for (;;) {
                    auto located = ctx.session.locate(txn, where, {});
                    if (located && located->rights.has_any(visible))
                        return located;
                    auto const end = where.name.rfind(hierarchy_delimiter);
                    if (end == std::string::npos)
                        return storage::Errc::not_found;
                    where.name.resize(end);
                }
            });
    }

    awaitable<Result<void>> get_quota_root(Context& ctx, QuotaArgs args)
    {
        auto const where = ctx.session.interpret(args.name);
        if (!where)
            co_return to_failure(where.error());
        auto detail = QuotaDetail::all;
        if (where->account.id != ctx.account()) {
            auto const nearest = find_nearest(ctx, *where);
            if (!nearest)
                co_return to_failure(nearest.error());
            // How many messages there are is for those who may read them (§6).
            if (!nearest->rights.has(storage::Right::read))
                detail = QuotaDetail::only_mailboxes;
        }
        auto const state = co_await read_quota(ctx, where->account);
        if (!state)
            co_return to_failure(state.error());
        ctx.out.untagged("QUOTAROOT").mailbox(args.name).astring(where->account.name);
        tell_quota(ctx, where->account, *state, detail);
        co_return Result<void> {};
    }

    struct SetQuotaArgs {
        std::string root;
        storage::Quota quota; ///< what is not named is not bounded any more
    };

    void parse_limit(Parser& in, storage::Quota& quota)
    {
        for (auto const& resource : quota_resources()) {
            if (!in.accept_word(resource.name, resource.capability))
                continue;
            in.space();
            auto const limit = in.number64();
            constexpr auto most
                = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
            if (limit > most / resource.unit)
                in.refuse(no("LIMIT", "This bound is beyond what can be counted; set a lower one"));
            quota.*resource.bound = limit * resource.unit;
            return;
        }
        in.atom();
        in.space();
        in.number64();
        in.refuse(
            no("CANNOT", "This resource is not bounded here; CAPABILITY lists those that are"));
    }

    Result<SetQuotaArgs> parse_set_quota(Parser& in)
    {
        SetQuotaArgs args;
        in.space();
        args.root = in.astring();
        in.space();
        in.list_or_empty([&] { parse_limit(in, args.quota); });
        in.end();
        return in.finish(std::move(args));
    }

    /// The account, made when its user had neither a login nor mail yet.
    awaitable<storage::Result<storage::Account>> open_root(Context& ctx, std::string name)
    {
        auto& services = ctx.session.services();
        auto found = services.store.find_account(name);
        if (found)
            co_return found;
        auto const user = co_await services.authenticator.find_recipient(name);
        if (!user)
            co_return storage::Errc::not_found;
        auto open = [&] {
            return services.store.open_account(user->name, services.settings.new_account_mailboxes);
        };
        found = co_await ctx.session.work(open);
        co_return found;
    }

    awaitable<Result<void>> set_quota(Context& ctx, SetQuotaArgs args)
    {
        if (!ctx.session.user().is_administrator)
            co_return no("NOPERM", "Only administrators set quotas; ask one of them");
        auto const account = co_await open_root(ctx, args.root);
        if (!account)
            co_return no("NONEXISTENT",
                "There is no account of this name; give a login name as the quota root");
        auto write = [&](storage::WriteTxn& txn) {
            return storage::set_quota(txn, account->id, args.quota);
        };
        auto const written = co_await ctx.session.write_at(*account, write);
        if (!written)
            co_return to_failure(written.error());
        auto const state = co_await read_quota(ctx, *account);
        if (state)
            tell_quota(ctx, *account, *state, QuotaDetail::all);
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_getquota(Context& ctx, Parser& in)
{
    return command<parse_get_quota, get_quota>(ctx, in);
}

awaitable<Result<void>> run_getquotaroot(Context& ctx, Parser& in)
{
    return command<parse_get_quota_root, get_quota_root>(ctx, in);
}

awaitable<Result<void>> run_setquota(Context& ctx, Parser& in)
{
    return command<parse_set_quota, set_quota>(ctx, in);
}

} // namespace mail::imap
