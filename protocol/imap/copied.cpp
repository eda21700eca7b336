// Copies messages for COPY and MOVE.
#include "protocol/imap/copied.h"

#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/response.h"
#include "storage/mailboxes.h"

namespace mail::imap {

Result<CopyArgs> parse_copy(Parser& in)
{
    CopyArgs args;
    in.space();
    args.set = in.sequence_set();
    in.space();
    args.target = in.mailbox();
    in.end();
    return in.finish(std::move(args));
}

awaitable<Result<storage::Copied>> copy_to(
    Context& ctx, storage::UidSet const& uids, std::string target, CopyMode mode)
{
    auto const account = ctx.account();
    auto const from = ctx.mailbox().mailbox().id;
    bool const all_or_nothing = mode == CopyMode::copy && ctx.numbering == Numbering::sequence;
    bool has_target = false;
    auto const copy = [&](storage::WriteTxn& txn) -> storage::Result<storage::Copied> {
        auto const to = storage::find_mailbox(txn, account, target);
        has_target = to.has_value();
        if (!to)
            return to.error();
        if (mode == CopyMode::move)
            return storage::move_messages(txn, account, from, uids, to->id);
        auto copied = storage::copy_messages(txn, account, from, uids, to->id);
        if (copied && all_or_nothing && copied->source.count() != uids.count())
            return storage::Errc::expunged;
        return copied;
    };
    auto copied = co_await ctx.session.write(copy);
    if (copied)
        co_return std::move(*copied);
    if (copied.error() == storage::Errc::expunged)
        co_return no("EXPUNGEISSUED",
            "Some of the messages are expunged, so none was copied: send NOOP to learn which");
    if (!has_target)
        co_return to_target_failure(copied.error());
    co_return to_failure(copied.error());
}

ResponseCode copyuid(storage::Copied const& copied)
{
    std::string code = "COPYUID ";
    append_number(code, copied.uid_validity.value);
    code += ' ';
    append_set(code, copied.source);
    code += ' ';
    append_set(code, copied.target);
    return code;
}

} // namespace mail::imap
