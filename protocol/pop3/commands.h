// The commands of POP3: each in a file of its own below commands/, all in the table of
// commands.cpp.
#pragma once

#include "protocol/pop3/arguments.h"
#include "protocol/pop3/context.h"

#include <optional>
#include <string>
#include <string_view>

namespace mail::pop3 {

struct AuthArguments {
    std::string mechanism; ///< empty: the client asks which there are
    std::optional<std::string> initial; ///< base64
};

Result<AuthArguments> parse_auth(std::string_view arguments);

awaitable<Result<void>> auth(Context& ctx, AuthArguments args); ///< RFC 5034
awaitable<Result<void>> capa(Context& ctx, NoArguments args); ///< RFC 2449 §5
awaitable<Result<void>> dele(Context& ctx, MessageNumber args); ///< RFC 1939 §5
awaitable<Result<void>> lang(Context& ctx, LanguageRange args); ///< RFC 6856 §3
awaitable<Result<void>> list(Context& ctx, OptionalMessageNumber args); ///< RFC 1939 §5
awaitable<Result<void>> noop(Context& ctx, NoArguments args); ///< RFC 1939 §5
awaitable<Result<void>> pass(Context& ctx, Credential args); ///< RFC 1939 §7
awaitable<Result<void>> quit(Context& ctx, NoArguments args); ///< RFC 1939 §4, §6
awaitable<Result<void>> retr(Context& ctx, MessageNumber args); ///< RFC 1939 §5
awaitable<Result<void>> rset(Context& ctx, NoArguments args); ///< RFC 1939 §5
awaitable<Result<void>> stat(Context& ctx, NoArguments args); ///< RFC 1939 §5
awaitable<Result<void>> stls(Context& ctx, NoArguments args); ///< RFC 2595 §4
awaitable<Result<void>> top(Context& ctx, TopArguments args); ///< RFC 1939 §7
awaitable<Result<void>> uidl(Context& ctx, OptionalMessageNumber args); ///< RFC 1939 §7
awaitable<Result<void>> user(Context& ctx, Credential args); ///< RFC 1939 §7

awaitable<Result<void>> utf8(Context& ctx, NoArguments args); ///< RFC 6856 §2.1

/// A row of the table.
struct Command {
    std::string_view name; ///< upper case
    bool in_authorization;
    bool in_transaction;
    awaitable<Result<void>> (*run)(Context& ctx, std::string_view arguments);
};

Command const* find_command(std::string_view name); ///< any case; nullptr: none

/// The message of that number, when there is one that is not deleted.
Result<std::size_t> existing(Maildrop const& maildrop, MessageNumber wanted);

} // namespace mail::pop3
