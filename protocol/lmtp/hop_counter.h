// Counts through how many servers a message came: its Received fields (RFC 5321 §6.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mail::lmtp {

/// Fed with the message in pieces; looks at its header only.
class HopCounter {
public:
    void feed(std::string_view octets);
    std::size_t hops() const { return hops_; }

private:
    static constexpr std::size_t other = SIZE_MAX;

    std::size_t hops_ = 0;
    std::size_t matched_ = 0; ///< octets of the name that the line begins with; `other`: another
    bool is_blank_ = true; ///< the line so far
    bool in_header_ = true;
};

} // namespace mail::lmtp
