// Identifiers of mailboxes, messages and threads that outlive moves and renames (RFC 8474): a
// letter for the kind, then numbers. Unique over all accounts of the server, for a user may see
// several.
#pragma once

#include "storage/ids.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail::imap {

std::string object_id(storage::Place mailbox); ///< MAILBOXID
std::string object_id(storage::EmailId email); ///< EMAILID
std::string thread_object_id(std::uint64_t thread); ///< THREADID

/// What EMAILID or THREADID named so; nothing when it is no such identifier.
std::optional<storage::EmailId> parse_email_id(std::string_view text);
std::optional<std::uint64_t> parse_thread_id(std::string_view text);

} // namespace mail::imap
