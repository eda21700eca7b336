// One client's IMAP connection, from greeting to BYE.
#pragma once

#include "protocol/buffers.h"
#include "protocol/imap/command_reader.h"
#include "protocol/imap/context.h"
#include "protocol/imap/response.h"
#include "protocol/imap/yield.h"
#include "protocol/session/session.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail::imap {

struct Command;
class CommandText;
class Parser;

class Conversation {
public:
    explicit Conversation(session::Session& session);

    /// Greets and serves until the client logs out or was told BYE. Throws what the stream throws:
    /// the last word is then its owner's, who knows whether the client still takes one.
    awaitable<void> run();

    std::uint64_t octets_in() const { return input_.total(); } ///< for the log
    std::uint64_t octets_out() const { return output_.total(); }
    std::uint64_t commands() const { return commands_; }

private:
    void greet();
    awaitable<void> serve();
    awaitable<void> wait_for_client();
    awaitable<void> take_literal(CommandReader::NeedLiteral announced);
    awaitable<void> execute(
        std::string_view text, std::optional<CommandReader::NeedLiteral> announced);
    Command const* admit(Parser& in);
    awaitable<void> run_command(Command const& row, Parser& in, CommandText& pieces);
    awaitable<void> conclude(Command const& row, Result<void> result);
    void take_tag(Parser& in);
    std::size_t literal_limit() const;
    void refuse(CommandReader::Dropped const& dropped);
    void tell_mod_seq(Result<void> const& result);
    void answer(std::string_view name, Result<void> const& result);
    void answer_bad(Failure const& failure);

    ByteStream& stream_;
    session::Limits const& limits_;
    Input input_;
    Output output_;
    Responses responses_;
    CommandReader reader_;
    Context ctx_;
    std::chrono::steady_clock::time_point login_deadline_;
    Turn turn_;
    std::uint64_t commands_ = 0;
    int bad_in_a_row_ = 0;
    bool has_long_limit_ = false; ///< the stream's time limit is the one after the login
};

} // namespace mail::imap
