// Tells the client what happened to the selected mailbox (RFC 9051 §7).
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/agreement.h"
#include "protocol/imap/response.h"
#include "protocol/session/selected_mailbox.h"

namespace mail::imap {

class Context;

/// Brings the selected mailbox's view up to date and writes EXPUNGE or VANISHED, EXISTS, RECENT,
/// FLAGS, PERMANENTFLAGS and FETCH or UIDFETCH, as far as NOTIFY lets it, and what changed in the
/// results of live searches (RFC 5267). When the mailbox was deleted by another session, says BYE
/// and sets Context::wants_close. One read transaction, and what the searches need: call it when
/// SelectedMailbox::has_news() only.
awaitable<void> tell_news(Context& ctx, session::Expunges expunges);
/// The same for what the client wants to be told now.
awaitable<void> tell_news(
    Context& ctx, session::Expunges expunges, session::Interest const& interest);

/// Writes FLAGS and PERMANENTFLAGS of the selected mailbox.
void tell_flags(Context& ctx);

/// Writes VANISHED, in lines of bounded length; nothing for an empty set (RFC 7162 §3.2.10).
enum class Vanished { now, earlier };
void tell_vanished(Context& ctx, storage::UidSet const& uids, Vanished when);

/// Begins the line that tells a message's data: "* 23 FETCH", or "* 4711 UIDFETCH" (RFC 9586).
void begin_fetch(std::string& out, Agreement const& terms, std::uint32_t number, storage::Uid uid);

} // namespace mail::imap
