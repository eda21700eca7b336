#include "protocol/pop3/listing.h"

#include "protocol/pop3/commands.h"

#include <fmt/format.h>

#include <iterator>

namespace mail::pop3 {

namespace {

    void append_row(
        std::string& out, Maildrop const& maildrop, std::size_t number, AppendColumn append)
    {
        fmt::format_to(std::back_inserter(out), "{} ", number);
        append(out, maildrop, number);
        out += "\r\n";
    }

} // namespace

awaitable<Result<void>> send_listing(Context& ctx, OptionalMessageNumber args, AppendColumn append)
{
    auto const& maildrop = *ctx.maildrop;
    if (args.message) {
        auto const number = existing(maildrop, *args.message);
        if (!number)
            co_return number.error();
        ctx.out.buffer() += "+OK ";
        append_row(ctx.out.buffer(), maildrop, *number, append);
        co_return Result<void> {};
    }
    ctx.ok(fmt::format("{} messages ({} octets)", maildrop.count(), maildrop.octets()));
    for (std::size_t number = 1; number <= maildrop.size(); ++number) {
        if (!maildrop.message(number).deleted)
            append_row(ctx.out.buffer(), maildrop, number, append);
        if (ctx.out.is_full())
            co_await ctx.flush();
    }
    ctx.end_of_lines();
    co_return Result<void> {};
}

} // namespace mail::pop3
