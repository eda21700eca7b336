// COPY and MOVE from one account to another. No transaction spans two accounts, so the messages are
// read first and then put; their bodies are shared.
#pragma once

#include "storage/mailbox_view.h"

#include <string>
#include <vector>

namespace mail::storage {

/// Messages read from one account for another.
struct TakenMessages {
    struct Message {
        HotRecord hot; ///< its keywords are bits of `keywords`
        std::string cold;
        MessageKeys keys {};
    };
    UidSet source;
    std::vector<Message> messages; ///< in the order of `source`
    std::vector<std::string> keywords;
};

// They are held in memory.
inline constexpr std::size_t max_taken_messages = 20'000;
inline constexpr std::size_t max_taken_octets = 64 << 20; ///< of structures, addresses and the like

/// Those of `uids` that exist. not_found (mailbox), limit (too many).
Result<TakenMessages> take_messages(ReadTxn const& txn, Viewpoint const& from, UidSet const& uids);

/// Adds them to a mailbox of another account of the same volume. expunged: one is gone for good
/// meanwhile, and none was put. not_found, limit, over_quota, no_space.
Result<Copied> put_messages(WriteTxn& txn, AccountId account, MailboxId to,
    TakenMessages const& taken, OnBehalf const& who = {});

} // namespace mail::storage
