#include "protocol/pop3/failure.h"

#include <stdexcept>

namespace mail::pop3 {

std::string_view name_of(Code code)
{
    switch (code) {
    case Code::bad:
    case Code::none:
        return "";
    case Code::auth:
        return "[AUTH] ";
    case Code::in_use:
        return "[IN-USE] ";
    case Code::login_delay:
        return "[LOGIN-DELAY] ";
    case Code::sys_temp:
        return "[SYS/TEMP] ";
    case Code::sys_perm:
        return "[SYS/PERM] ";
    }
    return "";
}

Failure to_failure(session::Refusal refusal)
{
    switch (refusal) {
    case session::Refusal::wrong_credentials:
        return { Code::auth, "Wrong name or password" };
    case session::Refusal::disabled:
        return { Code::auth, "This account may not log in here: ask your administrator" };
    case session::Refusal::needs_tls:
        // The credentials were not looked at: RFC 3206 keeps [AUTH] for those that were.
        return { Code::none, "Passwords are taken under TLS only: use port 995, or STLS first" };
    case session::Refusal::too_many:
        return { Code::sys_temp, "Too many sessions: close some, or try again later" };
    case session::Refusal::throttled:
        return { Code::sys_temp, "Too many wrong passwords: wait some minutes, then try again" };
    case session::Refusal::unavailable:
        break;
    }
    return { Code::sys_temp, "Logins cannot be checked at the moment: try again later" };
}

Failure to_failure(storage::Errc error)
{
    switch (error) {
    case storage::Errc::no_space:
        return { Code::sys_temp, "The server's disk is full: try again later" };
    case storage::Errc::shutting_down:
        return { Code::sys_temp, "The server is shutting down: try again in a minute" };
    case storage::Errc::not_found:
        return { Code::sys_perm, "The maildrop is gone: ask your administrator" };
    default:
        return { Code::sys_temp, "The store refused this at the moment: try again later" };
    }
}

void throw_exception_from_error(Failure const& failure, boost::source_location const&)
{
    throw std::logic_error("a failure was taken for a value: " + failure.text());
}

} // namespace mail::pop3
