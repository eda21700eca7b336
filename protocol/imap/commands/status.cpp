// STATUS: counters of a mailbox without selecting it (RFC 9051 §6.3.11). Extensions add items
// (status_items.h), no syntax.
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/object_id.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/status_items.h"

namespace mail::imap {
namespace {

    struct StatusArgs {
        std::string mailbox;
        StatusItems items;
    };

    Result<StatusArgs> parse_status(Parser& in)
    {
        StatusArgs args;
        in.space();
        args.mailbox = in.mailbox();
        in.space();
        parse_status_items(in, args.items);
        in.end();
        return in.finish(std::move(args));
    }

    Result<void> status(Context& ctx, StatusArgs const& args)
    {
        auto const located = ctx.session.find_mailbox(args.mailbox, storage::Right::read);
        if (!located)
            return to_failure(located.error());
        auto const values = read_status(ctx, located->account, located->place(), args.items);
        if (!values)
            return to_failure(values.error());
        note_status_asked(ctx, args.items);
        tell_status(ctx, args.mailbox, args.items, *values);
        return {};
    }

} // namespace

awaitable<Result<void>> run_status(Context& ctx, Parser& in)
{
    return command<parse_status, status>(ctx, in);
}

} // namespace mail::imap
