// The comparators that a client may choose from (RFC 5255 §4, RFC 4790).
#pragma once

#include "protocol/mime/fold.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::imap {

struct Comparator {
    mime::Collation collation = mime::Collation::unicode_casemap;
    bool is_inverted = false; ///< "-" before the name: texts are ordered the other way round
    bool operator==(Comparator const&) const = default;
};

std::string name_of(Comparator comparator); ///< "i;octet", "-i;octet"

/// The comparators that a collation-order matches ("i;*", "-i;octet", "default"), the most useful
/// one first. nullopt: it is no collation-order.
std::optional<std::vector<Comparator>> find_comparators(std::string_view order);

} // namespace mail::imap
