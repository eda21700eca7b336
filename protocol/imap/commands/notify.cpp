// NOTIFY: which news the client wants, at any time and of all its mailboxes (RFC 5465).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/notify_request.h"
#include "protocol/imap/untagged.h"

namespace mail::imap {
namespace {

    awaitable<Result<void>> notify(Context& ctx, std::optional<NotifyRequest> request)
    {
        auto notifier = std::make_unique<Notifier>(ctx.session);
        if (!request) {
            ctx.notifier = std::move(notifier);
            co_return Result<void> {};
        }
        if (auto const watched = notifier->watch(std::move(*request)); !watched)
            co_return watched.error();
        // An implicit NOOP (§3.1): whatever was held back, the client knows all of its mailbox now.
        if (ctx.selected)
            co_await tell_news(ctx, Expunges::allowed, {});
        ctx.notifier = std::move(notifier);
        co_await ctx.notifier->tell_beginning(ctx);
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_notify(Context& ctx, Parser& in)
{
    return command<parse_notify, notify>(ctx, in);
}

} // namespace mail::imap
