// SETMETADATA: sets and removes annotations, all or none (RFC 5464 §4.3).
#include "protocol/imap/annotations.h"
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/special_use.h"

namespace mail::imap {
namespace {

    struct SetMetadataArgs {
        std::string mailbox; ///< empty: the server
        storage::MetadataChange change;
    };

    Result<SetMetadataArgs> parse_set_metadata(Parser& in)
    {
        SetMetadataArgs args;
        in.space();
        args.mailbox = parse_annotated(in);
        in.space();
        in.list([&] {
            auto entry = parse_entry(in, Entries::named);
            in.space();
            auto const value = in.nstring8();
            args.change.insert_or_assign(std::move(entry), value);
        });
        in.end();
        return in.finish(std::move(args));
    }

    /// A change as the store keeps it.
    struct Change {
        storage::MetadataChange shared;
        storage::MetadataChange own;
        std::optional<storage::SpecialUse> special_use;
    };

    Failure too_many()
    {
        return no("METADATA TOOMANY", "There are too many annotations here; remove some first");
    }

    Result<storage::SpecialUse> read_special_use(
        Context const& ctx, bool is_owner, std::optional<std::string> const& value)
    {
        if (!ctx.terms.offers(Capability::special_use))
            return no("CANNOT", "Special uses are switched off here");
        if (!is_owner)
            return no("USEATTR", "Only the owner gives a mailbox a special use");
        Parser in(value ? std::string_view(*value) : std::string_view {}, ctx.terms);
        auto const uses = parse_special_uses(in);
        in.end();
        auto const read = in.finish(uses);
        if (!read && read.error().status() == Status::bad)
            return no("USEATTR", "The value is a list of special uses, like \\Drafts");
        return read;
    }

    Result<Change> sort_out(
        Context const& ctx, storage::MetadataChange const& wanted, session::Located const& at)
    {
        Change change;
        bool const is_owner = at.account.id == ctx.account();
        for (auto const& [entry, value] : wanted) {
            if (value && value->size() > max_annotation)
                return no("METADATA MAXSIZE " + std::to_string(max_annotation),
                    "The value is too large; shorten it");
            if (is_special_use(entry)) {
                auto const use = read_special_use(ctx, is_owner, value);
                if (!use)
                    return use.error();
                change.special_use = *use;
            } else {
                // What all see is changed by those who may change what all see.
                if (!is_private(entry) && !at.rights.has(storage::Right::write))
                    return to_failure(storage::Errc::denied);
                (is_private(entry) ? change.own : change.shared).emplace(entry, value);
            }
        }
        return change;
    }

    awaitable<Result<void>> set_at_mailbox(Context& ctx, SetMetadataArgs args)
    {
        auto const located = find_annotated(ctx, args.mailbox);
        if (!located)
            co_return to_failure(located.error());
        auto const change = sort_out(ctx, args.change, *located);
        if (!change)
            co_return change.error();
        auto const place = located->place();
        auto const viewer = ctx.account();
        bool is_taken = false;
        auto write = [&](storage::WriteTxn& txn) -> storage::Result<void> {
            is_taken = change->special_use
                && is_use_taken(txn, place.account, *change->special_use, place.mailbox);
            if (is_taken)
                return storage::Errc::not_permitted;
            if (change->special_use)
                if (auto const set = storage::set_special_use(
                        txn, place.account, place.mailbox, *change->special_use);
                    !set)
                    return set.error();
            if (auto const set = storage::change_metadata(txn, { place }, change->shared); !set)
                return set.error();
            return storage::change_metadata(txn, { place, viewer }, change->own);
        };
        auto const written = co_await ctx.session.write_at(located->account, write);
        if (written)
            co_return Result<void> {};
        if (is_taken)
            co_return use_is_taken();
        if (written.error() == storage::Errc::limit || written.error() == storage::Errc::over_quota)
            co_return too_many();
        co_return to_failure(written.error());
    }

    /// The server's own entries are the administrator's; each user has private ones.
    awaitable<Result<void>> set_at_server(Context& ctx, SetMetadataArgs args)
    {
        for (auto const& [entry, value] : args.change) {
            if (!is_private(entry))
                co_return no("NOPERM",
                    "Only the administrator sets entries of the server, in its configuration");
            if (value && value->size() > max_annotation)
                co_return no("METADATA MAXSIZE " + std::to_string(max_annotation),
                    "The value is too large; shorten it");
        }
        storage::MetadataPlace const at { { ctx.account(), {} }, ctx.account() };
        auto write = [&](storage::WriteTxn& txn) {
            return storage::change_metadata(txn, at, args.change);
        };
        auto const written = co_await ctx.session.write(write);
        if (written)
            co_return Result<void> {};
        if (written.error() == storage::Errc::limit || written.error() == storage::Errc::over_quota)
            co_return too_many();
        co_return to_failure(written.error());
    }

    awaitable<Result<void>> set_metadata(Context& ctx, SetMetadataArgs args)
    {
        if (args.mailbox.empty())
            co_return co_await set_at_server(ctx, std::move(args));
        co_return co_await set_at_mailbox(ctx, std::move(args));
    }

} // namespace

awaitable<Result<void>> run_setmetadata(Context& ctx, Parser& in)
{
    return command<parse_set_metadata, set_metadata>(ctx, in);
}

} // namespace mail::imap
