// Which changes of accounts a session made itself: its client knows of them.
#pragma once

#include "storage/ids.h"

#include <algorithm>
#include <vector>

namespace mail::session {

/// Kept only while somebody asks (NOTIFY), for the command that runs.
class OwnChanges {
public:
    void keep(bool on)
    {
        is_kept_ = on;
        clear();
    }
    bool is_kept() const { return is_kept_; }

    /// The changes behind `before`, up to and with `last`.
    void add(storage::AccountId account, storage::ModSeq before, storage::ModSeq last)
    {
        if (before < last)
            ranges_.push_back({ account, before, last });
    }
    bool has(storage::AccountId account, storage::ModSeq mod_seq) const
    {
        return std::ranges::any_of(ranges_, [&](Range const& range) {
            return range.account == account && range.before < mod_seq && mod_seq <= range.last;
        });
    }
    void clear() { ranges_.clear(); } ///< all that were made are told

private:
    struct Range {
        storage::AccountId account;
        storage::ModSeq before;
        storage::ModSeq last;
    };
    bool is_kept_ = false;
    std::vector<Range> ranges_;
};

} // namespace mail::session
