// What happens in the mailboxes of one account, for a session that watches more than its selected
// mailbox (RFC 5465).
#pragma once

#include "protocol/session/hub.h"
#include "storage/acl.h"
#include "storage/store.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mail::session {

class Session;

/// What others than this session did to one mailbox between two looks.
struct MailboxNews {
    storage::MailboxId id {};
    bool appended = false;
    bool expunged = false;
    bool flags = false;
    bool annotated = false; ///< somebody's annotations changed
    bool is_new = false; ///< it was made
    bool names_changed = false; ///< made, deleted, renamed, or somebody's rights to it changed
    bool with_parent = false; ///< it was renamed because the one above it was
    std::string name_before {}; ///< in the account, when it was renamed or deleted

    bool messages_changed() const { return appended || expunged || flags; }
};

struct AccountNews {
    storage::ModSeq since {}; ///< what happened behind this
    std::vector<MailboxNews> mailboxes; ///< in the order of what happened to them first
    std::vector<std::string> subscriptions; ///< names, as the account's user gives them
    bool annotated = false; ///< annotations of the account itself changed
    bool is_lost = false; ///< the log does not reach back: nobody knows what happened
    bool has_more = false; ///< look again
};

class AccountWatch {
public:
    /// Watches from now on; each commit in the account rings the bell.
    AccountWatch(Session& session, storage::Account owner, std::shared_ptr<Bell> const& bell);

    storage::Account const& owner() const { return owner_; }

    /// What happened since the last look, or the first part of it: some thousand changes.
    AccountNews look(storage::ReadTxn const& txn);

    /// The rights that the user had with a mailbox at the last look; all with an own one.
    storage::Rights rights_before(storage::MailboxId mailbox) const;
    void note_rights(storage::MailboxId mailbox, storage::Rights rights);
    std::size_t visible_mailboxes() const { return rights_.size(); } ///< of somebody else

private:
    void learn_rights();

    Session& session_;
    storage::Account owner_;
    Hub::Watch watch_; ///< before seen_: no change falls between them
    storage::ModSeq seen_;
    /// Of the mailboxes of somebody else that the user may look up.
    std::map<storage::MailboxId, storage::Rights> rights_;
};

} // namespace mail::session
