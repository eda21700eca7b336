// A literal that a command takes as a stream, such as the message of APPEND: never held in memory.
#pragma once

#include "protocol/buffers.h"
#include "protocol/imap/command_reader.h"
#include "protocol/imap/response.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace mail::imap {

class StreamedLiteral {
public:
    StreamedLiteral(
        Input& input, Responses& out, CommandReader& reader, CommandReader::NeedLiteral announced)
        : input_(input)
        , out_(out)
        , reader_(reader)
        , remaining_(announced.octets)
        , octets_(announced.octets)
        , synchronizing_(announced.synchronizing)
    {
    }

    std::uint64_t octets() const { return octets_; }

    /// Asks for a synchronizing literal ("+"). Refuse what is to be refused before this: then it is
    /// never sent.
    awaitable<void> request();
    /// The next octets, valid until the next call; empty at the literal's end. Waits for the
    /// client.
    awaitable<std::string_view> read();
    /// Reads on to the end of the command; returns what follows the literal (nothing, in a
    /// well-formed APPEND).
    awaitable<std::string_view> rest_of_command();

    /// For the conversation, when the command has run: drops what the client still sends of a
    /// refused command.
    awaitable<void> drop();

private:
    awaitable<CommandReader::Step> next_step();

    Input& input_;
    Responses& out_;
    CommandReader& reader_;
    std::uint64_t remaining_;
    std::uint64_t octets_;
    std::size_t given_ = 0; ///< octets of input that read() gave out and that are to be consumed
    bool synchronizing_;
    bool is_requested_ = false;
    bool has_ended_ = false; ///< the command's line end was read
};

} // namespace mail::imap
