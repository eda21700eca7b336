// Lines that a client sends within a command: the answers of AUTHENTICATE, the DONE of IDLE.
#pragma once

#include "protocol/byte_stream.h"

#include <cstddef>
#include <optional>
#include <string>

namespace mail::imap {

class Context;

/// Sends what is to be sent, then reads one line, without its CRLF or LF. nullopt when it is longer
/// than `limit` octets: it was dropped to its end then, in bounded memory.
awaitable<std::optional<std::string>> read_line(Context& ctx, std::size_t limit);

} // namespace mail::imap
