// Which conversation a message belongs to (RFC 8474 §5.2): rows from hashes of Message-IDs to
// thread ids, maintained as messages come. A message keeps the thread id that it got. Inside of
// storage/ only.
#pragma once

#include "storage/records.h"

#include <span>
#include <string_view>

namespace mail::storage {

/// The links as the cold record keeps them; lives in the caller's vector.
inline std::string_view encode_links(std::span<std::uint64_t const> links)
{
    static_assert(std::endian::native == std::endian::little, "records are little-endian");
    return { reinterpret_cast<char const*>(links.data()), links.size_bytes() };
}

/// The thread that the first of `links` belongs to which belongs to any, or a new one; the other
/// links then belong to it, too. The caller saves the account record.
std::uint64_t find_thread(
    WriteTxn& txn, AccountId account, AccountRecord& record, std::span<std::uint64_t const> links);

/// Has the links that belong to no thread yet belong to `thread`: of a message that comes from
/// another account with it. The caller saves the account record.
void join_thread(WriteTxn& txn, AccountId account, AccountRecord& record,
    std::span<std::uint64_t const> links, std::uint64_t thread);

/// Whether so many links were added since the last sweep that one is worth its while.
bool needs_thread_sweep(AccountRecord const& record);
/// The links that no message of the account has any more. Reads all its cold records: slow, for a
/// snapshot outside of the writer.
std::vector<std::uint64_t> find_dead_links(ReadTxn const& txn, AccountId account);
/// Erases those of `dead` that were not used after `snapshot`, and notes that it was swept.
void erase_links(
    WriteTxn& txn, AccountId account, std::span<std::uint64_t const> dead, ModSeq snapshot);

} // namespace mail::storage
