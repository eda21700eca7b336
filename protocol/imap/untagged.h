// Tells the client what happened to the selected mailbox (RFC 9051 §7).
#pragma once

#include "protocol/session/selected_mailbox.h"

namespace mail::imap {

class Context;

/// Brings the selected mailbox's view up to date and writes EXPUNGE, EXISTS, RECENT, FLAGS,
/// PERMANENTFLAGS and FETCH. Nothing, and no transaction, when there is no news. When the mailbox
/// was deleted by another session, says BYE and sets Context::wants_close.
void tell_news(Context& ctx, session::Expunges expunges);

} // namespace mail::imap
