// What SORT, THREAD and the header keys of SEARCH need of a message, extracted once at delivery.
#pragma once

#include "protocol/mime/date.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail::mime {

/// The keys of a header block as octets for storage::ColdRecord::sort_keys; docs/storage-format.md
/// describes them. A few hundred octets for common mail, 256 KiB at most.
std::string encode_sort_keys(std::string_view header_block);

/// Walks length-prefixed strings.
class StringsView {
public:
    StringsView() = default;
    StringsView(std::string_view blob, std::size_t count)
        : blob_(blob)
        , count_(count)
    {
    }
    std::size_t size() const { return count_; }
    bool next(std::string_view& text); ///< takes the first; false when none is left

private:
    std::string_view blob_;
    std::size_t count_ = 0;
};

/// Reads a blob of encode_sort_keys() in place. All text is folded (fold.h) UTF-8, ready for
/// comparison by octets. A damaged blob reads as one without keys. The blob must outlive the view.
struct SortKeysView {
    explicit SortKeysView(std::string_view blob);

    std::optional<SentDate> sent; ///< nothing: no usable Date; SORT then takes INTERNALDATE
    std::string_view base_subject; ///< RFC 5256 §2.1
    bool is_reply_or_forward = false; ///< the subject had "Re:", "Fwd:" or "(fwd)" (RFC 5256 §2.1)
    std::string_view from_mailbox, to_mailbox, cc_mailbox; ///< of the first address: RFC 5256 §3
    std::string_view from_display, to_display; ///< RFC 5957: name, or else the address
    std::string_view message_id; ///< without < >, not folded; empty: none
    std::string_view in_reply_to; ///< the first in the field
    StringsView
        references; ///< oldest first, without < >; the first and the last 199 of more than 200
    std::string_view from, to, cc, bcc, subject; ///< the whole fields, decoded: SEARCH FROM, TO ...
};

/// Base subject of a decoded, folded subject (RFC 5256 §2.1).
std::string base_subject(std::string_view folded_subject, bool& is_reply_or_forward);

} // namespace mail::mime
