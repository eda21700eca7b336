// Where a mailbox name leads: to the own account, to another user's, to the shared one (RFC 2342),
// and what the user may do there (RFC 4314).
#pragma once

#include "storage/acl.h"
#include "storage/store.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mail::session {

struct User;

/// Somebody who looks at mailboxes: their account, and all names under which access control lists
/// may give them rights.
struct Identity {
    storage::Account account;
    std::vector<std::string> identifiers;
};

/// An account and a name in it; whether there is such a mailbox is another question.
struct MailboxName {
    storage::Account account;
    std::string name; ///< in the account
};

/// A mailbox that was found, and what the user may do with it.
struct Located {
    storage::Account account; ///< whose it is
    storage::MailboxId id;
    std::string name; ///< in the account
    storage::Rights rights;

    storage::Place place() const { return { account.id, id }; }
};

inline constexpr std::string_view anyone = "anyone"; ///< RFC 4314 §2
inline constexpr char group_mark = '$'; ///< begins the identifiers of groups

/// All names under which lists may give the user rights.
std::vector<std::string> identifiers_of(User const& user, bool allow_anyone);

/// The union of what the list gives to any of the identifiers, without what entries that begin with
/// "-" take away.
storage::Rights rights_in(storage::Acl const& acl, std::span<std::string const> identifiers);

} // namespace mail::session
