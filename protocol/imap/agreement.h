// What one client and this server have agreed on, and so how they speak.
#pragma once

#include "protocol/imap/capability.h"

#include <cstdint>

namespace mail::imap {

class Agreement {
public:
    Capabilities offered = all_capabilities(); ///< by the server
    Capabilities enabled; ///< by the client (RFC 5161)

    bool offers(Capability capability) const
    {
        return offered[static_cast<std::size_t>(capability)];
    }
    bool is_enabled(Capability capability) const
    {
        return enabled[static_cast<std::size_t>(capability)];
    }

    /// Whether a literal of this size may come without being asked for (RFC 7888; RFC 9051 §4.3).
    bool takes_at_once(std::uint64_t octets) const
    {
        constexpr std::uint64_t small = 4096; // RFC 7888 §5
        return offers(Capability::literal_plus)
            || ((offers(Capability::literal_minus) || is_rev2()) && octets <= small);
    }

    bool is_rev2() const { return is_enabled(Capability::imap4rev2); }
    /// Mailbox names and quoted strings are UTF-8 both ways (RFC 9755, RFC 9051 §5.1); otherwise
    /// names are modified UTF-7.
    bool speaks_utf8() const { return is_rev2() || is_enabled(Capability::utf8_accept); }
    bool tells_recent() const { return !is_rev2(); } ///< RFC 9051, appendix E
    bool tells_mod_seq() const
    {
        return is_enabled(Capability::condstore);
    } ///< with every change of flags (RFC 7162 §3.2)
    bool uids_only() const { return is_enabled(Capability::uidonly); } ///< RFC 9586
    /// Expunged messages are told by UID, in VANISHED instead of EXPUNGE (RFC 7162 §3.2.10).
    bool tells_vanished() const { return is_enabled(Capability::qresync) || uids_only(); }
};

} // namespace mail::imap
