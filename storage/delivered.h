// What was delivered to an account lately, so that a message that comes once more can be told
// (docs/storage-format.md §4.17).
#pragma once

#include "storage/error.h"
#include "storage/ids.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace mail::storage {

class ReadTxn;
class WriteTxn;

inline constexpr std::size_t max_delivered = 10'000; ///< notes of an account; the oldest go first

/// What is the same when a delivery comes again: a digest that nobody can make collide.
using DeliveryKey = std::array<char, 16>;

/// Notes the delivery until then (seconds since the Unix epoch). False, and nothing changes, when
/// it is noted already and WriteTxn::now() has not reached the end of that note. Forgets some notes
/// that have ended. To be called in the transaction of the delivery itself, so that both are on
/// disk or neither is.
bool note_delivery(WriteTxn& txn, AccountId account, DeliveryKey const& key, std::int64_t until);

bool has_delivered_before(ReadTxn const& txn, AccountId account, std::int64_t time);
/// Forgets notes that ended before `time`, at most about `limit`. False when none is left.
bool forget_delivered(WriteTxn& txn, AccountId account, std::int64_t time, std::size_t limit);

} // namespace mail::storage
