// Whose mailbox an address means.
#pragma once

#include "protocol/lmtp/address.h"
#include "protocol/lmtp/failure.h"
#include "protocol/session/session.h"

#include <boost/asio/any_io_executor.hpp>

#include <optional>
#include <string>

namespace mail::lmtp {

struct Recipient {
    std::string address; ///< as in the envelope, for header fields and the log
    storage::Account account;
    storage::Quota quota; ///< what the account may use
    std::string mailbox; ///< of the detail, used when it exists; empty: INBOX
    bool creates_mailbox = false; ///< makes it when it does not exist
    bool ignores_quota = false; ///< Not RFC: Cyrus' IGNOREQUOTA
    std::string original; ///< what ORCPT said (RFC 8098 §2.3): "rfc822;address"; empty: nothing
};

/// Whom an address is of.
struct Match {
    session::User user;
    std::string detail; ///< of the address, where it was needless to find the user
};

/// Looks for all of the address first, then for it without its detail. Throws
/// session::AccountsUnavailable.
awaitable<std::optional<Match>> match_recipient(session::Services& services, Address address);

/// Finds the account that match_recipient leads to; makes the store's account at the first
/// delivery. 550 5.1.1 for unknown users, 451 4.3.0 when the accounts
/// or the store cannot be asked.
awaitable<Result<Recipient>> find_recipient(
    session::Services& services, boost::asio::any_io_executor executor, Address address);

} // namespace mail::lmtp
