// What an account uses and may use (RFC 9208). Kept outside of it: what is expunged and not yet
// swept.
#pragma once

#include "storage/error.h"
#include "storage/ids.h"

#include <cstdint>

namespace mail::storage {

class ReadTxn;
class WriteTxn;

struct Usage {
    std::uint64_t octets = 0; ///< sum of RFC822.SIZE of all messages
    std::uint64_t messages = 0;
    bool operator==(Usage const&) const = default;
};

struct Quota {
    std::uint64_t octets = 0; ///< 0: no bound
    std::uint64_t messages = 0; ///< 0: no bound
    bool operator==(Quota const&) const = default;
};

Result<Usage> account_usage(ReadTxn const& txn, AccountId account); ///< one look-up. not_found
Result<Quota> account_quota(ReadTxn const& txn, AccountId account); ///< one look-up. not_found
/// May be below what is used: then nothing more comes in. not_found.
Result<void> set_quota(WriteTxn& txn, AccountId account, Quota const& quota);

} // namespace mail::storage
