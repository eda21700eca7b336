// What the server speaks as POP3, in one table.
#include "protocol/pop3/commands.h"
#include "storage/ascii.h"

#include <algorithm>
#include <array>

namespace mail::pop3 {

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
    // name  authorization  transaction  run
    {"AUTH", true,          false,       command<parse_auth, auth>},
    {"CAPA", true,          true,        command<parse_nothing, capa>},
    {"DELE", false,         true,        command<parse_message_number, dele>},
    {"LANG", true,          true,        command<parse_language_range, lang>},
    {"LIST", false,         true,        command<parse_optional_message_number, list>},
    {"NOOP", false,         true,        command<parse_nothing, noop>},
    {"PASS", true,          false,       command<parse_credential, pass>},
    {"QUIT", true,          true,        command<parse_nothing, quit>},
    {"RETR", false,         true,        command<parse_message_number, retr>},
    {"RSET", false,         true,        command<parse_nothing, rset>},
    {"STAT", false,         true,        command<parse_nothing, stat>},
    {"STLS", true,          false,       command<parse_nothing, stls>},
    {"TOP",  false,         true,        command<parse_top, top>},
    {"UIDL", false,         true,        command<parse_optional_message_number, uidl>},
    {"USER", true,          false,       command<parse_credential, user>},
    {"UTF8", true,          false,       command<parse_nothing, utf8>},
});
    // clang-format on
    static_assert(std::ranges::is_sorted(table, {}, &Command::name));

} // namespace

Command const* find_command(std::string_view name)
{
    auto const same
        = [name](Command const& command) { return ascii::equal_without_case(name, command.name); };
    auto const row = std::ranges::find_if(table, same);
    return row == table.end() ? nullptr : &*row;
}

Result<std::size_t> existing(Maildrop const& maildrop, MessageNumber wanted)
{
    if (wanted.number > maildrop.size())
        return Failure(Code::none, "There is no such message: see LIST");
    auto const number = static_cast<std::size_t>(wanted.number);
    if (maildrop.message(number).deleted)
        return Failure(Code::none, "This message is marked as deleted: RSET takes that back");
    return number;
}

} // namespace mail::pop3
