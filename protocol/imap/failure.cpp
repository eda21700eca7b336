// What refusals of the store and of the account sources look like to an IMAP client.
#include "protocol/imap/failure.h"

#include <stdexcept>

namespace mail::imap {

void throw_exception_from_error(Failure const& failure, boost::source_location const& where)
{
    throw std::logic_error(std::string("a refusal was taken for a value in ")
        + where.function_name() + ": " + failure.text());
}

Failure to_failure(storage::Errc error)
{
    using storage::Errc;
    switch (error) {
    case Errc::not_found:
        return no("NONEXISTENT", "There is no mailbox of this name; LIST shows those that exist");
    case Errc::already_exists:
        return no("ALREADYEXISTS", "A mailbox of this name exists already; choose another name");
    case Errc::over_quota:
        return no("OVERQUOTA", "The account is full; delete messages and expunge them first");
    case Errc::expunged:
        return no("EXPUNGEISSUED", "The message was expunged; NOOP tells which are left");
    case Errc::invalid_name:
        return no("CANNOT", "This is no name for a mailbox; write level/level, without controls");
    case Errc::denied:
        return no("NOPERM", "You may not do this with this mailbox; ask its owner for the right");
    case Errc::no_space:
        return no("UNAVAILABLE", "The server's disk is full, nothing was changed; try again later");
    case Errc::limit:
        return no("LIMIT",
            "A limit is reached: keywords or access rights of a mailbox, or length of a name; use "
            "less");
    case Errc::not_permitted:
        return no("CANNOT", "This cannot be done with this mailbox; use another");
    case Errc::shutting_down:
        return no("UNAVAILABLE", "The server is going down; connect again in a minute");
    }
    return no("SERVERBUG", "Unknown refusal of the store; tell the administrator");
}

Failure to_target_failure(storage::Errc error)
{
    if (error == storage::Errc::not_found)
        return no("TRYCREATE", "There is no mailbox of this name; CREATE it first");
    return to_failure(error);
}

Failure may_not_create()
{
    return no("NOPERM",
        "You may not make a mailbox here; ask the owner of the one above it for the right to");
}

Failure to_failure(session::Refusal refusal)
{
    using session::Refusal;
    switch (refusal) {
    case Refusal::wrong_credentials:
        return no("AUTHENTICATIONFAILED", "Unknown user or wrong password");
    case Refusal::unavailable:
        return no("UNAVAILABLE", "Passwords cannot be checked right now; try again later");
    case Refusal::disabled:
        return no("CONTACTADMIN", "This login is not allowed; ask the administrator");
    case Refusal::needs_tls:
        return no("PRIVACYREQUIRED", "Passwords are taken over TLS only; switch TLS on");
    case Refusal::too_many:
        return no("LIMIT", "Too many sessions; close some, then try again");
    case Refusal::throttled:
        return no("UNAVAILABLE", "Too many wrong passwords; wait some minutes, then try again");
    }
    return no("SERVERBUG", "Unknown refusal of a login; tell the administrator");
}

} // namespace mail::imap
