// The server's log: spdlog to stderr, plain or in journald's form. Text that clients supply passes
// escaped().
#pragma once

#include "config/config.h"

#include <spdlog/spdlog.h>

#include <string>
#include <string_view>

namespace mail::server {

namespace log = spdlog;

/// Sets the log up; before that, lines go out plainly. Format `automatic` is journald's when stderr
/// is connected to the journal (JOURNAL_STREAM).
void set_up_log(config::Log const& settings);

/// Client-supplied text, safe within a line: all octets but printable ASCII without quotes as
/// \xNN, at most 200 octets of it.
std::string escaped(std::string_view text);

} // namespace mail::server
