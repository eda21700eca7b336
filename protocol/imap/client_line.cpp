// Lines outside of the command syntax.
#include "protocol/imap/client_line.h"

#include "protocol/imap/context.h"

namespace mail::imap {

awaitable<std::optional<std::string>> read_line(Context& ctx, std::size_t limit)
{
    std::string line;
    bool too_long = false;
    for (;;) {
        auto const octets = ctx.input.available();
        auto const newline = octets.find('\n');
        auto const part = octets.substr(0, newline);
        too_long = too_long || line.size() + part.size() > limit + 1; // CR
        if (!too_long)
            line.append(part);
        if (newline != std::string_view::npos) {
            ctx.input.consume(newline + 1);
            break;
        }
        ctx.input.consume(octets.size());
        co_await ctx.out.flush();
        co_await ctx.input.fill();
    }
    if (line.ends_with('\r'))
        line.pop_back();
    if (too_long || line.size() > limit)
        co_return std::nullopt;
    co_return line;
}

} // namespace mail::imap
