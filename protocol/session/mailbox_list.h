// All mailboxes that a user may know of, in all namespaces, by the names the client knows.
#pragma once

#include "protocol/session/namespaces.h"
#include "storage/mailboxes.h"

#include <string>
#include <vector>

namespace mail::session {

class Session;

struct ListedMailbox {
    std::string name; ///< the client's
    storage::Account owner;
    storage::Rights rights;
    storage::Mailbox mailbox; ///< its `unseen` is the user's own
};

/// INBOX first, then the own mailboxes by octets, then those of others that the user has the right
/// to look up. One transaction for each account.
std::vector<ListedMailbox> list_mailboxes(Session& session);

} // namespace mail::session
