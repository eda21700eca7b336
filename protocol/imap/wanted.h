// Walks the messages of a set through the store's scans, in pieces that may end anywhere.
#pragma once

#include "storage/messages.h"
#include "storage/uid_set.h"

#include <span>

namespace mail::imap {

/// A place in a UidSet, which must outlive it.
class Wanted {
public:
    explicit Wanted(storage::UidSet const& set)
        : ranges_(set.ranges())
    {
        if (!ranges_.empty())
            next_ = ranges_.front().first;
    }

    bool done() const { return range_ == ranges_.size(); }
    storage::Uid next() const { return next_; } ///< not when done()
    storage::Uid last() const { return ranges_.back().last; }

    void advance()
    {
        if (next_ != ranges_[range_].last)
            ++next_.value;
        else if (++range_ != ranges_.size())
            next_ = ranges_[range_].first;
    }

private:
    std::span<storage::UidRange const> ranges_;
    std::size_t range_ = 0;
    storage::Uid next_;
};

/// Runs `scan(range, each)`, one of the store's scans, over the wanted messages. Calls
/// found(records...) for each that there is and missing(uid) for each that is not, ascending, and
/// advances `wanted`; stops when one of them returns false. Long gaps of the set are jumped over.
template <class Scan, class Found, class Missing>
void scan_wanted(Wanted& wanted, Scan scan, Found found, Missing missing)
{
    constexpr std::uint32_t longest_walk
        = 64; // UIDs; a new seek costs about as much as passing over these
    while (!wanted.done()) {
        bool stopped = false;
        bool jumps = false;
        auto const each = [&](storage::HotRecord const& hot, auto const&... cold) {
            while (!wanted.done() && wanted.next() < hot.uid && !stopped) {
                auto const uid = wanted.next();
                wanted.advance();
                stopped = !missing(uid);
            }
            if (stopped || wanted.done())
                return false;
            if (wanted.next() != hot.uid) {
                jumps = wanted.next().value - hot.uid.value > longest_walk;
                return !jumps;
            }
            wanted.advance();
            stopped = !found(hot, cold...);
            return !stopped && !wanted.done();
        };
        scan(storage::UidRange { wanted.next(), wanted.last() }, each);
        if (stopped)
            return;
        if (jumps)
            continue;
        while (!wanted.done()) { // behind the last message that there is
            auto const uid = wanted.next();
            wanted.advance();
            if (!missing(uid))
                return;
        }
    }
}

} // namespace mail::imap
