// CREATE: a new mailbox (RFC 9051 §6.3.4), perhaps for a special use (RFC 6154 §3).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/object_id.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/special_use.h"

#include <algorithm>

namespace mail::imap {
namespace {

    using storage::SpecialUse;

    Result<storage::NewMailbox> parse_create(Parser& in)
    {
        storage::NewMailbox wanted;
        in.space();
        wanted.name = in.mailbox();
        if (!in.at_end()) {
            in.space();
            in.open();
            if (!in.accept_word("USE"))
                in.fail("USE");
            in.space();
            in.list_or_empty([&] {
                auto const begin = in.rest();
                in.expect('\\');
                auto const name = in.atom();
                if (in.failed())
                    return;
                auto const use = special_use_of(begin.substr(0, name.size() + 1));
                // \All and \Flagged are for mailboxes that show the messages of others.
                if (!use || *use == SpecialUse::all || *use == SpecialUse::flagged)
                    return in.refuse(no("USEATTR",
                        "Use one of \\Archive, \\Drafts, \\Important, \\Junk, \\Sent, \\Trash"));
                wanted.special_use = static_cast<SpecialUse>(
                    static_cast<unsigned>(wanted.special_use) | static_cast<unsigned>(*use));
            });
            in.close();
        }
        in.end();
        return in.finish(std::move(wanted));
    }

    bool is_taken(storage::ReadTxn const& txn, storage::AccountId account, SpecialUse use)
    {
        return std::ranges::any_of(storage::list_mailboxes(txn, account), [&](auto const& mailbox) {
            return (static_cast<unsigned>(mailbox.special_use) & static_cast<unsigned>(use)) != 0;
        });
    }

    awaitable<Result<void>> create(Context& ctx, storage::NewMailbox wanted)
    {
        auto const where = ctx.session.interpret(wanted.name);
        if (!where)
            co_return to_failure(where.error());
        wanted.name = where->name;
        auto const account = where->account.id;
        auto const quota = ctx.session.quota_of(where->account);
        bool use_is_taken = false;
        auto make = [&](storage::WriteTxn& txn) -> storage::Result<storage::Mailbox> {
            if (auto const may = ctx.session.may_create(txn, *where); !may)
                return may.error();
            // Clients take the first mailbox of a use: two would part their mail.
            use_is_taken = wanted.special_use != SpecialUse::none
                && is_taken(txn, account, wanted.special_use);
            if (use_is_taken)
                return storage::Errc::not_permitted;
            return storage::create_mailbox(txn, account, wanted, quota);
        };
        auto const made = co_await ctx.session.write_at(where->account, make);
        if (!made && use_is_taken)
            co_return no("USEATTR", "Another mailbox has this special use; LIST shows it");
        if (!made)
            co_return to_failure(made.error());
        if (ctx.terms.offers(Capability::objectid)) // RFC 8474 §4.1
            ctx.succeed_with("MAILBOXID (" + object_id(storage::Place { account, made->id }) + ")");
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_create(Context& ctx, Parser& in)
{
    return command<parse_create, create>(ctx, in);
}

} // namespace mail::imap
