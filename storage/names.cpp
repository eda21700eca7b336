// Rules of names: INBOX in any case, UTF-8, levels.
#include "storage/names.h"
#include "storage/ascii.h"
#include "storage/mailboxes.h"

#include <algorithm>
#include <cstdint>

namespace mail::storage {
namespace {

    inline constexpr std::size_t max_account_name = 255; // octets

    /// Takes one character off the front of `text`; a value above 0x10ffff when it is not UTF-8
    /// (RFC 3629).
    char32_t take_character(std::string_view& text)
    {
        constexpr char32_t wrong = 0xffffffff;
        auto const octet = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
        auto const lead = octet(0);
        std::size_t const length = lead < 0x80 ? 1
            : lead < 0xc2                      ? 0
            : lead < 0xe0                      ? 2
            : lead < 0xf0                      ? 3
            : lead < 0xf5                      ? 4
                                               : 0;
        if (length == 0 || length > text.size())
            return wrong;
        char32_t character = length == 1 ? lead : lead & (0x7fU >> length);
        for (std::size_t i = 1; i < length; ++i) {
            if ((octet(i) & 0xc0) != 0x80)
                return wrong;
            character = (character << 6) | (octet(i) & 0x3f);
        }
        constexpr char32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
        if (character < least[length] || character > 0x10ffff
            || (character >= 0xd800 && character < 0xe000))
            return wrong;
        text.remove_prefix(length);
        return character;
    }

    /// UTF-8 without controls and line separators (RFC 9051 §5.1, RFC 5198 §2).
    bool is_clean_text(std::string_view text)
    {
        while (!text.empty()) {
            auto const c = take_character(text);
            if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c > 0x10ffff)
                return false;
        }
        return true;
    }

} // namespace

std::string canonical_mailbox_name(std::string_view name)
{
    std::string canonical(name);
    if (ascii::equal_without_case(name.substr(0, 5), "INBOX")
        && (name.size() == 5 || name[5] == hierarchy_delimiter))
        canonical.replace(0, 5, "INBOX");
    return canonical;
}

Result<std::string> check_mailbox_name(std::string_view name)
{
    if (name.size() > max_mailbox_name)
        return Errc::limit;
    if (name.empty() || name.front() == hierarchy_delimiter || name.back() == hierarchy_delimiter
        || name.find("//") != std::string_view::npos || !is_clean_text(name))
        return Errc::invalid_name;
    auto const levels
        = static_cast<std::size_t>(std::count(name.begin(), name.end(), hierarchy_delimiter)) + 1;
    if (levels > max_mailbox_levels)
        return Errc::limit;
    return canonical_mailbox_name(name);
}

bool may_have_children(std::string_view name)
{
    return check_mailbox_name(std::string(name).append("/x")).has_value();
}

Result<std::string> check_account_name(std::string_view name)
{
    if (name.size() > max_account_name)
        return Errc::limit;
    if (name.empty() || !is_clean_text(name))
        return Errc::invalid_name;
    std::string folded(name);
    std::transform(folded.begin(), folded.end(), folded.begin(), ascii::lower);
    return folded;
}

} // namespace mail::storage
