// The commands of LMTP: each in a file of its own below commands/, all in the table of
// commands.cpp.
#pragma once

#include "protocol/lmtp/context.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail::lmtp {

struct NoArguments { };

struct ClientName {
    std::string name;
};

struct MailArguments {
    Address sender;
    std::optional<std::uint64_t> size; ///< RFC 1870
};

struct RcptArguments {
    Address recipient;
};

Result<NoArguments> parse_nothing(std::string_view arguments);
Result<NoArguments> parse_anything(std::string_view arguments); ///< RFC 5321 §4.1.1.8, §4.1.1.9
Result<ClientName> parse_lhlo(std::string_view arguments);
Result<MailArguments> parse_mail(std::string_view arguments);
Result<RcptArguments> parse_rcpt(std::string_view arguments);

awaitable<Result<void>> data(Context& ctx, NoArguments args); ///< RFC 2033 §4.2
awaitable<Result<void>> helo(Context& ctx, NoArguments args); ///< RFC 2033 §4.1
awaitable<Result<void>> help(Context& ctx, NoArguments args);
awaitable<Result<void>> lhlo(Context& ctx, ClientName args); ///< RFC 2033 §4.1
awaitable<Result<void>> mail(Context& ctx, MailArguments args); ///< RFC 5321 §4.1.1.2
awaitable<Result<void>> noop(Context& ctx, NoArguments args);
awaitable<Result<void>> quit(Context& ctx, NoArguments args);
awaitable<Result<void>> rcpt(Context& ctx, RcptArguments args); ///< RFC 5321 §4.1.1.3
awaitable<Result<void>> rset(Context& ctx, NoArguments args); ///< RFC 5321 §4.1.1.5
awaitable<Result<void>> starttls(Context& ctx, NoArguments args); ///< RFC 3207
awaitable<Result<void>> vrfy(Context& ctx, NoArguments args); ///< RFC 5321 §3.5.3

/// When a command may come.
enum class Valid {
    always,
    after_lhlo, ///< and outside of a transaction
    in_transaction, ///< after MAIL
};

/// A row of the table.
struct Command {
    std::string_view name; ///< upper case
    Valid valid;
    awaitable<Result<void>> (*run)(Context& ctx, std::string_view arguments);
};

Command const* find_command(std::string_view name); ///< any case; nullptr: none

} // namespace mail::lmtp
