// The base subject (RFC 5256 §2.1).
#pragma once

#include <string>
#include <string_view>

namespace mail::mime {

struct BaseSubject {
    std::string text;
    bool is_reply_or_forward = false; ///< "Re:", "Fwd:", "(fwd)" or "[Fwd: ]" were taken off
};

/// Of a decoded subject, before it is folded (RFC 5255 §4.2). Looks at 2,000 octets at most.
BaseSubject base_subject(std::string_view decoded_subject);

} // namespace mail::mime
