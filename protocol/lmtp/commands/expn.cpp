// EXPN: there are no lists here (RFC 5321 §3.5.2).
#include "protocol/lmtp/commands.h"

namespace mail::lmtp {

awaitable<Result<void>> expn(Context&, NoArguments)
{
    co_return Failure("502", "5.5.1", "There are no lists here: send to their members");
}

} // namespace mail::lmtp
