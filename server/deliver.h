// `mailroom deliver ACCOUNT`: a message from standard input into an account, whether or not a
// server runs.
#pragma once

#include "config/config.h"

#include <string>

namespace mail::server {

/// Reads a message from the descriptor and delivers it. When a server has the store open, hands the
/// message to its LMTP listener. Returns what to tell the user; throws with one clear line when it
/// is not delivered.
std::string deliver(config::Config const& config, std::string const& recipient, int input);

} // namespace mail::server
