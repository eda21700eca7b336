// Logins and deliveries as log lines.
#pragma once

#include "protocol/session/session.h"

namespace mail::server {

std::string text_of(Peer const& peer); ///< "127.0.0.1:5033", "[::1]:5033", "local"

class LogJournal final : public session::Journal {
public:
    void logged_in(Peer const& peer, std::string_view protocol, std::string_view user,
        std::string_view mechanism, bool encrypted) override;
    void login_refused(Peer const& peer, std::string_view protocol, std::string_view user,
        std::string_view mechanism, session::Refusal why) override;
    void delivered(Peer const& peer, std::string_view recipient, std::string_view sender,
        std::uint64_t octets, std::string_view result) override;
};

} // namespace mail::server
