// From whom a listener takes mail without a login.
#pragma once

#include "config/config.h"
#include "protocol/byte_stream.h"

namespace mail::server {

/// By a unix socket everybody whom its permissions let in; else the trusted networks, or, where
/// none are named, this machine.
bool is_trusted(config::Listener const& listener, Peer const& peer);

} // namespace mail::server
