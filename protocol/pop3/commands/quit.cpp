// QUIT: the UPDATE state, where what is marked as deleted goes (RFC 1939 §4, §6).
#include "protocol/pop3/commands.h"

#include <fmt/format.h>

namespace mail::pop3 {

awaitable<Result<void>> quit(Context& ctx, NoArguments)
{
    bool const had_maildrop = ctx.state == State::transaction;
    ctx.state = State::ended;
    if (had_maildrop) {
        ctx.maildrop->hold().begin_update();
        bool const wants_deletion = ctx.maildrop->count() < ctx.maildrop->size();
        auto const updated = co_await ctx.maildrop->update(ctx.session);
        // Another session may have the maildrop as soon as this one is told that it is done.
        ctx.maildrop.reset();
        if (!updated && wants_deletion)
            co_return Failure(Code::sys_temp,
                fmt::format("Nothing was deleted: {}", to_failure(updated.error()).text()));
        ctx.totals.deleted = updated ? *updated : 0;
    }
    ctx.ok("Goodbye");
    co_return Result<void> {};
}

} // namespace mail::pop3
