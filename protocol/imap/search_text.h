// Looks for the patterns of SEARCH BODY and TEXT in the decoded text of a stored message.
#pragma once

#include "protocol/imap/search_program.h"
#include "protocol/mime/fold.h"
#include "protocol/mime/structure.h"
#include "storage/body.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mail::imap {

/// Octets of one stored body; unpacks each frame once when it is read from front to back.
class StoredText {
public:
    StoredText(storage::ReadTxn const& txn, storage::BodyId body)
        : txn_(txn)
        , body_(body)
    {
    }
    /// Calls take(octets) for the range, chunk by chunk, until it returns false.
    template <class Take> void read(mime::Range range, Take take)
    {
        while (range.begin < range.end) {
            auto const octets = first(range);
            if (!take(octets))
                return;
            range.begin += octets.size();
        }
    }
    /// As much of the range as one frame holds: all of it, for most mail.
    std::string_view first(mime::Range range);
    /// The range as one text, cut at `limit` octets; valid until the next call of anything.
    std::string_view read_whole(mime::Range range, std::uint64_t limit);

private:
    std::string_view at(std::uint64_t offset); ///< from there to the end of its frame; never empty

    storage::ReadTxn const& txn_;
    storage::BodyId body_;
    std::string window_;
    std::uint64_t window_begin_ = 0;
    std::string joined_;
};

/// One pass over a message for all patterns at once. May be used for many messages, one after the
/// other.
class TextSearch {
public:
    TextSearch(std::span<SearchProgram::Pattern const> patterns, mime::Collation collation);

    /// How well each pattern is in the message, 100 for as it is, 0 for not at all. Text parts are
    /// decoded and compared case-insensitively in UTF-8, other leaves are passed over (RFC 9051
    /// §6.4.4). BODY looks into headers of embedded messages, not into MIME headers; TEXT into all.
    std::span<std::uint8_t const> run(
        StoredText& text, mime::StructureView const& structure, std::uint64_t size);

private:
    enum class Place { body, header };
    /// What looks for one pattern.
    struct Seeker {
        mime::SubstringMatcher exact;
        std::optional<mime::FuzzyMatcher> fuzzy; ///< in its place
    };
    bool feed(std::string_view folded, Place place); ///< false when all are found
    void end_text(Place place);
    void search_header(StoredText& text, mime::Range range, Place place);
    void search_leaf(StoredText& text, mime::PartView const& part);
    void search_raw(
        StoredText& text, mime::Range range, std::string_view encoding, std::string_view charset);
    bool all_found() const { return missing_ == 0; }

    std::span<SearchProgram::Pattern const> patterns_;
    mime::Collation collation_;
    std::vector<Seeker> seekers_;
    std::vector<std::uint8_t> scores_;
    std::size_t missing_ = 0; ///< patterns that are not yet found as they are
    std::string folded_;
};

} // namespace mail::imap
