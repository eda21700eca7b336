// The sources of accounts that the config lists.
#pragma once

#include "config/config.h"
#include "server/accounts/source.h"

#include <memory>
#include <vector>

namespace mail::server {

/// In their order. Throws with one clear line when one cannot be used: a users file with mistakes.
/// Servers that are down for now are no reason to.
std::vector<std::unique_ptr<Source>> open_sources(config::Auth const& auth);

} // namespace mail::server
