// Letters of rights.
#include "protocol/imap/rights.h"

#include <algorithm>
#include <array>

namespace mail::imap {
namespace {

    using storage::Flags;
    using storage::Right;
    using storage::Rights;

    struct Letter {
        char letter;
        Rights rights;
    };
    constexpr auto letters = std::to_array<Letter>({
        { 'l', Right::lookup },
        { 'r', Right::read },
        { 's', Right::keep_seen },
        { 'w', Right::write },
        { 'i', Right::insert },
        { 'p', Right::post },
        { 'k', Right::create_mailboxes },
        { 'x', Right::delete_mailbox },
        { 't', Right::delete_messages },
        { 'e', Right::expunge },
        { 'a', Right::administer },
    });
    // RFC 2086's, each a union of later ones.
    constexpr auto old_letters = std::to_array<Letter>({
        { 'c', Right::create_mailboxes | Right::delete_mailbox },
        { 'd', Right::delete_messages | Right::expunge },
    });

} // namespace

storage::FlagMask flags_allowed(Rights rights)
{
    unsigned system = 0;
    if (rights.has(Right::keep_seen))
        system |= Flags::seen;
    if (rights.has(Right::delete_messages))
        system |= Flags::deleted;
    if (rights.has(Right::write))
        system |= 0xffU & ~unsigned { Flags::seen | Flags::deleted };
    return { static_cast<std::uint8_t>(system), rights.has(Right::write) };
}

void append_rights(std::string& out, Rights rights)
{
    for (auto const& each : letters)
        if (rights.has(each.rights))
            out += each.letter;
    for (auto const& each : old_letters)
        if (rights.has_any(each.rights))
            out += each.letter;
}

std::optional<Rights> parse_rights(std::string_view text)
{
    Rights rights;
    for (char const c : text) {
        auto const is_c = [c](Letter const& each) { return each.letter == c; };
        if (auto const found = std::ranges::find_if(letters, is_c); found != letters.end())
            rights = rights | found->rights;
        else if (auto const old = std::ranges::find_if(old_letters, is_c); old != old_letters.end())
            rights = rights | old->rights;
        else
            return std::nullopt;
    }
    return rights;
}

} // namespace mail::imap
