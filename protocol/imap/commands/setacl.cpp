// SETACL and DELETEACL: gives and takes rights to a mailbox (RFC 4314 §3.1 and §3.2).
#include "protocol/imap/acl_identifier.h"
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/rights.h"

#include <algorithm>

namespace mail::imap {
namespace {

    struct AclChange {
        enum class Mode { replace, add, remove };
        Mode mode = Mode::replace;
        storage::Rights rights;

        storage::Rights applied_to(storage::Rights before) const
        {
            switch (mode) {
            case Mode::replace:
                return rights;
            case Mode::add:
                return before | rights;
            case Mode::remove:
                return before - rights;
            }
            return before;
        }
    };

    struct AclArgs {
        std::string mailbox;
        std::string identifier;
        AclChange change; ///< DELETEACL: no rights are left
    };

    AclChange parse_change(Parser& in)
    {
        AclChange change;
        auto letters = in.astring();
        if (letters.starts_with('+'))
            change.mode = AclChange::Mode::add;
        else if (letters.starts_with('-'))
            change.mode = AclChange::Mode::remove;
        if (change.mode != AclChange::Mode::replace)
            letters.remove_prefix(1);
        if (auto const rights = parse_rights(letters))
            change.rights = *rights;
        else
            in.refuse(bad("Rights are some of the letters lrswipkxtea, with + or - in front"));
        return change;
    }

    Result<AclArgs> parse_delete_acl(Parser& in)
    {
        AclArgs args;
        in.space();
        args.mailbox = in.mailbox();
        in.space();
        args.identifier = in.astring();
        in.end();
        return in.finish(std::move(args));
    }

    Result<AclArgs> parse_set_acl(Parser& in)
    {
        AclArgs args;
        in.space();
        args.mailbox = in.mailbox();
        in.space();
        args.identifier = in.astring();
        in.space();
        args.change = parse_change(in);
        in.end();
        return in.finish(std::move(args));
    }

    /// An entry without rights is none.
    void apply(storage::Acl& acl, std::string const& identifier, AclChange const& change)
    {
        auto const known = std::ranges::find(acl, identifier, &storage::AclEntry::identifier);
        auto const before = known == acl.end() ? storage::Rights {} : known->rights;
        auto const after = change.applied_to(before);
        if (known == acl.end()) {
            if (!after.empty())
                acl.push_back({ identifier, after });
        } else if (after.empty()) {
            acl.erase(known);
        } else {
            known->rights = after;
        }
    }

    /// Nothing can be taken from the owner, and the owner has all already.
    Result<void> leave_owner_alone(AclIdentifier const& identifier, AclChange const& change)
    {
        bool const keeps_all = identifier.is_negative
            ? change.applied_to({}).empty()
            : change.applied_to(storage::Rights::all()) == storage::Rights::all();
        if (keeps_all)
            return {};
        return no(
            "CANNOT", "The owner of a mailbox always has all rights to it; change those of others");
    }

    awaitable<Result<void>> change_acl(Context& ctx, AclArgs args)
    {
        // Before anything is said about users, or noted in somebody's account.
        auto const located = ctx.session.find_mailbox(args.mailbox, storage::Right::administer);
        if (!located)
            co_return to_failure(located.error());
        auto const where = ctx.session.interpret(args.mailbox);
        auto const identifier = co_await identify(ctx, located->account, args.identifier);
        if (!identifier)
            co_return identifier.error();
        if (identifier->is_owner)
            co_return leave_owner_alone(*identifier, args.change);
        bool const gives
            = args.change.mode != AclChange::Mode::remove && !args.change.rights.empty();
        if (gives && !ctx.session.settings().sharing.enabled)
            co_return no(
                "CANNOT", "Mailboxes are not shared on this server; ask the administrator for it");
        if (gives && identifier->unknown)
            co_return *identifier->unknown;
        if (gives && !identifier->is_negative) {
            auto note = [&] {
                return ctx.session.services().store.note_sharing(
                    located->account, identifier->entry);
            };
            auto const noted = co_await ctx.session.work(note);
            if (!noted)
                co_return to_failure(noted.error());
        }
        auto write = [&](storage::WriteTxn& txn) -> storage::Result<void> {
            // The right may have been taken meanwhile.
            auto const now = ctx.session.locate(txn, *where, storage::Right::administer);
            if (!now)
                return now.error();
            auto acl = storage::read_acl(txn, now->place());
            auto const before = acl;
            apply(acl, identifier->entry, args.change);
            if (acl == before)
                return {};
            return storage::write_acl(txn, now->place(), acl);
        };
        auto const written = co_await ctx.session.write_at(located->account, write);
        if (!written)
            co_return to_failure(written.error());
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_setacl(Context& ctx, Parser& in)
{
    return command<parse_set_acl, change_acl>(ctx, in);
}

awaitable<Result<void>> run_deleteacl(Context& ctx, Parser& in)
{
    return command<parse_delete_acl, change_acl>(ctx, in);
}

} // namespace mail::imap
