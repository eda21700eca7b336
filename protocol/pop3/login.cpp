#include "protocol/pop3/login.h"

#include <fmt/format.h>

namespace mail::pop3 {

Result<void> enter_maildrop(Context& ctx)
{
    // Who cannot delete disturbs nobody, and must not keep out who can.
    bool const may_delete = !ctx.session.is_read_only();
    std::unique_ptr<MaildropLock> lock;
    if (may_delete)
        lock = MaildropLock::take(ctx.session.hub(), ctx.session.account().id);
    if (may_delete && !lock) {
        ctx.session.log_out();
        return Failure(
            Code::in_use, "Another POP3 session has this maildrop: try again when it has ended");
    }
    auto maildrop = Maildrop::open(ctx.session, std::move(lock));
    if (!maildrop) {
        ctx.session.log_out();
        return to_failure(maildrop.error());
    }
    ctx.maildrop = std::move(*maildrop);
    ctx.state = State::transaction;
    ctx.session.stream().set_time_limit(ctx.session.settings().limits.pop3_idle_time);
    ctx.ok(fmt::format("{} messages ({} octets)", ctx.maildrop->count(), ctx.maildrop->octets()));
    return {};
}

Failure refuse_login(Context& ctx, session::Refusal why)
{
    if (++ctx.failed_logins >= ctx.session.settings().limits.failed_logins)
        ctx.state = State::ended;
    return to_failure(why);
}

} // namespace mail::pop3
