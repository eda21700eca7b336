// What LOGIN and AUTHENTICATE have in common: the outcome.
#pragma once

#include "protocol/imap/failure.h"

namespace mail::imap {

class Context;

/// Enters the state `authenticated`; the tagged OK carries the capabilities (RFC 9051 §6.2.3).
void enter_authenticated(Context& ctx);

/// Counts the refusal where it is the client's fault, and says it.
Failure refuse_login(Context& ctx, session::Refusal why);

} // namespace mail::imap
