// From a URL to a mailbox.
#include "protocol/imap/url_object.h"

#include "storage/mailboxes.h"

namespace mail::imap {

bool is_valid_for(session::Session& session, session::Located const& mailbox, ImapUrl const& url)
{
    if (url.uid_validity == 0)
        return true;
    auto const now = session.read_at(mailbox.account, [&](storage::ReadTxn const& txn) {
        return storage::get_mailbox(txn, mailbox.account.id, mailbox.id);
    });
    return now && now->uid_validity.value == url.uid_validity;
}

std::optional<session::Located> find_url_mailbox(
    session::Session& session, session::Identity const& who, ImapUrl const& url)
{
    auto mailbox = session.find_mailbox_of(who, url.mailbox, storage::Right::read);
    if (!mailbox || !is_valid_for(session, *mailbox, url))
        return std::nullopt;
    return std::move(*mailbox);
}

} // namespace mail::imap
