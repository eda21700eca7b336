// Grows the tree of names from lists.
#include "protocol/session/name_tree.h"

#include "protocol/session/session.h"
#include "storage/accounts.h"

namespace mail::session {
namespace {

    // Of one's own. To read so many and to order them takes about a millisecond.
    constexpr std::uint64_t many_mailboxes = 1000;

    NameTree grow(Session& session)
    {
        NameTree tree;
        tree.mailboxes = list_mailboxes(session);
        for (std::size_t i = 0; i < tree.mailboxes.size(); ++i) {
            auto const& name = tree.mailboxes[i].name;
            tree.entries[name].mailbox = i;
            for_each_level_above(name, [&](std::string_view level) {
                tree.entries[std::string(level)].has_children = true;
            });
        }
        auto const subscriptions = session.read([&](storage::ReadTxn const& txn) {
            return storage::list_subscriptions(txn, session.account().id);
        });
        for (auto const& name : subscriptions) {
            tree.entries[name].subscribed = true;
            for_each_level_above(name, [&](std::string_view level) {
                tree.entries[std::string(level)].has_subscribed_children = true;
            });
        }
        return tree;
    }

    bool is_large(Session& session)
    {
        auto const usage = session.read([&](storage::ReadTxn const& txn) {
            return storage::account_usage(txn, session.account().id);
        });
        return usage && usage->mailboxes > many_mailboxes;
    }

} // namespace

awaitable<NameTree> read_names(Session& session)
{
    auto read = [&] { return grow(session); };
    if (is_large(session)) {
        auto tree = co_await session.work(read);
        co_return tree;
    }
    co_return read();
}

} // namespace mail::session
