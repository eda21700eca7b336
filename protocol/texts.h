// The catalogue of texts for people (RFC 5255).
#pragma once

#include <span>
#include <string_view>

namespace mail {

/// All but the English one are UTF-8.
struct Text {
    std::string_view english;
    std::string_view german;
    std::string_view french;
};

std::span<Text const> whole_texts(); ///< sorted by `english`
/// With "{}" in them, the same number in each language; the first that fits counts.
std::span<Text const> texts_with_gaps();

} // namespace mail
