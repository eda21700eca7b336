// A mailbox to search, selected or not.
#pragma once

#include "protocol/session/session.h"
#include "protocol/session/uid_map.h"
#include "storage/mailbox_view.h"

#include <memory>
#include <string>
#include <vector>

namespace mail::session {
class SelectedMailbox;
}

namespace mail::imap {

struct SearchTarget {
    storage::Account owner; ///< whose mailbox it is
    storage::Viewpoint viewpoint; ///< of the user
    std::shared_ptr<session::UidMap const> map; ///< what its sequence numbers stand for
    storage::Uid uid_next; ///< as of the map
    storage::UidValidity uid_validity {};
    storage::UidSet recent {}; ///< \Recent for this session
    storage::UidSet saved {}; ///< what "$" stands for
};

/// The selected mailbox as the client knows it.
SearchTarget target_of(session::SelectedMailbox const& selected);

/// Another mailbox, as it is now. not_found.
storage::Result<SearchTarget> open_target(
    session::Session& session, session::Located const& located);

/// The mailbox's keywords as the store has them now: a client may not have been told of all. Empty
/// when the mailbox is gone.
std::vector<std::string> keywords_of(session::Session& session, SearchTarget const& target);

} // namespace mail::imap
