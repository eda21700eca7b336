// BDAT: the message in chunks of known size (RFC 3030), and a reply for each recipient after the
// last one (RFC 2033 §4.3). The octets of a chunk are read whatever is wrong: else they would be
// taken for commands.
#include "protocol/lmtp/commands.h"
#include "protocol/lmtp/incoming.h"
#include "protocol/lmtp/parameters.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <charconv>

namespace mail::lmtp {

Result<BdatArguments> parse_bdat(std::string_view arguments)
{
    BdatArguments args;
    skip_spaces(arguments);
    auto const* const end = arguments.data() + arguments.size();
    auto const [stop, error] = std::from_chars(arguments.data(), end, args.octets);
    arguments.remove_prefix(static_cast<std::size_t>(stop - arguments.data()));
    if (error != std::errc {} || (!arguments.empty() && arguments.front() != ' '))
        return Failure::closing("501", "5.5.4",
            "The form is BDAT octets [LAST]: what follows cannot be told from commands, closing");
    skip_spaces(arguments);
    auto const word = arguments.substr(0, arguments.find(' '));
    arguments.remove_prefix(word.size());
    skip_spaces(arguments);
    args.is_last = equal_without_case(word, "LAST");
    args.is_understood = arguments.empty() && (args.is_last || word.empty());
    return args;
}

namespace {

    std::optional<Failure> why_not(Context& ctx, BdatArguments const& args)
    {
        if (!args.is_understood)
            return Failure("501", "5.5.4", "The form is BDAT octets [LAST]");
        if (ctx.client_name.empty())
            return Failure("503", "5.5.1", "LHLO comes first");
        if (!ctx.may_deliver())
            return ctx.may_not_deliver();
        if (!ctx.transaction)
            return Failure("503", "5.5.1", "MAIL comes first");
        if (!ctx.transaction->message && ctx.transaction->recipients.empty())
            return Failure("503", "5.5.1", "No valid recipients: RCPT comes first");
        return std::nullopt;
    }

    /// Takes the chunk's octets from the client, for the message or, when there is none, for
    /// nobody. False: that takes too long.
    awaitable<bool> read_chunk(Context& ctx, std::uint64_t octets, Incoming* message)
    {
        auto const executor = ctx.session.stream().executor();
        Pace pace(ctx.may_deliver() ? ctx.settings().message_time
                                    : ctx.session.settings().limits.login_time);
        while (octets != 0) {
            if (ctx.in.available().empty()) {
                if (pace.is_too_slow())
                    co_return false;
                co_await ctx.out.flush(); // to commands that came with this one
                co_await ctx.in.fill();
            }
            auto const available = ctx.in.available();
            auto const piece
                = available.substr(0, std::min<std::uint64_t>(octets, available.size()));
            if (message)
                co_await message->take(piece);
            octets -= piece.size();
            auto const taken = piece.size();
            ctx.in.consume(taken);
            if (pace.is_turn_over(taken))
                co_await boost::asio::post(executor, boost::asio::use_awaitable);
        }
        co_return true;
    }

    /// The last chunk is for all recipients that were accepted, and there is none: it gets no reply
    /// (RFC 2033 §4.3). One that comes nevertheless would be taken for that to the next command,
    /// and so each after it: mail would be lost.
    bool is_for_nobody(Context const& ctx, BdatArguments const& args)
    {
        return args.is_last
            && (ctx.transaction ? !ctx.transaction->message && ctx.transaction->recipients.empty()
                                : ctx.was_mail_refused);
    }

    void refuse(Context& ctx, BdatArguments const& args, Failure const& refusal)
    {
        if (is_for_nobody(ctx, args))
            ctx.end_transaction();
        else // not as a bad command: chunks after it may be on their way by the hundreds
            ctx.refuse(refusal);
    }

} // namespace

awaitable<Result<void>> bdat(Context& ctx, BdatArguments args)
{
    auto const refusal = why_not(ctx, args);
    Incoming* message = nullptr;
    if (!refusal) {
        auto& transaction = *ctx.transaction;
        if (!transaction.message) {
            transaction.message = std::make_unique<Incoming>(ctx, transaction);
            co_await transaction.message->begin();
        }
        message = transaction.message.get();
    }
    bool const whole = co_await read_chunk(ctx, args.octets, message);
    if (!whole)
        co_return Pace::too_slow();
    if (refusal) {
        refuse(ctx, args, *refusal);
    } else if (args.is_last) {
        co_await message->finish();
        ctx.end_transaction();
    } else if (auto const* const failure = message->failure()) {
        ctx.refuse(*failure);
    } else {
        ctx.reply(fmt::format("250 2.0.0 {} octets received", args.octets));
    }
    co_return Result<void> {};
}

} // namespace mail::lmtp
