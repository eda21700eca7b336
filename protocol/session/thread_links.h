// By what a message belongs to a conversation.
#pragma once

#include "protocol/mime/header_keys.h"

#include <cstdint>
#include <vector>

namespace mail::session {

/// For storage::NewMessage: a hash of the message's own id, then of those that it refers to, the
/// nearest first; each once, and not more than twenty.
std::vector<std::uint64_t> thread_links(mime::HeaderKeys const& header);

} // namespace mail::session
