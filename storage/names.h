// What a mailbox or an account may be called (docs/storage-format.md §4.3).
#pragma once

#include "storage/error.h"

#include <string>
#include <string_view>

namespace mail::storage {

/// INBOX in any case, also as the first level, becomes "INBOX" (RFC 9051 §5.1); all else stays.
std::string canonical_mailbox_name(std::string_view name);

/// The canonical name, or why it cannot be one: limit (length, levels), invalid_name (empty levels,
/// '/' at an end, control characters, no UTF-8; RFC 9051 §5.1).
Result<std::string> check_mailbox_name(std::string_view name);

/// Whether there may be mailboxes below one of this name: it is neither too deep nor too long.
bool may_have_children(std::string_view name);

/// An account name in lower case (ASCII). limit, invalid_name.
Result<std::string> check_account_name(std::string_view name);

} // namespace mail::storage
