// The criteria of SORT (RFC 5256, RFC 5957, RFC 6203).
#pragma once

#include <cstdint>
#include <vector>

namespace mail::imap {

class Parser;

struct SortCriterion {
    enum class Key : std::uint8_t {
        arrival,
        cc,
        date,
        display_from,
        display_to,
        from,
        relevancy,
        size,
        subject,
        to
    };
    Key key = Key::arrival;
    bool reverse = false;
    bool operator==(SortCriterion const&) const = default;
};

/// sort-criteria: "(" criterion *(SP criterion) ")". One that comes again says nothing new and is
/// left out, so that there are ten at most.
std::vector<SortCriterion> parse_sort_criteria(Parser& in);

} // namespace mail::imap
