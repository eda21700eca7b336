// Search programs that clients store on the server by name (RFC 5466).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mail::imap {

class Context;

/// The value of the user's own filter of this name, or of the one that all users have. One look-up.
std::optional<std::string> find_filter(Context& ctx, std::string_view name);

} // namespace mail::imap
