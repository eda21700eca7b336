// What an account uses and may use (RFC 9208). Kept outside of it: what is expunged and not yet
// swept.
#pragma once

#include "storage/error.h"
#include "storage/ids.h"

#include <cstdint>
#include <optional>

namespace mail::storage {

class ReadTxn;
class WriteTxn;

struct Usage {
    std::uint64_t octets = 0; ///< sum of RFC822.SIZE of all messages
    std::uint64_t messages = 0;
    std::uint64_t mailboxes = 0; ///< INBOX among them
    bool operator==(Usage const&) const = default;
};

/// What may be used; nullopt: no bound.
struct Quota {
    std::optional<std::uint64_t> octets {};
    std::optional<std::uint64_t> messages {};
    std::optional<std::uint64_t> mailboxes {};
    bool operator==(Quota const&) const = default;
};

Result<Usage> account_usage(ReadTxn const& txn, AccountId account); ///< one look-up. not_found

/// What SETQUOTA set for the account takes the place of what is configured for it. One look-up.
/// not_found.
Result<Quota> effective_quota(ReadTxn const& txn, AccountId account, Quota const& configured);

/// Whether the account may have so much more: over_quota when a bound would be passed. One look-up.
/// What takes no more than it frees always may. not_found.
Result<void> check_quota(ReadTxn const& txn, AccountId account, Usage const& more,
    Quota const& configured, Usage const& freed = {});

/// nullopt: what is configured counts again. May be below what is used: then nothing more comes in.
/// not_found.
Result<void> set_quota(WriteTxn& txn, AccountId account, std::optional<Quota> const& quota);

} // namespace mail::storage
