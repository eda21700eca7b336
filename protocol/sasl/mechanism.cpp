// The table of SASL mechanisms.
#include "protocol/sasl/mechanism.h"

#include <algorithm>
#include <array>

namespace mail::sasl {

namespace {

    // clang-format off
constexpr auto table = std::to_array<MechanismRow>({
    // name                sends password  keys               binds   make
    {"SCRAM-SHA-512-PLUS", false,          ScramHash::sha512, true,   make_scram<ScramHash::sha512, Binds::yes>},
    {"SCRAM-SHA-256-PLUS", false,          ScramHash::sha256, true,   make_scram<ScramHash::sha256, Binds::yes>},
    {"SCRAM-SHA-1-PLUS",   false,          ScramHash::sha1,   true,   make_scram<ScramHash::sha1, Binds::yes>},
    {"SCRAM-SHA-512",      false,          ScramHash::sha512, false,  make_scram<ScramHash::sha512, Binds::no>},
    {"SCRAM-SHA-256",      false,          ScramHash::sha256, false,  make_scram<ScramHash::sha256, Binds::no>},
    {"SCRAM-SHA-1",        false,          ScramHash::sha1,   false,  make_scram<ScramHash::sha1, Binds::no>},
    {"PLAIN",              true,           std::nullopt,      false,  make_plain},
    {"LOGIN",              true,           std::nullopt,      false,  make_login},
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
