#include "protocol/lmtp/failure.h"

#include <stdexcept>

namespace mail::lmtp {

Failure to_failure(storage::Errc error, session::OverQuota over_quota)
{
    switch (error) {
    case storage::Errc::over_quota:
        if (over_quota == session::OverQuota::reject)
            return { "552", "5.2.2", "The mailbox is full: ask the recipient to make room" };
        return { "452", "4.2.2", "The mailbox is full: the recipient must delete some mail" };
    case storage::Errc::no_space:
        return { "452", "4.3.1", "The server's disk is full: try again later" };
    case storage::Errc::shutting_down:
        return { "451", "4.3.2", "The server is shutting down: try again in a minute" };
    case storage::Errc::limit:
        return { "452", "4.2.2", "The mailbox cannot take more messages: ask its administrator" };
    default:
        // Not for good: at the next attempt RCPT says what is true then.
        return { "451", "4.2.0", "The mailbox went away during the delivery: try again" };
    }
}

Failure broken_store()
{
    return { "451", "4.3.0", "The store failed, see the server's log: try again later" };
}

void throw_exception_from_error(Failure const& failure, boost::source_location const&)
{
    throw std::logic_error("a failure was taken for a value: " + failure.text());
}

} // namespace mail::lmtp
