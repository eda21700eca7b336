// The searches that the selected mailbox's client wants to be told the changes of (RFC 5267 §4.3).
#pragma once

#include "protocol/imap/live_search.h"

#include <memory>
#include <string_view>
#include <vector>

namespace mail::imap {

/// They end with the selection of the mailbox, or by CANCELUPDATE.
class LiveSearches {
public:
    bool empty() const { return searches_.empty(); }
    void clear() { searches_.clear(); }
    bool has(std::string_view tag) const;
    bool cancel(std::string_view tag); ///< false: there is none

    /// Begins to follow a search. Says `* NO [NOUPDATE "tag"]` where it is one too many: 16, or 4
    /// MB of all together; the first is followed in any case.
    void follow(Context& ctx, LiveSearch::Asked asked, storage::UidSet matches,
        std::vector<storage::Uid> order, session::UidMap const& map);
    /// The same for what follows only the newest messages (RFC 9738).
    static void refuse_cut(Context& ctx, std::string_view tag);
    /// Says that this one is not followed.
    static void refuse(Context& ctx, std::string_view tag, std::string_view why);

    bool is_due(Context const& ctx) const; ///< LiveSearch::is_due
    // As LiveSearch
    awaitable<void> tell_expunged(
        Context& ctx, storage::UidSet const& expunged, session::UidMap const& map);
    awaitable<void> tell_changes(Context& ctx, Touched const& touched);

private:
    std::vector<std::unique_ptr<LiveSearch>> searches_;
};

} // namespace mail::imap
