// Annotations as clients name and see them (RFC 5464 §3): the grammar of entries, whose they are,
// and those that the server itself gives their values.
#pragma once

#include "protocol/imap/response.h"
#include "protocol/session/namespaces.h"
#include "storage/metadata.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mail::imap {

class Context;
class Parser;

inline constexpr std::size_t max_annotation = 64 * 1024; ///< octets of a value
inline constexpr std::size_t max_entry_name = 500; ///< octets

/// Which names a rule takes: those of entries, or also "/private" and "/shared", above all others.
enum class Entries { named, above };

/// entry: the name in lower case, as the case does not count (§3.2). BAD when it cannot be one.
std::string parse_entry(Parser& in, Entries which);

/// The mailbox that is annotated; empty for the server itself, which is all that METADATA-SERVER
/// knows.
std::string parse_annotated(Parser& in);

inline bool is_private(std::string_view entry) { return entry.starts_with("/private/"); }
bool is_special_use(std::string_view entry); ///< one that stands for the mailbox's (RFC 6154 §4)

/// §3.3: "l" and one of "r", "s", "w", "i" and "p".
bool may_annotate(storage::Rights rights);
/// The mailbox, when the user may see and change its annotations. not_found, denied.
storage::Result<session::Located> find_annotated(Context& ctx, std::string_view name);

/// All that the user sees at the mailbox, by entry name. Two or three look-ups.
storage::Metadata read_annotations(
    Context const& ctx, storage::ReadTxn const& txn, storage::Place place);
/// And at the server: what the administrator wrote, and the user's own.
storage::Metadata read_server_annotations(Context& ctx);

/// "/private/comment "text"", or NIL for none. What cannot be a string is a literal8 (RFC 4466).
void tell_annotation(Line& line, std::string_view entry, std::optional<std::string_view> value);

/// "* METADATA name /shared/comment ...": these entries changed (§4.4.2). For clients that asked to
/// be told, and nothing when there are none.
void tell_changed_annotations(
    Responses& out, std::string_view mailbox, std::span<std::string const> entries);

} // namespace mail::imap
