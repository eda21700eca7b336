// What the server speaks as LMTP, in one table.
#include "protocol/lmtp/commands.h"
#include "storage/ascii.h"

#include <algorithm>
#include <array>

namespace mail::lmtp {

namespace {

    template <auto parse, auto act>
    awaitable<Result<void>> command(Context& ctx, std::string_view arguments)
    {
        auto parsed = parse(arguments);
        if (!parsed)
            co_return parsed.error();
        co_return co_await act(ctx, std::move(*parsed));
    }

    // clang-format off
constexpr auto table = std::to_array<Command>({
    // name      valid                   for             run
    {"AUTH",     Valid::after_lhlo,      For::anyone,    command<parse_auth, auth>},
    {"BDAT",     Valid::always,          For::anyone,    command<parse_bdat, bdat>}, // reads its octets, then checks
    {"DATA",     Valid::in_transaction,  For::trusted,   command<parse_nothing, data>},
    {"EHLO",     Valid::always,          For::anyone,    command<parse_anything, helo>},
    {"EXPN",     Valid::always,          For::trusted,   command<parse_something, expn>},
    {"HELO",     Valid::always,          For::anyone,    command<parse_anything, helo>},
    {"HELP",     Valid::always,          For::anyone,    command<parse_anything, help>},
    {"LHLO",     Valid::always,          For::anyone,    command<parse_lhlo, lhlo>},
    {"MAIL",     Valid::after_lhlo,      For::trusted,   command<parse_mail, mail>},
    {"NOOP",     Valid::always,          For::anyone,    command<parse_anything, noop>},
    {"QUIT",     Valid::always,          For::anyone,    command<parse_nothing, quit>},
    {"RCPT",     Valid::in_transaction,  For::trusted,   command<parse_rcpt, rcpt>},
    {"RSET",     Valid::always,          For::anyone,    command<parse_nothing, rset>},
    {"STARTTLS", Valid::always,          For::anyone,    command<parse_nothing, starttls>},
    {"VRFY",     Valid::always,          For::trusted,   command<parse_something, vrfy>},
});
    // clang-format on
    static_assert(std::ranges::is_sorted(table, {}, &Command::name));

} // namespace

std::span<Command const> commands() { return table; }

Command const* find_command(std::string_view name)
{
    auto const same
        = [name](Command const& command) { return ascii::equal_without_case(name, command.name); };
    auto const row = std::ranges::find_if(table, same);
    return row == table.end() ? nullptr : &*row;
}

} // namespace mail::lmtp
