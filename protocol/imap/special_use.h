// Special-use attributes of mailboxes on the wire (RFC 6154).
#pragma once

#include "storage/mailboxes.h"

#include <optional>
#include <string>
#include <string_view>

namespace mail::imap {

/// "\Sent" in any case; nullopt for an attribute that is not known.
std::optional<storage::SpecialUse> special_use_of(std::string_view attribute);

/// Appends " \Sent" for each bit.
void append_special_use(std::string& out, storage::SpecialUse use);

} // namespace mail::imap
