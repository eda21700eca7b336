// What LIST, LSUB and XLIST ask for (RFC 9051 §6.3.9, RFC 5258, and the options of RFC 5819, 6154,
// 8440 and 9590).
#pragma once

#include "protocol/imap/failure.h"
#include "protocol/imap/status_items.h"
#include "protocol/imap/wildcard.h"

#include <string>
#include <vector>

namespace mail::imap {

class Parser;

struct ListArgs {
    std::string reference;
    std::vector<std::string> patterns; ///< reference not included
    bool is_extended = false; ///< RFC 5258's syntax was used: empty patterns stand for nothing

    // Names that are selected: all that exist, or those that are
    bool select_subscribed = false;
    bool select_special_use = false;
    bool recursive_match = false; ///< and those above them

    // What is returned beside the attributes
    bool return_subscribed = false;
    bool return_children = false;
    bool return_my_rights = false;
    StatusItems return_status;
    std::vector<std::string> return_metadata; ///< entry names, lower case

    bool has_criteria() const { return select_subscribed || select_special_use; }
    /// The client wants to know the delimiter and the root of the reference (RFC 9051 §6.3.9).
    bool asks_for_root() const
    {
        return !is_extended && patterns.size() == 1 && patterns.front().empty();
    }
};

Result<ListArgs> parse_list(Parser& in);
Result<ListArgs> parse_plain_list(Parser& in); ///< of LSUB and XLIST: no options

/// The canonical LIST patterns: reference and pattern as one.
class Patterns {
public:
    explicit Patterns(ListArgs const& args);

    struct Match {
        bool name = false;
        bool level = false; ///< by a pattern that ends with "%": levels without a mailbox count
    };
    std::size_t size() const { return patterns_.size(); }
    /// Adds what pattern number `i` says of the name. Costs O(octets of the name and the pattern)
    /// at best, their product at worst.
    void match(std::size_t i, std::string_view name, Match& match) const;

private:
    struct Pattern {
        Wildcard wildcard;
        bool matches_levels;
    };
    std::vector<Pattern> patterns_;
};

} // namespace mail::imap
