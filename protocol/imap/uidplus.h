// Who is told which UIDs new messages have: APPENDUID and COPYUID (RFC 4315 §3).
#pragma once

namespace mail::session {
struct Located;
}

namespace mail::imap {

class Context;

/// Whether the client is told the UIDs of the messages that it puts into the mailbox: not where it
/// may not read (they would say something of the mailbox), and only where they are spoken of, by
/// UIDPLUS or IMAP4rev2.
bool tells_new_uids(Context const& ctx, session::Located const& target);

} // namespace mail::imap
