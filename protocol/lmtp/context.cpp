#include "protocol/lmtp/context.h"

#include "protocol/lmtp/incoming.h"
#include "protocol/sasl/exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace mail::lmtp {

Transaction::Transaction() = default;
Transaction::~Transaction() = default;

bool Context::may_deliver() const
{
    auto const& deliverers = settings().deliverers;
    return session.is_trusted()
        || (user && std::ranges::find(deliverers, user->name) != deliverers.end());
}

bool Context::offers_auth() const
{
    return !settings().deliverers.empty() && !sasl::offered_mechanisms(session.login()).empty();
}

Failure Context::may_not_deliver() const
{
    if (user)
        return { "550", "5.7.1",
            "This account may not deliver mail: its name is to be added to lmtp.deliverers" };
    if (settings().deliverers.empty())
        return { "550", "5.7.1",
            "Mail is not taken from this address: it is to be added to the listener's "
            "trusted_networks" };
    if (!offers_auth() && session.stream().may_start_tls())
        return { "530", "5.7.0", "Authentication required: send STARTTLS, then AUTH" };
    return { "530", "5.7.0", "Authentication required: send AUTH" };
}

void Context::forget_client()
{
    in.discard();
    client_name.clear();
    user.reset();
    end_transaction();
}

void Context::reply(std::string_view line)
{
    out.buffer() += line;
    out.buffer() += "\r\n";
}

void Context::refuse(Failure const& failure)
{
    fmt::format_to(std::back_inserter(out.buffer()), "{} {} {}\r\n", failure.code(),
        failure.enhanced(), failure.text());
}

} // namespace mail::lmtp
