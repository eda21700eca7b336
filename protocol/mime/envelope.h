// ENVELOPE: what clients show in a list of messages, in the form in which it goes out on the wire.
#pragma once

#include <string>
#include <string_view>

namespace mail::mime {

/// The parenthesised value of FETCH ENVELOPE (RFC 9051 §7.5.2), valid for IMAP4rev1 as well:
/// encoded words stay encoded, strings with 8-bit octets are literals. Sender and Reply-To default
/// to From. Addresses without domain or local part get "MISSING_DOMAIN" and "MISSING_MAILBOX",
/// since NIL there means a group. Never fails. Linear in the block.
std::string envelope_of(std::string_view header_block);

} // namespace mail::mime
