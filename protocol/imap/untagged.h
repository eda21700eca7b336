// Tells the client what happened to the selected mailbox (RFC 9051 §7).
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/agreement.h"
#include "protocol/imap/response.h"
#include "protocol/session/selected_mailbox.h"

#include <cstdint>

namespace mail::imap {

class Context;

/// Whether what was told has mod-sequences.
enum class Shown : std::uint8_t { none, mod_seqs };

/// Brings the selected mailbox's view up to date and writes EXPUNGE or VANISHED, EXISTS, RECENT,
/// FLAGS, PERMANENTFLAGS and FETCH or UIDFETCH, as far as NOTIFY lets it, and what changed in the
/// results of live searches (RFC 5267). When the mailbox was deleted by another session, says BYE
/// and sets Context::wants_close. One read transaction, and what the searches need: call it when
/// SelectedMailbox::has_news() only.
awaitable<Shown> tell_news(Context& ctx, session::Expunges expunges);
/// The same for what the client wants to be told now.
awaitable<Shown> tell_news(Context& ctx, session::Expunges expunges, session::Interest interest);

/// While changes are held back from a client with QRESYNC, writes HIGHESTMODSEQ: up to there it was
/// told all, whatever later mod-sequences it saw (RFC 7162 §6).
void tell_safe_mod_seq(Context& ctx);

/// Writes FLAGS and PERMANENTFLAGS of the selected mailbox.
void tell_flags(Context& ctx);

/// Writes URLMECH, how URLs of messages in the selected mailbox may be authorized (RFC 4467).
void tell_url_mechanisms(Context& ctx);

/// Writes VANISHED, in lines of bounded length; nothing for an empty set (RFC 7162 §3.2.10).
enum class Vanished { now, earlier };
void tell_vanished(Context& ctx, storage::UidSet const& uids, Vanished when);

/// Tells a client of IMAP4rev2 that a name that it gave is another one here, in Unicode's
/// Normalization Form C (RFC 9051 §6.3.9.7). Nothing when `old_name` is empty.
void tell_old_name(
    Context& ctx, std::string_view attributes, std::string_view name, std::string_view old_name);

/// Begins the line that tells a message's data: "* 23 FETCH", or "* 4711 UIDFETCH" (RFC 9586).
void begin_fetch(std::string& out, Agreement const& terms, std::uint32_t number, storage::Uid uid);

} // namespace mail::imap
