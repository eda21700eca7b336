// The patterns of LIST and LSUB (RFC 9051 §6.3.9).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mail::imap {

/// "*" stands for any octets, "%" for any but the hierarchy delimiter.
class Wildcard {
public:
    explicit Wildcard(std::string_view pattern); ///< runs of wildcards become one

    /// O(length of name squared) at most, however hostile the pattern is.
    bool matches(std::string_view name) const;

private:
    std::string pattern_;
    std::size_t literals_ = 0; ///< octets that are not wildcards: no shorter name matches
};

} // namespace mail::imap
