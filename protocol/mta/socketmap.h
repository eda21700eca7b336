// The socketmap protocol of Sendmail and Postfix: tables that an MTA looks things up in. A request
// is "MAP KEY", an answer "OK VALUE", "NOTFOUND ", "TEMP WHY" or "PERM WHY", each a netstring.
#pragma once

#include "protocol/buffers.h"
#include "protocol/mta/netstring.h"
#include "protocol/session/session.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace mail::mta {

class Socketmap {
public:
    static constexpr std::size_t max_request = 12 * 1024; ///< octets; Postfix asks for 10,000

    Socketmap(session::Services& services, ByteStream& stream)
        : services_(services)
        , in_(stream)
        , out_(stream)
        , requests_(max_request)
    {
        stream.set_time_limit(services.settings.mta.idle_time);
    }

    /// Answers requests until the MTA hangs up or sends what is none. Throws as ByteStream does.
    awaitable<void> run();

    std::uint64_t lookups() const { return lookups_; }
    std::string_view problem() const { return problem_; } ///< empty: the MTA did nothing wrong

private:
    awaitable<std::string> answer(std::string_view request);

    session::Services& services_;
    Input in_;
    Output out_;
    NetstringReader requests_;
    std::uint64_t lookups_ = 0;
    std::string_view problem_;
};

} // namespace mail::mta
