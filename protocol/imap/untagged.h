// Tells the client what happened to the selected mailbox (RFC 9051 §7).
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/session/selected_mailbox.h"

namespace mail::imap {

class Context;

/// Brings the selected mailbox's view up to date and writes EXPUNGE, EXISTS, RECENT, FLAGS,
/// PERMANENTFLAGS and FETCH. When the mailbox was deleted by another session, says BYE and sets
/// Context::wants_close. One read transaction: call it when SelectedMailbox::has_news() only.
awaitable<void> tell_news(Context& ctx, session::Expunges expunges);

/// Writes FLAGS and PERMANENTFLAGS of the selected mailbox.
void tell_flags(Context& ctx);

} // namespace mail::imap
