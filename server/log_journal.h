// Logins and deliveries as log lines.
#pragma once

#include "protocol/session/journal.h"

namespace mail::server {

std::string text_of(Peer const& peer); ///< "127.0.0.1:5033", "[::1]:5033", "local"

class LogJournal final : public session::Journal {
public:
    void logged_in(session::Attempt const& attempt, session::User const& user) override;
    void login_refused(
        session::Attempt const& attempt, std::string_view name, session::Refusal why) override;
    void delivered(Peer const& peer, std::string_view recipient, std::string_view sender,
        std::uint64_t octets, std::string_view result) override;
};

} // namespace mail::server
