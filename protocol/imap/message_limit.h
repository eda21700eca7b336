// How many messages one command works on (RFC 9738), where the administrator limits it.
#pragma once

#include "protocol/imap/failure.h"
#include "storage/uid_set.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace mail::imap {

class Context;

/// Of every command that names messages; 0: no limit. A client that is not offered MESSAGELIMIT
/// could not know that something is missing, so it has none.
std::uint32_t message_limit(Context const& ctx);

/// Of COPY and APPEND, which are all or nothing; 0: no limit. By MESSAGELIMIT or by SAVELIMIT.
std::uint32_t save_limit(Context const& ctx);

/// What was left undone: a command works on the newest messages and leaves the others.
struct Cut {
    std::uint32_t limit = 0;
    storage::Uid lowest; ///< of the messages that are worked on; 0: of several mailboxes

    ResponseCode code() const; ///< "MESSAGELIMIT 1000 23221"
};

/// Leaves the newest messages in the set, as many as one command works on; nullopt when these are
/// all of them.
std::optional<Cut> cut_to_limit(std::uint32_t limit, storage::UidSet& uids);

/// The result of a command on such a set: its tagged OK tells the cut, or where that has something
/// else to tell, or is no OK, an untagged NO in front of it (RFC 9738 §3.1).
Result<void> with_cut(Context& ctx, std::optional<Cut> const& cut, Result<void> result);

/// NO [MESSAGELIMIT] for a command that is all or nothing, and would be cut.
Failure too_many_messages(Cut const& cut);
/// The same for so many messages, whichever they are.
Result<void> check_limit(std::uint32_t limit, std::uint64_t messages);

} // namespace mail::imap
