// A SEARCH or SORT of whose result the client is told the changes (RFC 5267 §4.3: an updating
// context).
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/comparator.h"
#include "protocol/imap/fetch_items.h"
#include "protocol/imap/long_work.h"
#include "protocol/imap/search_answer.h"
#include "protocol/imap/sort_key.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mail::imap {

class Context;

/// Which messages of the selected mailbox may match otherwise than before.
struct Touched {
    storage::UidSet uids;
    storage::UidSet appended; ///< those of them that are new in the numbering
};

class LiveSearch {
public:
    /// What the client asked for.
    struct Asked {
        std::string tag;
        Numbering numbering = Numbering::sequence;
        std::string
            mailbox {}; ///< by ESEARCH: the name that goes into every answer (RFC 7377 §2.1)
        SearchProgram program {}; ///< ready
        std::vector<SortCriterion> criteria {}; ///< of SORT; none is RELEVANCY
        Comparator comparator {};
        FetchItems items {}; ///< to be told of each new message that matches (RFC 5465 §7)
    };

    /// `matches` is what the command found; `order` the same in the order of the criteria, empty
    /// for SEARCH.
    LiveSearch(Asked asked, storage::UidSet matches, std::vector<storage::Uid> order,
        session::UidMap const& map);

    std::string_view tag() const { return asked_.tag; }
    std::size_t octets() const; ///< of memory, about
    /// With the keys OLDER and YOUNGER messages come to match by time alone: they are looked for at
    /// Imap::time_keys_interval.
    bool is_due(Context const& ctx) const;

    /// Tells that these are out, before the client is told that they are expunged: `map` still has
    /// them.
    awaitable<void> tell_expunged(
        Context& ctx, storage::UidSet const& expunged, session::UidMap const& map);

    /// Looks at the touched messages, and no others, and tells what came and went. Flags, dates and
    /// headers as SEARCH does, in slices.
    awaitable<void> tell_changes(Context& ctx, Touched touched);

private:
    /// Results that come or go together.
    struct Change {
        std::size_t position; ///< of the first, from 1; 0: each where the mailbox's order puts it
        Runs results; ///< UIDs, or sequence numbers where they are told
    };
    enum class Direction { add, remove };

    bool is_sorted() const { return !asked_.criteria.empty(); }
    void touch_last(Touched& touched, session::UidMap const& map);
    awaitable<void> touch_by_time(
        Context& ctx, LongWork& work, SearchTarget const& target, Touched& touched);
    awaitable<Matches> find_matches(
        Context& ctx, LongWork& work, SearchTarget const& target, storage::UidSet const& among);
    std::vector<Change> take_out(storage::UidSet const& gone);
    awaitable<std::vector<Change>> put_in(
        Context& ctx, LongWork& work, SearchTarget const& target, Matches const& fresh);
    awaitable<void> fetch_new(Context& ctx, storage::UidSet uids);
    awaitable<void> tell(Context& ctx, Direction direction, std::vector<Change> const& changes,
        session::UidMap const& map);
    static void add_pieces(
        Change const& change, Direction direction, std::size_t most, std::vector<Change>& pieces);

    Asked asked_;
    storage::UidSet matches_;
    std::vector<storage::Uid> order_; ///< of SORT: the same messages
    storage::Uid last_; ///< what "*" stood for
    std::int64_t looked_at_; ///< when time was taken into account; seconds since the Unix epoch
};

} // namespace mail::imap
