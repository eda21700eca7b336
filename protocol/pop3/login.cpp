#include "protocol/pop3/login.h"

#include <fmt/format.h>

namespace mail::pop3 {

namespace {

    /// Who cannot delete disturbs nobody, and must not keep out who can.
    Result<void> open_shared_maildrop(Context& ctx)
    {
        auto& session = ctx.session;
        auto hold = std::make_unique<session::MaildropHold>(
            session.hub().maildrops(), session.account().id, session.stream());
        auto maildrop = Maildrop::open(
            session, ctx.policy, std::move(hold), std::chrono::system_clock::now());
        if (!maildrop)
            return to_failure(maildrop.error());
        ctx.maildrop = std::move(*maildrop);
        return {};
    }

    awaitable<Result<void>> take_maildrop(Context& ctx)
    {
        auto& session = ctx.session;
        auto& maildrops = session.hub().maildrops();
        auto const account = session.account().id;
        auto const& settings = session.settings().pop3;
        ctx.policy = session::policy_for(settings, session.user().pop3);
        if (session.is_read_only()) // many at a time read it, and nothing is theirs to delete
            co_return open_shared_maildrop(ctx);

        auto const left = maildrops.delay_left(
            account, ctx.policy.login_delay, std::chrono::steady_clock::now());
        if (left.count() > 0)
            co_return Failure(Code::login_delay,
                fmt::format("This account has just logged in: try again in {} seconds",
                    std::chrono::ceil<std::chrono::seconds>(left).count()));
        auto hold = co_await maildrops.take(account, session.stream(), settings.takeover_time);
        if (!hold)
            co_return Failure(Code::in_use,
                "Another POP3 session has this maildrop: try again when it has ended");
        auto maildrop = Maildrop::open(
            session, ctx.policy, std::move(hold), std::chrono::system_clock::now());
        if (!maildrop)
            co_return to_failure(maildrop.error());
        ctx.maildrop = std::move(*maildrop);
        maildrops.note_login(account, ctx.policy.login_delay, std::chrono::steady_clock::now());
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> enter_maildrop(Context& ctx)
{
    auto const taken = co_await take_maildrop(ctx);
    if (!taken) {
        ctx.session.log_out();
        co_return taken.error();
    }
    ctx.state = State::transaction;
    ctx.session.stream().set_time_limit(ctx.session.settings().limits.pop3_idle_time);
    ctx.ok(fmt::format("{} messages ({} octets)", ctx.maildrop->count(), ctx.maildrop->octets()));
    co_return Result<void> {};
}

Failure refuse_login(Context& ctx, session::Refusal why)
{
    if (++ctx.failed_logins >= ctx.session.settings().limits.failed_logins)
        ctx.state = State::ended;
    return to_failure(why);
}

} // namespace mail::pop3
