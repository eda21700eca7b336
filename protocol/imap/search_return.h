// What a SEARCH or SORT is to return (RFC 4731, RFC 5182, RFC 5267, RFC 6203, RFC 9394).
#pragma once

#include "protocol/imap/fetch_items.h"
#include "protocol/imap/partial_range.h"
#include "protocol/imap/search_run.h"

#include <optional>
#include <string>

namespace mail::imap {

class Parser;

struct SearchReturn {
    bool extended = false; ///< ESEARCH answers
    bool min = false, max = false, all = false, count = false;
    bool save = false; ///< into what "$" stands for
    bool update = false; ///< tell of changes from now on
    FetchItems update_items {}; ///< and these of each new message (RFC 5465 §7)
    bool relevancy = false;
    std::optional<PartialRange> partial;
    std::string partial_text; ///< as the client wrote it

    /// Whether there is anything to tell: SAVE, UPDATE and CONTEXT alone return nothing.
    bool tells() const { return min || max || all || count || relevancy || partial; }
    /// Whether all that is found is saved, or just what is told (RFC 9394 §3.2).
    bool saves_all() const { return all || count || (!min && !max && !partial); }
};

enum class Searching { search, sort, multisearch };

/// ["RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")" SP]. Without it a SEARCH of a
/// client that speaks IMAP4rev2, and an ESEARCH, return ALL.
SearchReturn parse_search_return(Parser& in, Searching what);

/// How much of a search's result, in mailbox order, is needed to return this.
SearchExtent extent_of(SearchReturn const& wanted);

} // namespace mail::imap
