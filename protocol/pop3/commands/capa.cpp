// CAPA: what is spoken here (RFC 2449 §5). What depends on TLS is listed where it works.
#include "protocol/pop3/commands.h"
#include "protocol/sasl/exchange.h"

#include <fmt/format.h>

#include <algorithm>

namespace mail::pop3 {

namespace {

    using session::pop3_never;

    std::string days(std::uint32_t count)
    {
        return count == pop3_never ? std::string("NEVER") : std::to_string(count);
    }

    /// RFC 2449 §6.7: before the login the least that any account may have; accounts of other
    /// values are told of by "USER".
    void tell_expire(Context& ctx)
    {
        auto const& pop3 = ctx.session.settings().pop3;
        auto const common = pop3.policy.expire_days;
        auto const least = pop3.least_expire_days.value_or(common);
        if (ctx.state == State::transaction)
            ctx.line("EXPIRE " + days(ctx.policy.expire_days));
        else if (pop3.least_expire_days && std::min(least, common) != pop3_never)
            ctx.line("EXPIRE " + days(std::min(least, common)) + " USER");
        else
            ctx.line("EXPIRE " + days(common));
    }

    /// RFC 2449 §6.5: before the login the most that any account may have. Not where nobody has to
    /// wait.
    void tell_login_delay(Context& ctx)
    {
        auto const& pop3 = ctx.session.settings().pop3;
        auto const common = pop3.policy.login_delay;
        auto const most = std::max(pop3.most_login_delay.value_or(common), common);
        if (most.count() == 0)
            return;
        if (ctx.state == State::transaction)
            ctx.line("LOGIN-DELAY " + std::to_string(ctx.policy.login_delay.count()));
        else
            ctx.line(fmt::format(
                "LOGIN-DELAY {}{}", most.count(), pop3.most_login_delay ? " USER" : ""));
    }

} // namespace

awaitable<Result<void>> capa(Context& ctx, NoArguments)
{
    bool const passwords = ctx.session.login().may_send_password();
    ctx.ok("This is spoken here");
    ctx.line("TOP");
    ctx.line("UIDL");
    ctx.line("RESP-CODES");
    ctx.line("AUTH-RESP-CODE");
    ctx.line("PIPELINING");
    tell_expire(ctx);
    tell_login_delay(ctx);
    ctx.line("UTF8 USER");
    ctx.line("LANG");
    if (passwords)
        ctx.line("USER");
    std::string sasl;
    for (auto const* row : sasl::offered_mechanisms(ctx.session.login()))
        sasl.append(" ").append(row->name);
    if (!sasl.empty())
        ctx.line("SASL" + sasl);
    // In the state in which it is permitted (RFC 2595 §4).
    if (ctx.session.stream().may_start_tls() && ctx.state == State::authorization)
        ctx.line("STLS");
    if (ctx.session.settings().pop3.tells_implementation)
        ctx.line("IMPLEMENTATION Mailroom");
    ctx.end_of_lines();
    co_return Result<void> {};
}

} // namespace mail::pop3
