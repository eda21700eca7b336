// A request of Postfix's policy delegation protocol: lines "name=value" up to an empty one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mail::mta {

/// What matters of it.
struct PolicyRequest {
    std::string request; ///< "smtpd_access_policy"
    std::string recipient; ///< empty: not told, or several
    std::uint64_t size = 0; ///< octets as announced, or after the data as they are; 0: not known
};

class PolicyReader {
public:
    static constexpr std::size_t max_octets = 64 * 1024; ///< of one request

    enum class Found {
        nothing, ///< more lines are needed
        request, ///< request() is complete; the next line begins another one
        broken, ///< not of this protocol, or too much; nothing can follow
    };

    Found take(std::string_view line); ///< without its end
    PolicyRequest const& request() const { return request_; } ///< until the next call

private:
    PolicyRequest request_;
    std::size_t octets_ = 0;
    bool is_complete_ = false;
};

} // namespace mail::mta
