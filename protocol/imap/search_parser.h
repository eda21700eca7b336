// The grammar of SEARCH's keys (search-key of RFC 9051 §9 and of RFC 3501 §9, and of all extensions
// that have keys).
#pragma once

#include "protocol/imap/failure.h"
#include "protocol/imap/search_program.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mail::imap {

class Context;
class Parser;

/// How the strings and names of a program are to be understood.
struct SearchGrammar {
    std::string_view charset; ///< of the strings; empty: none was given
    mime::Collation collation = mime::Collation::unicode_casemap;
    /// The search program that the client stored under a name (RFC 5466).
    std::function<std::optional<std::string>(std::string_view name)> find_filter {};
};

inline constexpr std::size_t max_search_keys = 5000; ///< of one command; more is NO [LIMIT]
inline constexpr std::size_t max_search_patterns = 100; ///< of BODY and TEXT; more is NO [LIMIT]
inline constexpr std::size_t max_dear_keys = 500; ///< HEADER, and FUZZY texts; likewise
inline constexpr std::size_t max_search_depth
    = 100; ///< of parentheses and of OR in the first place of OR

/// The client's: by its comparator, with its filters. The charset is for the caller to read.
SearchGrammar grammar_of(Context& ctx);

/// search-key *(SP search-key) up to the end of the command.
SearchProgram parse_search_keys(Parser& in, SearchGrammar const& grammar);

/// charset; a name that is not known here is refused with BADCHARSET.
std::string_view parse_charset(Parser& in);

/// ["CHARSET" SP charset SP], as SEARCH has it; empty for none.
std::string_view parse_optional_charset(Parser& in);

} // namespace mail::imap
