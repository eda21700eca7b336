// AUTHENTICATE: a login by SASL (RFC 9051 §6.2.2), with an initial response (RFC 4959).
#include "protocol/imap/client_line.h"
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/login.h"
#include "protocol/imap/parser.h"
#include "protocol/sasl/exchange.h"

namespace mail::imap {
namespace {

    struct AuthenticateArgs {
        std::string_view mechanism;
        std::optional<std::string_view> initial;
    };

    Result<AuthenticateArgs> parse_authenticate(Parser& in)
    {
        AuthenticateArgs args;
        in.space();
        args.mechanism = in.atom();
        // IMAP4rev2 has it of itself (RFC 9051 §6.2.2).
        bool const may_begin = in.offers(Capability::sasl_ir) || in.offers(Capability::imap4rev2);
        if (may_begin && !in.at_end()) {
            in.space();
            // base64 or "=": its alphabet is within that of an astring.
            args.initial = in.astring();
        }
        in.end();
        return in.finish(args);
    }

    awaitable<Result<void>> conclude(Context& ctx, sasl::Reply reply)
    {
        if (reply.kind == sasl::Reply::Kind::refused)
            co_return refuse_login(ctx, reply.why);
        if (reply.kind == sasl::Reply::Kind::not_offered)
            co_return no("CANNOT", reply.text);
        if (reply.kind != sasl::Reply::Kind::done)
            co_return bad(reply.text);
        auto const entered
            = co_await ctx.session.enter(std::move(reply.user), std::move(reply.attempt));
        if (!entered)
            co_return refuse_login(ctx, entered.error());
        enter_authenticated(ctx);
        co_return Result<void> {};
    }

    awaitable<Result<void>> authenticate(Context& ctx, AuthenticateArgs args)
    {
        auto const* row = sasl::find_mechanism(args.mechanism);
        if (!row)
            co_return no("CANNOT", "This mechanism is not spoken; see CAPABILITY for AUTH=");
        sasl::Exchange exchange(ctx.session.login(), *row);
        auto reply = co_await exchange.start(args.initial);
        while (reply.kind == sasl::Reply::Kind::challenge) {
            ctx.out.continuation(reply.text);
            auto const line = co_await read_line(ctx, sasl::Exchange::max_line);
            if (!line)
                co_return bad("The response is too long");
            reply = co_await exchange.answer(*line);
        }
        co_return co_await conclude(ctx, std::move(reply));
    }

} // namespace

awaitable<Result<void>> run_authenticate(Context& ctx, Parser& in)
{
    return command<parse_authenticate, authenticate>(ctx, in);
}

} // namespace mail::imap
