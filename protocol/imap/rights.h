// Rights of RFC 4314 in the commands: their letters, and the flags that they let somebody set.
#pragma once

#include "storage/acl.h"
#include "storage/messages.h"

#include <optional>
#include <string>
#include <string_view>

namespace mail::imap {

/// The flags that the rights let a user set and keep (RFC 4314 §4).
storage::FlagMask flags_allowed(storage::Rights rights);

/// Appends the letters, with the old "c" and "d" where members of theirs are there (§2.1.1).
void append_rights(std::string& out, storage::Rights rights);

/// Letters to rights; the old "c" and "d" stand for all of theirs. nullopt: a letter that is no
/// right.
std::optional<storage::Rights> parse_rights(std::string_view letters);

} // namespace mail::imap
