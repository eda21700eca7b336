// The languages of texts for people: which one a client means, and what a text is in it (RFC 5255,
// RFC 4647).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mail {

/// i_default is English in ASCII, for people of whom nothing is known (RFC 2277 §4.5).
enum class Language : std::uint8_t { i_default, en, de, fr };

std::span<Language const> languages();
std::string_view tag_of(Language language); ///< "de"
std::string_view name_of(Language language); ///< in itself, UTF-8: "Deutsch"

bool is_language_range(std::string_view text); ///< RFC 4647 §2
/// The language that a range means, by the lookup of RFC 4647 §3.4: "de-AT" is "de", when there is
/// no nearer one; any case. "*" is i-default.
std::optional<Language> find_language(std::string_view range);

/// The text in the language, in UTF-8. English where the catalogue does not have it.
std::string translate(Language language, std::string_view english);

/// The same as a plain function, for those who know nothing of languages; null for English.
using Translation = std::string (*)(std::string_view english);
Translation translation_into(Language language);

} // namespace mail
