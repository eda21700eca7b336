// Messages straight into the store and out of it, octet for octet.
#pragma once

#include "storage/body.h"
#include "storage/mailboxes.h"
#include "storage/messages.h"
#include "storage/store.h"
#include "storage/txn.h"

#include <string>
#include <string_view>
#include <vector>

namespace mail::test {

inline storage::Appended store_message(storage::Store& store, storage::Account const& account,
    std::string_view octets, std::uint8_t flags = 0, std::string const& mailbox = "INBOX")
{
    auto& volume = store.volume_of(account);
    storage::BodyWriter writer(volume);
    while (!octets.empty()) {
        writer.append(octets.substr(0, 100'000));
        octets.remove_prefix(std::min<std::size_t>(octets.size(), 100'000));
        if (writer.wants_spill())
            *volume.write([&](storage::WriteTxn& txn) { return writer.spill(txn); });
    }
    storage::NewMessage message;
    message.body = writer.finish();
    message.system_flags = flags;
    storage::Appended appended;
    *volume.write([&](storage::WriteTxn& txn) -> storage::Result<void> {
        auto const target = storage::find_mailbox(txn, account.id, mailbox);
        if (!target)
            return target.error();
        auto const result = storage::append_message(txn, account.id, target->id, message);
        if (!result)
            return result.error();
        appended = *result;
        return {};
    });
    return appended;
}

inline std::string stored_octets(storage::ReadTxn const& txn, storage::HotRecord const& hot)
{
    std::string octets;
    while (octets.size() < hot.size) {
        auto const before = octets.size();
        *storage::read_body(txn, hot.body, octets.size(), hot.size - octets.size(), octets);
        if (octets.size() == before)
            break;
    }
    return octets;
}

/// All messages of a mailbox, by UID.
inline std::vector<std::string> messages_of(
    storage::Store& store, storage::Account const& account, std::string const& mailbox = "INBOX")
{
    std::vector<std::string> result;
    auto const txn = store.volume_of(account).read();
    auto const found = storage::find_mailbox(txn, account.id, mailbox);
    if (!found)
        return result;
    storage::UidRange const all { storage::Uid { 1 }, storage::Uid { 0xffffffff } };
    storage::scan_messages(
        txn, account.id, found->id, all, storage::Columns::all, [&](storage::HotRecord const& hot) {
            result.push_back(stored_octets(txn, hot));
            return true;
        });
    return result;
}

} // namespace mail::test
