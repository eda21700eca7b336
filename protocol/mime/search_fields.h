// The fields that SEARCH FROM, TO, CC, BCC and SUBJECT look into, written at delivery and read in
// place.
#pragma once

#include "protocol/mime/header_keys.h"

#include <string>
#include <string_view>

namespace mail::mime {

/// For storage::ColdRecord::search_fields, folded by i;unicode-casemap; docs/storage-format.md
/// §7.3. 256 KiB at most.
std::string encode_search_fields(HeaderKeys const& header);

/// A damaged blob reads as one of empty fields. The blob must outlive the view.
struct SearchFields {
    SearchFields() = default;
    explicit SearchFields(std::string_view blob);
    std::string_view from, to, cc, bcc, subject;
};

} // namespace mail::mime
