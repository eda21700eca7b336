// Names of collations.
#include "protocol/imap/comparator.h"

#include <algorithm>
#include <array>

namespace mail::imap {

namespace {

    using mime::Collation;

    struct CollationName {
        std::string_view name;
        Collation collation;
    };
    /// More widely useful ones first (RFC 4790 §3.2). i;ascii-numeric knows no substrings, so that
    /// SEARCH could not use it (RFC 5255 §4.4).
    constexpr auto collation_names = std::to_array<CollationName>({
        { "i;unicode-casemap", Collation::unicode_casemap },
        { "i;ascii-casemap", Collation::ascii_casemap },
        { "i;octet", Collation::octet },
    });

    bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

    /// collation-wild (RFC 4790 §3.2).
    bool is_pattern(std::string_view pattern)
    {
        constexpr std::size_t longest = 254;
        auto const is_char = [](char c) {
            return is_letter(c) || (c >= '0' && c <= '9')
                || std::string_view("-;=.*").find(c) != std::string_view::npos;
        };
        return !pattern.empty() && pattern.size() <= longest
            && (is_letter(pattern.front()) || pattern.front() == '*')
            && std::ranges::all_of(pattern, is_char)
            && pattern.find("**") == std::string_view::npos;
    }

    bool matches(std::string_view pattern, std::string_view name)
    {
        auto const star = pattern.find('*');
        if (star == std::string_view::npos)
            return pattern == name;
        if (!name.starts_with(pattern.substr(0, star)))
            return false;
        name.remove_prefix(star);
        pattern.remove_prefix(star + 1);
        auto const next = pattern.substr(0, pattern.find('*')); // comes as early as it can
        for (std::size_t at = name.find(next); at != std::string_view::npos;
             at = name.find(next, at + 1))
            if (matches(pattern, name.substr(at)))
                return true;
        return false;
    }

} // namespace

std::string name_of(Comparator comparator)
{
    auto const found
        = std::ranges::find(collation_names, comparator.collation, &CollationName::collation);
    return (comparator.is_inverted ? "-" : "") + std::string(found->name);
}

std::optional<std::vector<Comparator>> find_comparators(std::string_view order)
{
    bool const is_inverted = order.starts_with('-');
    if (is_inverted || order.starts_with('+'))
        order.remove_prefix(1);
    if (!is_pattern(order))
        return std::nullopt;
    if (order == "default")
        return std::vector { Comparator { collation_names.front().collation, is_inverted } };
    std::vector<Comparator> found;
    for (auto const& [name, collation] : collation_names)
        if (matches(order, name))
            found.push_back({ collation, is_inverted });
    return found;
}

} // namespace mail::imap
