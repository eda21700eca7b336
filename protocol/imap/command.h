// A row of the command table, and how a row runs its parser and its action.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/capability.h"
#include "protocol/imap/failure.h"
#include "protocol/session/selected_mailbox.h"

#include <cstdint>
#include <string_view>
#include <type_traits>

namespace mail::imap {

class CommandText;
class Context;
class Parser;

using session::Expunges;

/// States of a connection (RFC 9051 §3), as bits: a row names all in which its command is valid.
enum States : std::uint8_t {
    not_authenticated = 1,
    authenticated_only = 2,
    selected = 4,
    authenticated = authenticated_only | selected,
    any_state = not_authenticated | authenticated,
};

/// Whether a command's arguments or its answers name messages by sequence numbers, which UIDONLY
/// forbids (RFC 9586).
enum class Names : std::uint8_t { no_messages, by_sequence_number, by_uid };

/// Parses the arguments and does the work; a refusal becomes the tagged line.
using Run = awaitable<Result<void>>(Context& ctx, Parser& in);
/// The same for a command that takes literals as streams. It runs as soon as its first literal is
/// announced, before that is requested.
using RunStreaming = awaitable<Result<void>>(Context& ctx, CommandText& text);

struct Command {
    std::string_view name; ///< in upper case; "UID COPY" for the forms with UIDs
    States valid_in;
    Capability needs;
    Expunges expunges; ///< may EXPUNGE go out before the tagged line (RFC 9051 §7.5.1)?
    Names names;
    Run* run; ///< or
    RunStreaming* run_streaming = nullptr;
};

/// Parses completely, then acts. `Act` returns Result<void>, or an awaitable of it.
template <auto Parse, auto Act> awaitable<Result<void>> command(Context& ctx, Parser& in)
{
    auto args = Parse(in);
    if (!args)
        co_return args.error();
    if constexpr (std::is_same_v<decltype(Act(ctx, std::move(*args))), Result<void>>)
        co_return Act(ctx, std::move(*args));
    else
        co_return co_await Act(ctx, std::move(*args));
}

struct NoArguments { };
Result<NoArguments> no_arguments(Parser& in); ///< for commands that take none

/// The row of a command by its name in upper case; nullptr when there is none.
Command const* find_command(std::string_view name);

} // namespace mail::imap
