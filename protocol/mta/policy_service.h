// Postfix's policy delegation protocol (check_policy_service): whether a recipient's mailbox takes
// the message, before Postfix takes it.
#pragma once

#include "protocol/line_reader.h"
#include "protocol/mta/policy_request.h"
#include "protocol/session/session.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace mail::mta {

class PolicyService {
public:
    static constexpr std::size_t max_line = 8 * 1024; ///< octets

    PolicyService(session::Services& services, ByteStream& stream)
        : services_(services)
        , in_(stream)
        , out_(stream)
        , lines_(in_, max_line)
    {
        stream.set_time_limit(services.settings.mta.idle_time);
    }

    /// Answers requests until the MTA hangs up or sends what is none. Throws as ByteStream does.
    awaitable<void> run();

    std::uint64_t requests() const { return requests_; }
    std::uint64_t refused() const { return refused_; }
    std::string_view problem() const { return problem_; } ///< empty: the MTA did nothing wrong

private:
    /// The right-hand side of Postfix's access(5).
    awaitable<std::string> action_for(PolicyRequest request);

    session::Services& services_;
    Input in_;
    Output out_;
    LineReader lines_;
    PolicyReader reader_;
    std::uint64_t requests_ = 0;
    std::uint64_t refused_ = 0;
    std::string_view problem_;
};

} // namespace mail::mta
