// Comparison of text: both sides are folded, then octets are compared (RFC 5255 §4, RFC 4790).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mail::mime {

/// How texts are compared: the collations that know equality, order and substrings.
enum class Collation : std::uint8_t {
    unicode_casemap, ///< i;unicode-casemap (RFC 5051); what is stored is folded by it
    ascii_casemap, ///< i;ascii-casemap (RFC 4790 §9.2)
    octet, ///< i;octet (RFC 4790 §9.3)
};

/// Prepares UTF-8 so that octets can be compared. ASCII takes a fast path. With unicode_casemap
/// each character is prepared by itself, so that texts may be cut between any two; invalid UTF-8
/// becomes U+FFFD.
std::string fold(std::string_view utf8, Collation collation = Collation::unicode_casemap);
void fold_to(std::string_view utf8, std::string& out,
    Collation collation = Collation::unicode_casemap); ///< appends

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
