// Letters of ASCII, in which all protocols here write their keywords; whatever the locale.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace mail::ascii {

constexpr bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

constexpr char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// Without a branch: of whole texts, compilers take many octets at a time.
constexpr char upper(char c)
{
    auto const is_lower = static_cast<unsigned char>(c - 'a') < 26;
    return static_cast<char>(c - (is_lower ? 'a' - 'A' : 0));
}

inline std::string lower_case(std::string_view text)
{
    std::string lowered(text);
    std::ranges::transform(lowered, lowered.begin(), lower);
    return lowered;
}

inline std::string upper_case(std::string_view text)
{
    std::string raised(text);
    std::ranges::transform(raised, raised.begin(), upper);
    return raised;
}

/// Whether they differ in nothing but the case of ASCII's letters.
constexpr bool equal_without_case(std::string_view a, std::string_view b)
{
    return std::ranges::equal(a, b, {}, lower, lower);
}

} // namespace mail::ascii
