// Names of flags.
#include "protocol/imap/flags.h"

#include "protocol/imap/parser.h"

#include <algorithm>
#include <array>
#include <bit>

namespace mail::imap {
namespace {

    struct SystemFlag {
        std::string_view name;
        std::uint8_t bit;
    };
    using storage::Flags;
    constexpr std::array<SystemFlag, 5> system_flags { {
        { "\\Answered", Flags::answered },
        { "\\Flagged", Flags::flagged },
        { "\\Deleted", Flags::deleted },
        { "\\Seen", Flags::seen },
        { "\\Draft", Flags::draft },
    } };

} // namespace

bool FlagList::add(std::string_view name)
{
    if (!name.starts_with('\\')) {
        if (std::ranges::none_of(
                keywords, [&](auto const& known) { return equal_without_case(known, name); }))
            keywords.emplace_back(name);
        return true;
    }
    for (auto const& flag : system_flags)
        if (equal_without_case(flag.name, name)) {
            system = static_cast<std::uint8_t>(system | flag.bit);
            return true;
        }
    return equal_without_case(name, "\\Recent");
}

void append_flags(std::string& out, storage::Flags const& flags,
    std::span<std::string const> keywords, bool recent)
{
    out.push_back('(');
    auto const first = out.size();
    auto const add = [&](std::string_view name) {
        if (out.size() != first)
            out.push_back(' ');
        out.append(name);
    };
    if (flags.system != 0)
        for (auto const& flag : system_flags)
            if ((flags.system & flag.bit) != 0)
                add(flag.name);
    if (recent)
        add("\\Recent");
    for (std::size_t word = 0; word < flags.keywords.size(); ++word)
        for (auto bits = flags.keywords[word]; bits != 0; bits &= bits - 1) {
            auto const position = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
            if (position < keywords.size())
                add(keywords[position]);
        }
    out.push_back(')');
}

void append_known_flags(
    std::string& out, std::span<std::string const> keywords, storage::FlagMask allowed)
{
    bool first = true;
    for (auto const& flag : system_flags) {
        if ((flag.bit & allowed.system) == 0)
            continue;
        if (!first)
            out.push_back(' ');
        first = false;
        out.append(flag.name);
    }
    if (allowed.keywords)
        for (auto const& keyword : keywords)
            out.append(" ").append(keyword);
}

} // namespace mail::imap
