// The table of SASL mechanisms.
#include "protocol/sasl/mechanism.h"

#include <algorithm>
#include <array>

namespace mail::sasl {

namespace {

    // clang-format off
constexpr auto table = std::to_array<MechanismRow>({
    // name     sends password  make
    {"PLAIN",   true,           make_plain},
    {"LOGIN",   true,           make_login},
});
    // clang-format on

    char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

} // namespace

std::span<MechanismRow const> mechanisms() { return table; }

MechanismRow const* find_mechanism(std::string_view name)
{
    auto const same
        = [name](MechanismRow const& row) { return std::ranges::equal(name, row.name, {}, upper); };
    auto const row = std::ranges::find_if(table, same);
    return row == table.end() ? nullptr : &*row;
}

} // namespace mail::sasl
