// What SEARCH asks for: a program of keys, read from the command (search_parser.h) and made ready
// for one mailbox.
#pragma once

#include "protocol/imap/sequence_set.h"
#include "protocol/mime/fold.h"
#include "protocol/mime/fuzzy.h"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace mail::imap {

struct SearchTarget;

/// What has to be read of a message before a key can be decided; in the order of what it costs.
enum class Evidence : std::uint8_t {
    flags, ///< UIDs, flags, MODSEQs: nanoseconds
    hot, ///< dates, sizes: a few more
    cold, ///< addresses, subject, ids: a microsecond
    header, ///< other fields: the first frame of the body
    text, ///< the whole body
};

struct SearchKey {
    enum class Kind : std::uint8_t {
        all,
        none, ///< what can match nothing
        both, ///< all of `keys`
        either, ///< any of `keys`
        sequence, ///< `set` in sequence numbers; bound to `uids` and `saved`
        uid, ///< `set` in UIDs; bound to `uids` and `saved`
        uid_after, ///< `number` (RFC 9738)
        uid_before,
        flag, ///< system flag `number`
        keyword, ///< `text`; bound to bit `number`
        recent,
        before, ///< INTERNALDATE before `day`
        on,
        since,
        sent_before, ///< the Date field
        sent_on,
        sent_since,
        saved_before, ///< RFC 8514
        saved_on,
        saved_since,
        older, ///< INTERNALDATE at least `number` seconds ago (RFC 5032); bound to `moment`
        younger,
        larger, ///< than `number` octets
        smaller,
        mod_seq, ///< at least `number`
        email_id, ///< `number` (RFC 8474)
        thread_id,
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
    bool fuzzy = false; ///< RFC 6203
    std::uint64_t number = 0;
    std::int64_t day = 0; ///< since the Unix epoch
    std::int64_t moment = 0; ///< seconds since the Unix epoch
    std::string text {}; ///< a pattern is folded
    std::shared_ptr<mime::FuzzyPattern const> words {}; ///< of a fuzzy pattern
    std::string field {};
    SequenceSet set {};
    storage::UidSet uids {}; ///< may have more than there are
    std::shared_ptr<storage::UidSet const> saved {}; ///< what "$" in the set stands for; or null
    std::vector<SearchKey> keys {};
    std::size_t pattern = 0; ///< of body and text: its place among SearchProgram::patterns
    Evidence needs = Evidence::flags; ///< to decide it for sure
};

struct SearchProgram {
    SearchKey root; ///< once ready, cheaper keys stand before dearer ones
    mime::Collation collation = mime::Collation::unicode_casemap;
    bool names_mod_seq = false; ///< it has the key MODSEQ
    bool names_numbers = false; ///< it has a set of sequence numbers
    bool is_fuzzy = false; ///< it has the key FUZZY
    bool depends_on_time = false; ///< it has OLDER or YOUNGER
    std::size_t key_count = 0;
    std::size_t dear_keys = 0; ///< that look through a whole header or for fuzzy words
    std::int64_t ready_at = 0; ///< the moment that make_ready() took for now

    struct Pattern {
        std::string text; ///< folded
        bool in_headers; ///< TEXT, not BODY
        std::shared_ptr<mime::FuzzyPattern const> words {}; ///< of a fuzzy one
    };
    std::vector<Pattern> patterns; ///< of all keys BODY and TEXT

    std::array<bool, 5>
        has {}; ///< by Evidence: is there a key that needs just this? Set by make_ready()
    bool needs(Evidence evidence) const { return has[static_cast<std::size_t>(evidence)]; }
};

std::size_t octets_of(SearchProgram const& program); ///< of memory, about

/// What of the program is made ready.
enum class Binding {
    everything,
    all_but_numbers, ///< sequence numbers and "$" stay what they stood for (RFC 5267 §4.3)
};

/// Makes it ready for a mailbox as it is now: turns sets into UIDs, keywords into bits and spans of
/// time into moments, and orders by cost. May be done again. Sequence numbers beyond the last
/// message stand for nothing (RFC 7377 §2).
void make_ready(SearchProgram& program, SearchTarget const& target,
    std::span<std::string const> keywords, std::int64_t now, Binding binding = Binding::everything);

/// The UIDs that can match at all, as far as the first of the program's keys say so by sets; `all`
/// otherwise.
inline constexpr std::size_t most_narrowing = 16; ///< keys: each costs a walk over the mailbox
storage::UidSet candidates(SearchProgram const& program, storage::UidSet const& all);

} // namespace mail::imap
