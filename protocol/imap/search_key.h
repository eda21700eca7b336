// What SEARCH asks for: a program of keys, read from the command (search-key of RFC 9051 §9 and of
// RFC 3501 §9) and made ready for one mailbox.
#pragma once

#include "protocol/imap/failure.h"
#include "protocol/imap/sequence_set.h"
#include "protocol/session/uid_map.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mail::imap {

class Parser;

/// What has to be read of a message before a key can be decided; in the order of what it costs.
enum class Evidence : std::uint8_t {
    hot, ///< flags, dates, sizes: nanoseconds
    cold, ///< addresses, subject: a microsecond
    header, ///< other fields: the first frame of the body
    text, ///< the whole body
};

struct SearchKey {
    enum class Kind : std::uint8_t {
        all,
        none, ///< what can match nothing, such as a keyword that the mailbox has not
        both, ///< all of `keys`
        either, ///< any of `keys`
        sequence, ///< `set` in sequence numbers; bound to `uids`
        uid, ///< `set` in UIDs; bound to `uids`
        flag, ///< system flag `number`
        keyword, ///< `text`; bound to bit `number`
        recent,
        before, ///< INTERNALDATE before `day`
        on,
        since,
        sent_before, ///< the Date field
        sent_on,
        sent_since,
        larger, ///< than `number` octets
        smaller,
        mod_seq, ///< at least `number`
        from,
        to,
        cc,
        bcc,
        subject,
        header, ///< field `field`
        body,
        text,
    };
    Kind kind = Kind::all;
    bool negated = false;
    std::uint64_t number = 0;
    std::int64_t day = 0; ///< since the Unix epoch
    std::string text {}; ///< a pattern is folded (mime::fold)
    std::string field {};
    SequenceSet set {};
    storage::UidSet uids {};
    std::vector<SearchKey> keys {};
    std::size_t pattern = 0; ///< of body and text: its place among SearchProgram::patterns
    Evidence needs = Evidence::hot; ///< to decide it for sure
};

struct SearchProgram {
    SearchKey root; ///< cheaper keys stand before dearer ones
    bool names_mod_seq = false; ///< it has the key MODSEQ
    std::size_t key_count = 0;

    struct Pattern {
        std::string text; ///< folded
        bool in_headers; ///< TEXT, not BODY
    };
    std::vector<Pattern> patterns; ///< of all keys BODY and TEXT

    std::array<bool, 4>
        has {}; ///< by Evidence: is there a key that needs just this? Set by make_ready()
    bool needs(Evidence evidence) const { return has[static_cast<std::size_t>(evidence)]; }
};

inline constexpr std::size_t max_search_keys = 5000; ///< of one command; more is NO [LIMIT]
inline constexpr std::size_t max_search_depth
    = 100; ///< of parentheses and of OR in the first place of OR

/// search-key *(SP search-key) up to the end of the command. `charset` is that of the strings,
/// empty for none given.
SearchProgram parse_search_keys(Parser& in, std::string_view charset);

/// Makes it ready for a view: turns sets into UIDs and keywords into bits, and orders by cost. BAD
/// for a sequence number beyond the last message.
Result<void> make_ready(
    SearchProgram& program, session::UidMap const& map, std::span<std::string const> keywords);

/// The UIDs that can match at all, as far as the program says so by sets; `all` otherwise.
storage::UidSet candidates(SearchProgram const& program, storage::UidSet const& all);

} // namespace mail::imap
