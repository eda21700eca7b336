// Waits in which bells ring.
#include "protocol/imap/listen.h"

#include "protocol/imap/context.h"
#include "protocol/imap/untagged.h"

namespace mail::imap {
namespace {

    void arm(Context& ctx, bool on)
    {
        if (ctx.selected)
            ctx.selected->bell().arm(on);
        if (ctx.notifier)
            ctx.notifier->bell().arm(on);
    }

    awaitable<void> wait(Context& ctx, session::Expunges expunges)
    {
        auto& stream = ctx.session.stream();
        for (;;) {
            co_await tell_all_news(ctx, expunges);
            co_await ctx.out.flush();
            std::string().swap(ctx.out.buffer()); // it may be half an hour
            if (ctx.wants_close || !ctx.input.available().empty())
                co_return;
            auto const wake = co_await stream.wait_input();
            if (wake == ByteStream::Wake::input)
                co_return;
        }
    }

} // namespace

awaitable<void> tell_all_news(Context& ctx, session::Expunges expunges)
{
    if (ctx.selected && ctx.selected->has_news())
        co_await tell_news(ctx, expunges);
    if (ctx.notifier && !ctx.wants_close)
        co_await ctx.notifier->tell(ctx);
    ctx.session.own_changes().clear();
}

awaitable<void> listen(Context& ctx, session::Expunges expunges)
{
    arm(ctx, true);
    co_await wait(ctx, expunges);
    arm(ctx, false);
}

} // namespace mail::imap
