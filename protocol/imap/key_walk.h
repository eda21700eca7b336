// Reads what SORT and THREAD compare of many messages, in slices that a worker may take.
#pragma once

#include "protocol/imap/search_target.h"
#include "protocol/mime/sort_keys.h"
#include "storage/keys.h"

#include <chrono>
#include <cstddef>
#include <span>

namespace mail::imap {

/// Walks over messages, ascending. What it walks over must outlive it.
class KeyWalk {
public:
    explicit KeyWalk(std::span<storage::Uid const> uids)
        : uids_(uids)
    {
    }
    bool done() const { return uids_.empty(); }

    /// Calls each(octets) with one stored column of each message, for some 20 ms.
    template <class Each>
    void read_stored(
        storage::ReadTxn const& txn, storage::Place place, mime::SortColumn column, Each each)
    {
        storage::KeyReader reader(txn, place, static_cast<std::size_t>(column));
        slice(1024, [&](storage::Uid uid) { each(reader.find(uid)); });
    }

    /// Calls each(mime::HeaderKeys) of the messages' own headers, which is some hundred times
    /// slower: for collations by which nothing is stored. A message that is gone for good has an
    /// empty header.
    template <class Each>
    void read_headers(storage::ReadTxn const& txn, storage::Viewpoint const& from, Each each)
    {
        storage::MailboxView const view(txn, from);
        slice(16, [&](storage::Uid uid) { each(header_keys_of(txn, view, uid)); });
    }

private:
    template <class Look> void slice(std::size_t between_looks_at_the_clock, Look look)
    {
        auto const end = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
        do {
            auto const few = uids_.first(std::min(between_looks_at_the_clock, uids_.size()));
            for (auto const uid : few)
                look(uid);
            uids_ = uids_.subspan(few.size());
        } while (!done() && std::chrono::steady_clock::now() < end);
    }
    static mime::HeaderKeys header_keys_of(
        storage::ReadTxn const& txn, storage::MailboxView const& view, storage::Uid uid);

    std::span<storage::Uid const> uids_; ///< that are left
};

} // namespace mail::imap
