// A client's session from its first octet to the last log line.
#pragma once

#include "protocol/session/session.h"
#include "server/connection.h"

#include <memory>
#include <string>

namespace mail::server {

/// Speaks a protocol on a session until the client is done. Sets `counts` to what the session's
/// last log line tells ("3 messages fetched"), also when it throws.
using Converse = awaitable<void> (*)(session::Session& session, std::string& counts);

Converse converse_in(config::Protocol protocol);

/// What a session needs of its listener and the server.
struct Guest {
    std::unique_ptr<Connection> connection;
    config::Listener const* listener = nullptr; ///< outlives the session
    session::Services* services = nullptr;
    std::shared_ptr<void> login_place; ///< Admission's; given back at the login
    Converse converse = nullptr;
    char const* refusal = nullptr; ///< not null: why it may not come in; it is told so
};

/// Serves a client and closes. Never throws.
awaitable<void> serve(Guest guest);

} // namespace mail::server
