// Matching by the set of pattern positions that are reached: no backtracking, so no blow-up.
#include "protocol/imap/wildcard.h"

#include "storage/mailboxes.h"

#include <algorithm>
#include <vector>

namespace mail::imap {
namespace {

    bool is_wildcard(char c) { return c == '*' || c == '%'; }

} // namespace

Wildcard::Wildcard(std::string_view pattern)
{
    for (char const c : pattern) {
        if (!is_wildcard(c)) {
            ++literals_;
            pattern_.push_back(c);
        } else if (pattern_.empty() || !is_wildcard(pattern_.back())) {
            pattern_.push_back(c);
        } else if (c == '*') {
            pattern_.back() = '*'; // "%*" is "*"
        }
    }
}

bool Wildcard::matches(std::string_view name) const
{
    // With no more literals than the name has octets, the pattern is at most twice as long.
    if (literals_ > name.size())
        return false;
    auto const size = pattern_.size();
    std::vector<char> reached(size + 1);
    std::vector<char> next(size + 1);
    auto const reach = [&](std::vector<char>& positions, std::size_t position) {
        positions[position] = 1;
        if (position < size && is_wildcard(pattern_[position]))
            positions[position + 1] = 1; // it stands for nothing
    };
    reach(reached, 0);
    for (char const c : name) {
        std::ranges::fill(next, char { 0 });
        bool is_alive = false;
        for (std::size_t position = 0; position < size; ++position) {
            if (reached[position] == 0)
                continue;
            char const wanted = pattern_[position];
            if (wanted == '*' || (wanted == '%' && c != storage::hierarchy_delimiter)) {
                reach(next, position);
                is_alive = true;
            } else if (wanted == c && !is_wildcard(wanted)) {
                reach(next, position + 1);
                is_alive = true;
            }
        }
        if (!is_alive)
            return false;
        reached.swap(next);
    }
    return reached[size] != 0;
}

} // namespace mail::imap
