// Parameters that are cut into pieces, put together (RFC 2231 §3, §4.1).
#pragma once

#include "protocol/mime/message.h"

#include <string_view>

namespace mail::mime {

/// Whether this is the name of a piece: "filename*0" or "filename*1*".
bool is_continuation(std::string_view name);

/// Joins name*0, name*1 ... to one parameter, which stands where the first of them stood. When a
/// piece is percent-encoded the whole is: it is called name* and keeps its charset and language,
/// and pieces that were not encoded get it. Pieces with a gap between them or of the same number
/// stay as they are.
Params join_continuations(Params params);

} // namespace mail::mime
