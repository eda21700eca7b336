// Access control lists for tests, as if their owner had set them.
#pragma once

#include "protocol/imap/rights.h"
#include "storage/acl.h"
#include "storage/mailboxes.h"
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

} // namespace mail::test
