// What an address means here, for MTAs that ask before they take mail: the same as it means to
// LMTP's RCPT.
#pragma once

#include "protocol/session/session.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail::mta {

struct Destination {
    session::User user; ///< whose mail it is
    /// Where the address is an alias: the account's own address, with the same detail. Empty: it is
    /// that already.
    std::string alias_of;
};

/// nullopt: nobody's, or no address at all. Throws session::AccountsUnavailable.
awaitable<std::optional<Destination>> find_destination(
    session::Services& services, std::string_view address);

/// Whether mail for the domain comes here: it is configured, or accounts are known to have
/// addresses in it.
bool is_own_domain(session::Services& services, std::string_view domain);

/// Whether one more message of so many octets (0: not known) fits the quota of a user.
bool has_room(session::Services& services, session::User const& user, std::uint64_t octets);

/// The address in `text` as it may stand in a reply: "local@domain", ASCII without controls.
/// nullopt: it is none.
std::optional<std::string> address_in(std::string_view text);
std::string domain_of(std::string_view address); ///< in lower case; empty: there is none

} // namespace mail::mta
