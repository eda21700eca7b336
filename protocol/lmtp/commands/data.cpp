// DATA: the message, and a reply for each recipient (RFC 2033 §4.2).
#include "protocol/lmtp/commands.h"
#include "protocol/lmtp/dot_reader.h"
#include "protocol/lmtp/incoming.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mail::lmtp {

namespace {

    std::optional<Failure> why_not(Transaction const& transaction)
    {
        if (transaction.message) // RFC 3030 §2
            return Failure(
                "503", "5.5.1", "The message has begun by BDAT: go on by it, or send RSET");
        if (transaction.is_binary) // RFC 3030 §3
            return Failure("503", "5.5.1", "BODY=BINARYMIME comes by BDAT, not by DATA: send RSET");
        if (transaction.recipients.empty()) // RFC 2033 says 503
            return Failure("503", "5.5.1", "No valid recipients: RCPT comes first");
        return std::nullopt;
    }

    /// Reads to the end of the data, however much it is. False: that takes too long.
    awaitable<bool> read_message(Context& ctx, Incoming& message)
    {
        auto const executor = ctx.session.stream().executor();
        DotReader dots;
        Pace pace(ctx.settings().message_time);
        while (!dots.is_done()) {
            if (ctx.in.available().empty()) {
                if (pace.is_too_slow())
                    co_return false;
                co_await ctx.in.fill();
            }
            auto const all = ctx.in.available();
            auto rest = all;
            while (!rest.empty() && !dots.is_done()) {
                auto const piece = dots.next(rest);
                if (!piece.empty())
                    co_await message.take(piece);
            }
            auto const taken = all.size() - rest.size();
            ctx.in.consume(taken);
            if (pace.is_turn_over(taken))
                co_await boost::asio::post(executor, boost::asio::use_awaitable);
        }
        co_return true;
    }

} // namespace

awaitable<Result<void>> data(Context& ctx, NoArguments)
{
    auto const refusal = why_not(*ctx.transaction);
    if (refusal)
        co_return *refusal;
    ctx.reply("354 End the message with a line of one dot");
    co_await ctx.out.flush();

    Incoming message(ctx, *ctx.transaction);
    ctx.end_transaction();
    co_await message.begin();
    bool const whole = co_await read_message(ctx, message);
    if (!whole)
        co_return Pace::too_slow();
    co_await message.finish();
    co_return Result<void> {};
}

} // namespace mail::lmtp
