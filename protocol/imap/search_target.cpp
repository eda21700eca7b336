// Mailboxes made ready to be searched.
#include "protocol/imap/search_target.h"

#include "protocol/session/hub.h"
#include "protocol/session/selected_mailbox.h"

namespace mail::imap {

SearchTarget target_of(session::SelectedMailbox const& selected)
{
    return { selected.owner(), selected.viewpoint(), selected.shared_map(),
        selected.mailbox().uid_next, selected.mailbox().uid_validity, selected.recent(),
        selected.saved() };
}

storage::Result<SearchTarget> open_target(
    session::Session& session, session::Located const& located)
{
    SearchTarget target { located.account, { located.place(), session.account().id }, nullptr, {} };
    auto const place = located.place();
    auto const look = [&](storage::ReadTxn const& txn) -> storage::Result<void> {
        auto const mailbox = storage::MailboxView(txn, target.viewpoint).mailbox();
        if (!mailbox)
            return mailbox.error();
        target.uid_next = mailbox->uid_next;
        target.uid_validity = mailbox->uid_validity;
        target.map = session.hub().find_map(place, mailbox->uid_next, mailbox->messages);
        if (!target.map)
            target.map = std::make_shared<session::UidMap const>(
                storage::list_uids(txn, place.account, place.mailbox));
        if (!target.viewpoint.is_owner())
            return {};
        auto const from = session.hub().recent_from(place, mailbox->recent_from);
        target.recent = target.map->uids();
        if (from.value > 1)
            target.recent.remove({ storage::Uid { 1 }, storage::Uid { from.value - 1 } });
        return {};
    };
    if (auto const opened = session.read_at(located.account, look); !opened)
        return opened.error();
    return target;
}

std::vector<std::string> keywords_of(session::Session& session, SearchTarget const& target)
{
    auto const look = [&](storage::ReadTxn const& txn) {
        return storage::MailboxView(txn, target.viewpoint).mailbox();
    };
    auto mailbox = session.read_at(target.owner, look);
    return mailbox ? std::move(mailbox->keywords) : std::vector<std::string> {};
}

} // namespace mail::imap
