// What SORT, THREAD and the header keys of SEARCH need of a message's header.
#pragma once

#include "protocol/mime/date.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::mime {

/// A text as it is sorted, decoded and not folded.
struct SortText {
    std::string text; ///< UTF-8; octets when they could not be converted
    bool is_valid = true; ///< false: sorts behind all that is (RFC 5255 §4.6)
};

struct HeaderKeys {
    std::optional<SentDate> sent; ///< nothing: no usable Date; SORT then takes INTERNALDATE
    SortText base_subject; ///< RFC 5256 §2.1
    bool is_reply_or_forward = false;
    SortText from_mailbox, to_mailbox, cc_mailbox; ///< of the first address: RFC 5256 §3
    SortText from_display, to_display; ///< RFC 5957: name, or else the address

    // Message ids: without < >, quoting and blanks, so that equal ones are equal (RFC 5256 §3)
    std::string message_id; ///< empty: none
    std::string in_reply_to; ///< the first in the field
    std::vector<std::string>
        references; ///< oldest first; of more than 200 the first and the last 199

    std::string from, to, cc, bcc, subject; ///< the whole fields, decoded, for SEARCH
};

/// Of a header block. Texts are cut at some 48 KiB, those that are sorted at 1,000 octets.
HeaderKeys read_header_keys(std::string_view header_block);

/// By which message ids are compared: 64-bit FNV-1a, never 0. It is on disk: it must never change.
std::uint64_t hash_message_id(std::string_view id);

} // namespace mail::mime
