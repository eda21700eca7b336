// The commands of LMTP: each in a file of its own below commands/, all in the table of
// commands.cpp.
#pragma once

#include "protocol/lmtp/context.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mail::lmtp {

struct NoArguments { };

struct AuthArguments {
    std::string mechanism;
    std::optional<std::string> initial; ///< the initial response, in base64
};

struct BdatArguments {
    std::uint64_t octets = 0; ///< that follow the command
    bool is_last = false;
    bool is_understood = true; ///< what stands behind the octets, too
};

struct ClientName {
    std::string name;
};

struct MailArguments {
    Address sender;
    std::optional<std::uint64_t> size; ///< RFC 1870
    bool is_binary = false; ///< BODY=BINARYMIME (RFC 3030)
    bool is_utf8 = false; ///< SMTPUTF8 (RFC 6531)
};

struct RcptArguments {
    Address recipient;
    std::string original; ///< ORCPT as a header field has it: "rfc822;bob@example.org"
    bool ignores_quota = false; ///< IGNOREQUOTA
};

Result<NoArguments> parse_nothing(std::string_view arguments);
Result<NoArguments> parse_anything(std::string_view arguments); ///< RFC 5321 §4.1.1.8, §4.1.1.9
Result<NoArguments> parse_something(std::string_view arguments); ///< RFC 5321 §4.1.1.6, §4.1.1.7
Result<AuthArguments> parse_auth(std::string_view arguments);
Result<BdatArguments> parse_bdat(std::string_view arguments);
Result<ClientName> parse_lhlo(std::string_view arguments);
Result<MailArguments> parse_mail(std::string_view arguments);
Result<RcptArguments> parse_rcpt(std::string_view arguments);

awaitable<Result<void>> auth(Context& ctx, AuthArguments args); ///< RFC 4954
awaitable<Result<void>> bdat(Context& ctx, BdatArguments args); ///< RFC 3030, RFC 2033 §4.3
awaitable<Result<void>> data(Context& ctx, NoArguments args); ///< RFC 2033 §4.2
awaitable<Result<void>> expn(Context& ctx, NoArguments args); ///< RFC 5321 §3.5.2
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

/// Who may give a command.
enum class For {
    anyone,
    trusted, ///< whose mail is taken: Context::may_deliver()
};

/// A row of the table.
struct Command {
    std::string_view name; ///< upper case
    Valid valid;
    For who;
    awaitable<Result<void>> (*run)(Context& ctx, std::string_view arguments);
};

std::span<Command const> commands();
Command const* find_command(std::string_view name); ///< any case; nullptr: none

} // namespace mail::lmtp
