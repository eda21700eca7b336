// Names of the special uses.
#include "protocol/imap/special_use.h"

#include "protocol/imap/parser.h"

#include <array>

namespace mail::imap {
namespace {

    struct Name {
        storage::SpecialUse use;
        std::string_view attribute;
    };
    using enum storage::SpecialUse;
    constexpr std::array<Name, 8> names { {
        { all, "\\All" },
        { archive, "\\Archive" },
        { drafts, "\\Drafts" },
        { flagged, "\\Flagged" },
        { important, "\\Important" },
        { junk, "\\Junk" },
        { sent, "\\Sent" },
        { trash, "\\Trash" },
    } };

} // namespace

std::optional<storage::SpecialUse> special_use_of(std::string_view attribute)
{
    for (auto const& name : names)
        if (equal_without_case(name.attribute, attribute))
            return name.use;
    return std::nullopt;
}

void append_special_use(std::string& out, storage::SpecialUse use)
{
    for (auto const& name : names)
        if ((static_cast<unsigned>(use) & static_cast<unsigned>(name.use)) != 0)
            out.append(" ").append(name.attribute);
}

} // namespace mail::imap
