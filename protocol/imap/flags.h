// Flags and keywords on the wire (RFC 9051 §2.3.2, flag and flag-list of §9).
#pragma once

#include "storage/messages.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mail::imap {

/// Flags that a client named. \Recent is accepted and ignored: only the server sets it.
struct FlagList {
    std::uint8_t system = 0; ///< storage::Flags::System bits
    std::vector<std::string> keywords; ///< as spelled

    /// Adds one flag by name: "\Seen" or a keyword. False for an unknown system flag.
    bool add(std::string_view name);
};

/// Appends "(\Seen $Forwarded)". `keywords` is Mailbox::keywords. No allocation beyond `out`.
void append_flags(std::string& out, storage::Flags const& flags,
    std::span<std::string const> keywords, bool recent);

/// Appends the names of the system flags, then the keywords, without parentheses: what FLAGS and
/// PERMANENTFLAGS list. `allowed` leaves out what the user may not change.
void append_known_flags(
    std::string& out, std::span<std::string const> keywords, storage::FlagMask allowed = {});

/// The longest keyword that is taken, in octets.
inline constexpr std::size_t max_keyword = 255;

} // namespace mail::imap
