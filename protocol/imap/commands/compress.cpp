// COMPRESS: what follows is deflated, both ways (RFC 4978).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"

namespace mail::imap {
namespace {

    Result<NoArguments> parse_compress(Parser& in)
    {
        in.space();
        if (!in.accept_word("DEFLATE"))
            in.fail("DEFLATE, the one way to compress that is spoken");
        in.end();
        return in.finish(NoArguments {});
    }

    awaitable<Result<void>> compress(Context& ctx, NoArguments)
    {
        auto& compression = ctx.session.compression();
        if (compression.is_compressing()) // RFC 4978 §3: BAD; the code says why
            co_return Failure(
                Status::bad, "COMPRESSIONACTIVE", "This connection is compressed already");
        ctx.out.tagged(ctx.tag, Status::ok, {}, "Everything is compressed from here on");
        ctx.is_answered = true;
        co_await ctx.out.flush();
        // What a hasty client sent behind the command is compressed, or nothing that it may send.
        compression.start(ctx.input.available());
        ctx.input.discard();
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_compress(Context& ctx, Parser& in)
{
    return command<parse_compress, compress>(ctx, in);
}

} // namespace mail::imap
