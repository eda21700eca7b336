// The table of SASL mechanisms.
#include "protocol/sasl/mechanism.h"
#include "storage/ascii.h"

#include <algorithm>
#include <array>

namespace mail::sasl {

namespace {

    using enum Needs;
    constexpr auto sha1 = ScramHash::sha1;
    constexpr auto sha256 = ScramHash::sha256;
    constexpr auto sha512 = ScramHash::sha512;
    constexpr ScramHash none {};

    // clang-format off
constexpr auto table = std::to_array<MechanismRow>({
    // name                needs        hash    make
    {"EXTERNAL",           certificate, none,   make_external},
    {"SCRAM-SHA-512-PLUS", bound_keys,  sha512, make_scram<sha512, Binds::yes>},
    {"SCRAM-SHA-256-PLUS", bound_keys,  sha256, make_scram<sha256, Binds::yes>},
    {"SCRAM-SHA-1-PLUS",   bound_keys,  sha1,   make_scram<sha1, Binds::yes>},
    {"SCRAM-SHA-512",      keys,        sha512, make_scram<sha512, Binds::no>},
    {"SCRAM-SHA-256",      keys,        sha256, make_scram<sha256, Binds::no>},
    {"SCRAM-SHA-1",        keys,        sha1,   make_scram<sha1, Binds::no>},
    {"OAUTHBEARER",        tokens,      none,   make_oauthbearer},
    {"XOAUTH2",            tokens,      none,   make_xoauth2},
    {"PLAIN",              privacy,     none,   make_plain},
    {"LOGIN",              privacy,     none,   make_login},
    {"ANONYMOUS",          anonymous,   none,   make_anonymous},
});
    // clang-format on

} // namespace

std::span<MechanismRow const> mechanisms() { return table; }

MechanismRow const* find_mechanism(std::string_view name)
{
    auto const same
        = [name](MechanismRow const& row) { return ascii::equal_without_case(name, row.name); };
    auto const row = std::ranges::find_if(table, same);
    return row == table.end() ? nullptr : &*row;
}

} // namespace mail::sasl
