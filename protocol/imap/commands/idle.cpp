// IDLE: news at once, without a command (RFC 2177). The state in which most sessions spend their
// life: it holds no buffer while it waits.
#include "protocol/imap/client_line.h"
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/listen.h"
#include "protocol/imap/parser.h"

namespace mail::imap {
namespace {

    // "DONE" and nothing else ends it; the rest of a longer line need not be kept.
    constexpr std::size_t longest_done = 64;

    awaitable<Result<void>> idle(Context& ctx, NoArguments)
    {
        // Not RFC: Perl's Mail::IMAPTalk takes exactly this text for a sign that IDLE works.
        ctx.out.continuation("idling");
        co_await listen(ctx, Expunges::allowed);
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
