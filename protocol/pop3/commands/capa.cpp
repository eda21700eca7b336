// CAPA: what is spoken here (RFC 2449 §5). What depends on TLS is listed where it works.
#include "protocol/pop3/commands.h"
#include "protocol/sasl/exchange.h"

namespace mail::pop3 {

awaitable<Result<void>> capa(Context& ctx, NoArguments)
{
    bool const passwords = ctx.session.login().may_send_password();
    ctx.ok("This is spoken here");
    ctx.line("TOP");
    ctx.line("UIDL");
    ctx.line("RESP-CODES");
    ctx.line("AUTH-RESP-CODE");
    ctx.line("PIPELINING");
    ctx.line("EXPIRE NEVER");
    if (passwords)
        ctx.line("USER");
    std::string sasl;
    for (auto const* row : sasl::offered_mechanisms(ctx.session.login()))
        sasl.append(" ").append(row->name);
    if (!sasl.empty())
        ctx.line("SASL" + sasl);
    if (ctx.session.stream().may_start_tls())
        ctx.line("STLS");
    ctx.line("IMPLEMENTATION Mailroom");
    ctx.end_of_lines();
    co_return Result<void> {};
}

} // namespace mail::pop3
