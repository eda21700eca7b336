// Tells news while the client is silent: in IDLE (RFC 2177), and after NOTIFY at any time (RFC
// 5465).
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/untagged.h"
#include "protocol/session/selected_mailbox.h"

namespace mail::imap {

class Context;

/// Tells what there is to tell, of the selected mailbox and of those that NOTIFY watches.
awaitable<Shown> tell_all_news(Context& ctx, session::Expunges expunges);

/// Waits for octets of the client, and tells news as they come. No buffer is held meanwhile.
/// Returns also when BYE was said (Context::wants_close).
awaitable<void> listen(Context& ctx, session::Expunges expunges);

} // namespace mail::imap
