// The text of a command that may have literals of any size in it: the command pulls it piece by
// piece, and takes the literals between the pieces as streams, such as the messages of APPEND.
#pragma once

#include "protocol/buffers.h"
#include "protocol/imap/agreement.h"
#include "protocol/imap/command_reader.h"
#include "protocol/imap/failure.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/response.h"

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <type_traits>

namespace mail::imap {

/// The client sends so much that is to be dropped that it is not worth waiting for its end.
class Flood : public std::runtime_error {
public:
    Flood();
};
/// Throws Flood. To be called before more octets are waited for.
void stop_flood(CommandReader const& reader);

/// Holds one piece in memory: what stands between two streamed literals, and the small literals in
/// it. A piece is bounded as a whole command is, their number is not.
class CommandText {
public:
    /// `announced` is the literal that ends the text in the reader; without one the command is
    /// complete.
    CommandText(Input& input, Responses& out, CommandReader& reader, Agreement const& terms,
        std::size_t literal_limit, std::optional<CommandReader::NeedLiteral> announced)
        : input_(input)
        , out_(out)
        , reader_(reader)
        , terms_(terms)
        , literal_limit_(literal_limit)
    {
        if (announced)
            announce(*announced);
    }
    CommandText(CommandText const&) = delete;
    CommandText& operator=(CommandText const&) = delete;

    /// Passes over the beginning of the first piece: tag and name.
    void skip(std::size_t octets) { taken_ = octets; }

    /// Reads what comes next with rule(Parser&), a function without side effects whose value owns
    /// its octets. When the rule meets a literal that is not here yet, it is read into memory and
    /// the rule begins anew; one that the rule takes by Parser::streamed_literal() is left to the
    /// caller, who reads it to its end before the next rule. Waits for the client. What the rule
    /// refuses, or BAD with LIMIT or TOOBIG.
    template <class Rule>
    auto parse(Rule& rule) -> awaitable<Result<std::invoke_result_t<Rule&, Parser&>>>
    {
        auto const come = co_await next_piece();
        if (!come)
            co_return come.error();
        for (;;) {
            {
                Parser in(reader_.text(), terms_);
                in.skip(taken_);
                auto value = rule(in);
                if (!in.wants_literal() || state_ != State::announced) {
                    taken_ = in.position();
                    co_return in.finish(std::move(value));
                }
            }
            auto const read = co_await read_into_memory();
            if (!read)
                co_return read.error();
        }
    }

    // The literal that the last rule took

    std::uint64_t octets() const { return remaining_; } ///< before the first read()
    /// Asks for a synchronizing literal ("+"). Refuse what is to be refused before this: then it is
    /// never sent.
    awaitable<void> request();
    /// The next octets, valid until the next call; empty at the literal's end. Waits for the
    /// client.
    awaitable<std::string_view> read();

    /// For the conversation, when the command has run: drops what the client still sends of a
    /// refused command.
    awaitable<void> drop();

private:
    enum class State : std::uint8_t {
        complete, ///< all of the command is here
        announced, ///< a literal ends the text
        streaming, ///< it was requested
    };

    void announce(CommandReader::NeedLiteral literal);
    awaitable<CommandReader::Step> next_step();
    awaitable<Result<void>> take_step();
    awaitable<Result<void>> next_piece();
    awaitable<Result<void>> read_into_memory();

    Input& input_;
    Responses& out_;
    CommandReader& reader_;
    Agreement const& terms_;
    std::size_t literal_limit_; ///< octets of all literals of a piece
    std::size_t taken_ = 0; ///< of the piece
    State state_ = State::complete;
    bool synchronizing_ = false;
    std::uint64_t remaining_ = 0; ///< octets of the literal that are to come
    std::size_t given_ = 0; ///< octets of input that read() gave out and that are to be consumed
};

/// BAD for a literal that may not come, or not into memory, and for a line without end.
Failure too_big_literal();
Failure too_long_line();

} // namespace mail::imap
