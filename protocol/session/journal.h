// What happens in sessions, for the log and the metrics.
#pragma once

#include "protocol/session/authenticator.h"

#include <cstdint>
#include <string_view>

namespace mail::session {

/// Called on I/O threads.
class Journal {
public:
    virtual ~Journal() = default;
    virtual void logged_in(Attempt const& attempt, User const& user) = 0;
    virtual void login_refused(Attempt const& attempt, std::string_view name, Refusal why) = 0;
    virtual void delivered(Peer const& peer, std::string_view recipient, std::string_view sender,
        std::uint64_t octets, std::string_view result)
        = 0;
};

} // namespace mail::session
