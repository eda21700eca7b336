// Mailboxes that users share, as if their owner had said so, and what is kept of messages; for
// tests of any protocol.
#pragma once

#include "protocol/imap/rights.h"
#include "storage/acl.h"
#include "storage/mailboxes.h"
#include "tests/support/messages.h"
#include "tests/support/test_services.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace mail::test {

/// Gives `identifier` these rights and no others to the owner's mailbox, which is made when
/// missing.
inline void share(TestServices& services, std::string const& owner, std::string const& name,
    std::string const& identifier, std::string_view letters)
{
    auto const account = services.account(owner);
    if (!identifier.starts_with('-')) {
        ASSERT_TRUE(services.store().note_sharing(account, identifier));
    }
    auto const rights = imap::parse_rights(letters);
    ASSERT_TRUE(rights) << letters;
    auto const written = services.store().volume_of(account).write(
        [&](storage::WriteTxn& txn) -> storage::Result<void> {
            auto mailbox = storage::find_mailbox(txn, account.id, name);
            if (!mailbox)
                mailbox = storage::create_mailbox(txn, account.id, { .name = name });
            if (!mailbox)
                return mailbox.error();
            storage::Place const place { account.id, mailbox->id };
            auto acl = storage::read_acl(txn, place);
            std::erase_if(acl, [&](auto const& entry) { return entry.identifier == identifier; });
            if (!rights->empty())
                acl.push_back({ identifier, *rights });
            return storage::write_acl(txn, place, acl);
        });
    ASSERT_TRUE(written) << "cannot share " << name;
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
