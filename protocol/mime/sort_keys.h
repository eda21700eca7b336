// What SORT and THREAD compare, written at delivery and read in place.
#pragma once

#include "protocol/mime/fold.h"
#include "protocol/mime/header_keys.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mail::mime {

/// Which of a message's keys; each is stored apart from the others (storage/keys.h), so that a
/// command reads what it needs. docs/storage-format.md §7.2 describes them.
enum class SortColumn : std::uint8_t { subject, names, ids };

/// By SortColumn. Some hundred octets for common mail, 8 KiB at most.
using SortKeys = std::array<std::string, 3>;

/// Texts are folded by i;unicode-casemap.
SortKeys encode_sort_keys(HeaderKeys const& header);

/// A text ready for comparison by octets. What could not be converted to Unicode comes behind all
/// that could (RFC 5255 §4.6).
std::string collation_key(SortText const& text, Collation collation);

// Readers of the columns. A damaged blob reads as one without keys. The blob must outlive the view.

struct SubjectKey {
    explicit SubjectKey(std::string_view blob);
    bool is_reply_or_forward = false;
    std::string_view base; ///< folded
};

struct NameKeys {
    explicit NameKeys(std::string_view blob);
    std::string_view from, to, cc; ///< mailbox of the first address, folded
    std::string_view from_display, to_display;
};

/// Hashes of message ids (hash_message_id).
class IdKeys {
public:
    explicit IdKeys(std::string_view blob);
    std::uint64_t own() const { return own_; } ///< 0: the message has none
    /// By which the message hangs in its conversation, oldest first: References, or else the first
    /// of In-Reply-To (RFC 5256 §3).
    std::size_t reference_count() const { return references_.size() / sizeof(std::uint64_t); }
    std::uint64_t reference(std::size_t i) const;

private:
    std::uint64_t own_ = 0;
    std::string_view references_;
};

} // namespace mail::mime
