// GENURLAUTH and RESETKEY: URLs by which others may read a message (RFC 4467 §7).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/untagged.h"
#include "protocol/imap/url_auth.h"
#include "protocol/imap/url_object.h"
#include "protocol/imap/yield.h"
#include "storage/url_keys.h"

namespace mail::imap {
namespace {

    struct UrlToSign {
        std::string text;
        std::string mechanism;
    };

    Result<std::vector<UrlToSign>> parse_genurlauth(Parser& in)
    {
        std::vector<UrlToSign> urls;
        do {
            in.space();
            UrlToSign url;
            url.text = in.astring();
            in.space();
            url.mechanism = in.atom();
            urls.push_back(std::move(url));
        } while (!in.failed() && !in.at_end());
        return in.finish(std::move(urls));
    }

    /// The mailbox of a URL that this user may sign; the checks of RFC 4467 §7, GENURLAUTH.
    awaitable<Result<session::Located>> check_url(Context& ctx, UrlToSign url)
    {
        if (!equal_without_case(url.mechanism, internal_mechanism))
            co_return no({}, "This mechanism is not known here; use INTERNAL");
        auto const parsed = parse_url(url.text, ctx.terms);
        if (!parsed)
            co_return parsed.error();
        if (parsed->form != ImapUrl::Form::absolute || parsed->user.empty())
            co_return bad("The URL names no user: it begins like imap://user@host/");
        if (!parsed->access)
            co_return bad("The URL names nobody who may use it: it ends like ;URLAUTH=authuser");
        if (!parsed->mechanism.empty())
            co_return bad("The URL is authorized already: leave out its token");
        auto const owner = co_await ctx.session.find_identity(parsed->user);
        if (!owner || owner->account.id != ctx.account())
            co_return bad("The URL names another user; make URLs in your own name");
        auto mailbox = find_url_mailbox(ctx.session, ctx.session.identity(), *parsed);
        if (!mailbox)
            co_return bad(
                "The URL's mailbox does not exist, or you may not read it; check its name");
        co_return std::move(*mailbox);
    }

    /// The user's key for the mailbox; it is made when there is none.
    awaitable<storage::Result<std::string>> key_for(Context& ctx, session::Located mailbox)
    {
        auto const user = ctx.account();
        auto const look = [&](storage::ReadTxn const& txn) {
            return storage::read_url_key(txn, mailbox.place(), user);
        };
        if (auto const known = ctx.session.read_at(mailbox.account, look))
            co_return *known;
        auto const fresh = random_url_key();
        auto make = [&](storage::WriteTxn& txn) -> storage::Result<std::string> {
            if (auto const known = storage::read_url_key(txn, mailbox.place(), user))
                return *known; // another session was faster
            auto const put = storage::put_url_key(txn, mailbox.place(), user, fresh);
            if (!put)
                return put.error();
            return fresh;
        };
        co_return co_await ctx.session.write_at(mailbox.account, make);
    }

    awaitable<Result<void>> genurlauth(Context& ctx, std::vector<UrlToSign> urls)
    {
        if (ctx.session.is_read_only()) // what others may read is the account's to say
            co_return to_failure(storage::Errc::denied);
        std::vector<session::Located> mailboxes;
        for (auto const& url : urls) {
            auto mailbox = co_await check_url(ctx, url);
            if (!mailbox)
                co_return mailbox.error();
            mailboxes.push_back(std::move(*mailbox));
            co_await yield(ctx);
        }
        std::string signed_urls;
        for (std::size_t i = 0; i < urls.size(); ++i) {
            auto const key = co_await key_for(ctx, mailboxes[i]);
            if (!key)
                co_return to_failure(key.error());
            auto const token = url_token(urls[i].text, *key);
            signed_urls += ' ';
            append_string(signed_urls, urls[i].text + ":internal:" + token);
        }
        ctx.out.untagged("GENURLAUTH").raw(signed_urls);
        co_return Result<void> {};
    }

    struct ResetArgs {
        std::optional<std::string> mailbox; ///< nullopt: all
        std::vector<std::string> mechanisms;
    };

    Result<ResetArgs> parse_resetkey(Parser& in)
    {
        ResetArgs args;
        if (!in.at_end()) {
            in.space();
            args.mailbox = in.mailbox();
            while (!in.failed() && !in.at_end()) {
                in.space();
                args.mechanisms.emplace_back(in.atom());
            }
        }
        in.end();
        return in.finish(std::move(args));
    }

    /// Takes all keys of the user away, in their own mailboxes and in those of others.
    awaitable<Result<void>> remove_keys(Context& ctx)
    {
        auto& session = ctx.session;
        auto accounts = session.services().store.sharing_with(session.identifiers());
        accounts.push_back(session.account());
        auto const user = ctx.account();
        for (auto const& account : accounts) {
            auto const look = [&](storage::ReadTxn const& txn) {
                return storage::has_url_keys(txn, account.id, user);
            };
            if (!session.read_at(account, look))
                continue;
            auto erase = [&](storage::WriteTxn& txn) -> storage::Result<void> {
                storage::erase_url_keys(txn, account.id, user);
                return {};
            };
            auto const erased = co_await session.write_at(account, erase);
            if (!erased)
                co_return to_failure(erased.error());
        }
        co_return Result<void> {};
    }

    awaitable<Result<void>> resetkey(Context& ctx, ResetArgs args)
    {
        if (ctx.session.is_read_only())
            co_return to_failure(storage::Errc::denied);
        for (auto const& mechanism : args.mechanisms)
            if (!equal_without_case(mechanism, internal_mechanism))
                co_return no({}, "This mechanism is not known here; use INTERNAL");
        if (!args.mailbox)
            co_return co_await remove_keys(ctx);
        auto const mailbox = ctx.session.find_mailbox(*args.mailbox, storage::Right::read);
        if (!mailbox)
            co_return to_failure(mailbox.error());
        auto const user = ctx.account();
        auto const fresh = random_url_key();
        auto reset = [&](storage::WriteTxn& txn) -> storage::Result<void> {
            auto const put = storage::put_url_key(txn, mailbox->place(), user, fresh);
            return put ? storage::log_url_key_reset(txn, mailbox->place()) : put;
        };
        auto const done = co_await ctx.session.write_at(mailbox->account, reset);
        if (!done)
            co_return to_failure(done.error());
        // A session that has the mailbox selected, this one too, is told URLMECH as news.
        bool const is_told = ctx.selected && ctx.mailbox().place() == mailbox->place();
        if (!is_told)
            tell_url_mechanisms(ctx);
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_genurlauth(Context& ctx, Parser& in)
{
    return command<parse_genurlauth, genurlauth>(ctx, in);
}

awaitable<Result<void>> run_resetkey(Context& ctx, Parser& in)
{
    return command<parse_resetkey, resetkey>(ctx, in);
}

} // namespace mail::imap
