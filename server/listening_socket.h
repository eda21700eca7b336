// Opens the sockets that clients connect to.
#pragma once

#include "config/config.h"
#include "protocol/byte_stream.h"

#include <sys/socket.h>

namespace mail::server {

/// Binds; returns the non-blocking descriptor, to which nobody can connect yet. A stale unix socket
/// is replaced. Throws std::runtime_error with one line that says what to do, such as for a port
/// that is taken.
int bind_socket(config::Listener const& listener);

/// Lets clients connect to a socket of bind_socket. Throws as that does.
void listen_at(int socket, config::Listener const& listener);

/// A blocking socket connected to the endpoint; negative, with errno set, when nobody listens
/// there. 0.0.0.0 and [::] mean this machine.
int connect_to(config::Endpoint const& endpoint);

/// Where a socket listens, or who is connected to it.
config::Endpoint local_endpoint(int socket);
Peer peer_of(sockaddr_storage const& address);

} // namespace mail::server
