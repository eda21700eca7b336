// The user that the server runs as.
#pragma once

#include "config/config.h"

#include <string>

namespace mail::server {

/// What root has to do before it gives its rights away: the store's folder and unix sockets come to
/// belong to `user`. Throws with one line when there is no such user or the store belongs to
/// somebody else.
void hand_over(config::Config const& config, std::string const& user);

/// Takes the user's id, group and groups, for good, in all threads. Throws when that fails: then
/// the process must not go on.
void become(std::string const& user);

bool is_root();

} // namespace mail::server
