// What every way to log in by POP3 ends with: the maildrop, or a refusal that says whose fault it
// is.
#pragma once

#include "protocol/pop3/context.h"

namespace mail::pop3 {

/// The session is logged in: takes the maildrop's lock and snapshot and enters the transaction
/// state. Logs out again when the maildrop is in use or cannot be read.
Result<void> enter_maildrop(Context& ctx);

/// The login was refused. Ends the session after too many wrong passwords.
Failure refuse_login(Context& ctx, session::Refusal why);

} // namespace mail::pop3
