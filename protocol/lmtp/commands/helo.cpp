// HELO and EHLO: refused, so that a client that takes this for SMTP finds out (RFC 2033 §4.1).
#include "protocol/lmtp/commands.h"

namespace mail::lmtp {

awaitable<Result<void>> helo(Context&, NoArguments)
{
    co_return Failure("500", "5.5.1", "This is LMTP, not SMTP: say LHLO");
}

} // namespace mail::lmtp
