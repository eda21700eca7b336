// Lists of mailboxes, account by account.
#include "protocol/session/mailbox_list.h"

#include "protocol/session/session.h"
#include "storage/mailbox_view.h"

namespace mail::session {
namespace {

    void add_own(Session& session, std::vector<ListedMailbox>& list)
    {
        auto const& account = session.account();
        session.read([&](storage::ReadTxn const& txn) {
            for (auto& mailbox : storage::list_mailboxes(txn, account.id)) {
                auto name = mailbox.name;
                list.push_back(
                    { std::move(name), account, storage::Rights::all(), std::move(mailbox) });
            }
        });
    }

    /// What `owner` shares with the user.
    void add_shared(
        Session& session, storage::Account const& owner, std::vector<ListedMailbox>& list)
    {
        auto const begin = list.size();
        session.read_at(owner, [&](storage::ReadTxn const& txn) {
            for (auto const& [id, acl] : storage::list_acls(txn, owner.id)) {
                auto const rights = rights_in(acl, session.identifiers());
                if (!rights.has(storage::Right::lookup))
                    continue;
                storage::MailboxView const view(txn, { { owner.id, id }, session.account().id });
                auto mailbox = view.mailbox();
                if (!mailbox) // deleted, and kept for the undelete window
                    continue;
                mailbox->unseen = view.unseen(*mailbox);
                auto name = session.client_name(owner, mailbox->name);
                list.push_back({ std::move(name), owner, rights, std::move(*mailbox) });
            }
        });
        std::sort(list.begin() + static_cast<std::ptrdiff_t>(begin), list.end(),
            [](ListedMailbox const& a, ListedMailbox const& b) { return a.name < b.name; });
    }

} // namespace

std::vector<ListedMailbox> list_mailboxes(Session& session)
{
    std::vector<ListedMailbox> list;
    add_own(session, list);
    if (!session.settings().sharing.enabled)
        return list;
    auto const& sharing = session.settings().sharing;
    bool const shows_others = session.is_namespace(sharing.other_users);
    bool const shows_shared = session.is_namespace(sharing.shared);
    for (auto const& owner : session.services().store.sharing_with(session.identifiers())) {
        auto const is_shown = owner.name == sharing.shared_account ? shows_shared : shows_others;
        if (owner.id != session.account().id && is_shown)
            add_shared(session, owner, list);
    }
    return list;
}

} // namespace mail::session
