// What every way to log in by POP3 ends with: the maildrop, or a refusal that says whose fault it
// is.
#pragma once

#include "protocol/pop3/context.h"

namespace mail::pop3 {

/// The session is logged in: takes the maildrop and its snapshot and enters the transaction state.
/// Logs out again when that comes too soon, the maildrop is in use or cannot be read.
awaitable<Result<void>> enter_maildrop(Context& ctx);

/// The login was refused. Ends the session after too many wrong passwords.
Failure refuse_login(Context& ctx, session::Refusal why);

} // namespace mail::pop3
