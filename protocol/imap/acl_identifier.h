// Whom an entry of an access control list is about (RFC 4314 §2): a user, a group, everybody; with
// "-" in front it takes rights away.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/failure.h"
#include "storage/store.h"

#include <optional>
#include <string>
#include <string_view>

namespace mail::imap {

class Context;

struct AclIdentifier {
    std::string entry; ///< as lists have it: the user's login name, "-" included
    bool is_negative = false;
    bool is_owner = false; ///< the mailbox's own account, who may do all and is in no list
    std::optional<Failure> unknown; ///< why nobody can get rights by it: no such user, and the like

    std::string_view name() const { return std::string_view(entry).substr(is_negative ? 1 : 0); }
};

/// BAD for what SASLprep refuses (§3). Throws session::AccountsUnavailable.
awaitable<Result<AclIdentifier>> identify(
    Context& ctx, storage::Account owner, std::string identifier);

} // namespace mail::imap
