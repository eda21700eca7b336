// From what a client wrote to UIDs.
#include "protocol/imap/sequence_set.h"

#include "protocol/imap/response.h"
#include "protocol/session/selected_mailbox.h"

#include <algorithm>

namespace mail::imap {
namespace {

    using session::SeqNum;
    using storage::Uid;
    using storage::UidRange;
    using storage::UidSet;

    /// Sorted and merged, so that a hostile set of many small ranges costs O(n log n).
    std::vector<UidRange> normalised(SequenceSet const& set, std::uint32_t star)
    {
        std::vector<UidRange> ranges;
        ranges.reserve(set.ranges.size());
        for (auto const& [a, b] : set.ranges) {
            auto const first = a == SequenceSet::star ? star : a;
            auto const last = b == SequenceSet::star ? star : b;
            ranges.push_back({ Uid { std::min(first, last) }, Uid { std::max(first, last) } });
        }
        std::ranges::sort(ranges, {}, &UidRange::first);
        return ranges;
    }

    UidSet to_set(std::vector<UidRange> const& ranges)
    {
        UidSet set;
        for (auto const& range : ranges)
            set.add(range);
        return set;
    }

} // namespace

storage::UidSet resolve_leniently(SequenceSet const& set, Numbering numbering,
    session::UidMap const& map, storage::UidSet const& saved)
{
    auto uids = set.saved ? map.present(saved) : UidSet();
    auto const count = map.count();
    if (count == 0 || set.ranges.empty())
        return uids;
    if (numbering == Numbering::uid) {
        uids.add(map.present(to_set(normalised(set, map.last()->value))));
        return uids;
    }
    // Merged first: a repeated 1:* must not cost a copy of the map each time.
    auto const merged = to_set(normalised(set, count));
    for (auto const& range : merged.ranges())
        uids.add(map.uids_of(SeqNum { range.first.value }, SeqNum { range.last.value }));
    return uids;
}

Result<storage::UidSet> resolve(SequenceSet const& set, Numbering numbering,
    session::UidMap const& map, storage::UidSet const& saved)
{
    auto const is_beyond = [&](SequenceSet::Range const& range) {
        return range.first > map.count() && range.last > map.count();
    };
    auto const names_star = std::ranges::any_of(set.ranges, [](SequenceSet::Range const& range) {
        return range.first == SequenceSet::star || range.last == SequenceSet::star;
    });
    bool const is_empty_star = map.count() == 0 && names_star;
    if (numbering == Numbering::sequence && !is_empty_star
        && std::ranges::any_of(set.ranges, is_beyond))
        return bad("The mailbox has fewer messages than that; NOOP tells how many");
    return resolve_leniently(set, numbering, map, saved);
}

Result<storage::UidSet> resolve(
    SequenceSet const& set, Numbering numbering, session::SelectedMailbox const& mailbox)
{
    return resolve(set, numbering, mailbox.map(), mailbox.saved());
}

storage::UidSet spans_of(SequenceSet const& set, Numbering numbering, session::UidMap const& map)
{
    auto const count = map.count();
    if (count == 0)
        return {};
    if (numbering == Numbering::uid)
        return all_of(set, *map.last());
    UidSet spans;
    for (auto const& range : normalised(set, count))
        if (range.first.value <= count)
            spans.add(UidRange { *map.uid_of(SeqNum { range.first.value }),
                *map.uid_of(SeqNum { std::min(range.last.value, count) }) });
    return spans;
}

storage::UidSet all_of(SequenceSet const& set, storage::Uid star)
{
    return to_set(normalised(set, star.value));
}

storage::UidSet sequence_numbers(storage::UidSet const& uids, session::UidMap const& map)
{
    UidSet numbers;
    auto const present = map.present(uids);
    for (auto const& range : present.ranges())
        numbers.add(UidRange {
            Uid { map.seq_of(range.first)->value }, Uid { map.seq_of(range.last)->value } });
    return numbers;
}

void append_set(std::string& out, storage::UidSet const& set)
{
    bool first = true;
    for (auto const& range : set.ranges()) {
        if (!first)
            out.push_back(',');
        first = false;
        append_number(out, range.first.value);
        if (range.last != range.first) {
            out.push_back(':');
            append_number(out, range.last.value);
        }
    }
}

} // namespace mail::imap
