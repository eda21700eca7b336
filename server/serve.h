// A client's session from its first octet to the last log line.
#pragma once

#include "protocol/network.h"
#include "protocol/session/session.h"
#include "server/admission.h"
#include "server/connection.h"

#include <memory>
#include <string>
#include <vector>

namespace mail::server {

/// Speaks a protocol on a session until the client is done. Sets `counts` to what the session's
/// last log line tells ("3 messages fetched"), also when it throws.
using Converse = awaitable<void> (*)(session::Session& session, std::string& counts);

Converse converse_in(config::Protocol protocol);

/// What a session needs of its listener and the server.
struct Guest {
    Admission::Visit visit; ///< the last to go
    std::unique_ptr<Connection> connection;
    config::Listener const* listener = nullptr; ///< outlives the session
    session::Services* services = nullptr;
    std::shared_ptr<void> login_place; ///< Admission's; given back at the login
    Converse converse = nullptr;
    std::vector<Network> const* proxies = nullptr; ///< whose headers are believed; outlives it
};

/// Serves a client and closes. Never throws.
awaitable<void> serve(Guest guest);

} // namespace mail::server
