// What it costs time to find out of a mailbox, kept for those who open it next.
#pragma once

#include "protocol/session/uid_map.h"
#include "storage/mailbox_view.h"

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace mail::session {

/// The last states of the mailboxes that were opened last. Thread-safe; bounded in memory, least
/// recently used ones go first.
class ViewCache {
public:
    static constexpr std::size_t limit = std::size_t { 32 } << 20; ///< octets, about

    /// UIDNEXT and the number of messages tell states of the numbering apart: the one only grows
    /// with appends, the other only shrinks with expunges.
    std::shared_ptr<UidMap const> find_map(
        storage::Place place, Uid uid_next, std::uint32_t messages);
    void keep_map(storage::Place place, Uid uid_next, std::shared_ptr<UidMap const> const& map);

    /// The first message without \Seen as `viewer` sees it; UID 0: there is none. nullopt: not
    /// known for this HIGHESTMODSEQ.
    std::optional<Uid> find_unseen(storage::Viewpoint const& from, storage::ModSeq highest);
    void keep_unseen(storage::Viewpoint const& from, storage::ModSeq highest, Uid first);

private:
    struct Entry {
        storage::Place place;
        Uid uid_next;
        std::shared_ptr<UidMap const> map;
        storage::AccountId viewer;
        storage::ModSeq unseen_at; ///< HIGHESTMODSEQ for which `unseen` holds
        Uid unseen;
        std::size_t octets() const;
    };
    using Entries = std::list<Entry>; ///< the one used last first

    Entry* touch(storage::Place place);
    Entry& touch_or_make(storage::Place place);
    void bound();

    std::mutex mutex_;
    Entries entries_;
    std::unordered_map<storage::Place, Entries::iterator> by_place_;
    std::size_t octets_ = 0;
};

} // namespace mail::session
