// Gives up what the server no longer needs once its ports are open.
#pragma once

#include "config/config.h"

namespace mail::server {

/// Call when listeners and keys are open, before the first thread starts and the store is opened.
/// As root: becomes process.user. Then confines the process to its store, its config and its
/// sockets (docs/security.md says what is left), as far as the kernel can; with process.confine =
/// "required" it throws when that is not all. Says in the log what was done.
void give_up_privileges(config::Config const& config);

} // namespace mail::server
