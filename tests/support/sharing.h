// Mailboxes that users share, and what is kept of messages, for tests of any protocol.
#pragma once

#include "protocol/imap/rights.h"
#include "storage/acl.h"
#include "tests/support/messages.h"
#include "tests/support/test_services.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace mail::test {

/// Gives `who` rights, by their letters, on a mailbox of `owner`.
inline void share(TestServices& services, std::string const& owner, std::string const& name,
    std::string const& who, std::string_view letters)
{
    auto const account = services.account(owner);
    auto const given = services.store().note_sharing(account, who);
    auto const written = services.store().volume_of(account).write(
        [&](storage::WriteTxn& txn) -> storage::Result<void> {
            auto const mailbox = storage::find_mailbox(txn, account.id, name);
            if (!mailbox)
                return mailbox.error();
            storage::Place const place { account.id, mailbox->id };
            auto list = storage::read_acl(txn, place);
            std::erase_if(list, [&](auto const& entry) { return entry.identifier == who; });
            list.push_back({ who, *imap::parse_rights(letters) });
            return storage::write_acl(txn, place, list);
        });
    EXPECT_TRUE(given && written) << "cannot share " << name << " of " << owner;
}

inline storage::HotRecord stored_record(
    TestServices& services, std::string const& owner, std::string const& name, std::uint32_t uid)
{
    auto const account = services.account(owner);
    auto const txn = services.store().volume_of(account).read();
    auto const mailbox = storage::find_mailbox(txn, account.id, name);
    auto const hot = storage::get_message(txn, account.id, mailbox->id, storage::Uid { uid });
    EXPECT_TRUE(hot) << "no message " << uid << " in " << name;
    return hot ? *hot : storage::HotRecord {};
}

/// The octets of a message, as they are stored.
inline std::string stored_body(
    TestServices& services, std::string const& owner, std::string const& name, std::uint32_t uid)
{
    auto const hot = stored_record(services, owner, name, uid);
    auto const txn = services.store().volume_of(services.account(owner)).read();
    return stored_octets(txn, hot);
}

} // namespace mail::test
