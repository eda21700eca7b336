// Comparison of text for SEARCH: both sides are folded, then octets are compared (RFC 5051's
// purpose).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mail::mime {

/// Folds UTF-8 so that texts that differ in case or in the way they are composed get equal
/// (Unicode's NFKC_Casefold). ASCII takes a fast path. Invalid UTF-8 becomes U+FFFD.
std::string fold(std::string_view utf8);
void fold_to(std::string_view utf8, std::string& out); ///< appends

/// Composes characters (Unicode's NFC), so that names that look alike are alike.
std::string compose(std::string_view utf8);

/// Whether folded text contains a folded pattern; an empty pattern is contained in everything.
bool contains(std::string_view folded_text, std::string_view folded_pattern);

/// Looks for one folded pattern in folded text that comes in chunks. Holds the pattern's length at
/// most.
class SubstringMatcher {
public:
    explicit SubstringMatcher(std::string_view folded_pattern);
    bool feed(std::string_view folded_text); ///< true once found
    bool found() const { return found_; }
    void restart(); ///< forgets the text: for the next part

private:
    std::string pattern_;
    std::string tail_;
    bool found_;
};

} // namespace mail::mime
