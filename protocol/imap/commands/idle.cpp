// IDLE: news at once, without a command (RFC 2177). The state in which most sessions spend their
// life: it holds no buffer while it waits.
#include "protocol/imap/client_line.h"
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/untagged.h"

namespace mail::imap {
namespace {

    // "DONE" and nothing else ends it; the rest of a longer line need not be kept.
    constexpr std::size_t longest_done = 64;

    awaitable<void> wait_for_input(Context& ctx)
    {
        auto& stream = ctx.session.stream();
        for (;;) {
            if (ctx.selected && ctx.selected->has_news())
                co_await tell_news(ctx, Expunges::allowed);
            co_await ctx.out.flush();
            std::string().swap(ctx.out.buffer()); // it may idle for half an hour
            if (ctx.wants_close || !ctx.input.available().empty())
                co_return;
            if (co_await stream.wait_input() == ByteStream::Wake::input)
                co_return;
        }
    }

    awaitable<Result<void>> idle(Context& ctx, NoArguments)
    {
        // Not RFC: Perl's Mail::IMAPTalk takes exactly this text for a sign that IDLE works.
        ctx.out.continuation("idling");
        if (ctx.selected)
            ctx.selected->bell().arm(true);
        co_await wait_for_input(ctx);
        if (ctx.selected)
            ctx.selected->bell().arm(false);
        if (ctx.wants_close) {
            ctx.is_answered = true;
            co_return Result<void> {};
        }
        auto const line = co_await read_line(ctx, longest_done);
        if (!line || !equal_without_case(*line, "DONE"))
            co_return bad("IDLE ends with the line DONE");
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_idle(Context& ctx, Parser& in)
{
    return command<no_arguments, idle>(ctx, in);
}

} // namespace mail::imap
