// Cuts the client's octets into commands (RFC 9051 §2.2.1, §4.3; RFC 7888).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace mail::imap {

/// Knows line ends and literals, nothing else, and holds at most the two limits in memory. A
/// command's text has its literals in place, after "{n}" CRLF; the CRLF that ends it is left out.
/// Lines may end with a bare LF.
class CommandReader {
public:
    struct NeedMore { };
    /// A literal was announced: call accept_literal, refuse_literal, skip_literal or stream_literal
    /// before the next feed.
    struct NeedLiteral {
        std::uint64_t octets;
        bool synchronizing; ///< the client waits for "+" (RFC 9051 §4.3); else RFC 7888's
                            ///< non-synchronizing form
    };
    struct Complete {
        std::string_view command; ///< until the next feed
    };
    /// A command that was too long, or whose literal was skipped, has ended. The octets are
    /// dropped.
    struct Dropped {
        std::string_view command; ///< its beginning, for the tag
        bool too_long; ///< the line exceeded the limit
    };
    using Step = std::variant<NeedMore, NeedLiteral, Complete, Dropped>;

    explicit CommandReader(std::size_t line_limit)
        : line_limit_(line_limit)
    {
    }

    Step feed(std::string_view& bytes); ///< takes from the front

    /// The command so far: after NeedLiteral it ends with the announcement, without its line end.
    std::string_view text() const { return buffer_; }
    /// Part of a command was read, and the rest is to come.
    bool is_in_command() const { return !finished_ && (mode_ != Mode::line || !buffer_.empty()); }
    std::size_t literal_octets() const
    {
        return literal_octets_;
    } ///< of the literals of this command that are in memory

    /// Octets of this command that were dropped, and those of its literals that are to be.
    std::uint64_t dropped() const { return dropped_; }

    void accept_literal(); ///< reads it into memory: the caller has checked its size
    void refuse_literal(); ///< a synchronizing literal will not come: the command is forgotten
    /// Drops the `octets` of it that are still to come, and the rest of the command; Dropped comes
    /// at its end.
    void skip_literal(std::uint64_t octets);
    /// The caller takes the literal's octets from the input itself, then feeds what follows. The
    /// text so far is forgotten; what follows is a text of its own, with limits of its own.
    void stream_literal();
    /// The command was executed: gives its memory back. Views of it die.
    void forget() { start(); }

private:
    enum class Mode : std::uint8_t { line, literal, announced, drop_line, drop_literal };

    void start();
    void take_line_part(std::string_view part);
    Step end_of_line();
    void literal_ended();
    void start_dropping();
    void drop_literal(std::uint64_t octets);

    std::size_t line_limit_;
    std::string buffer_;
    std::size_t line_octets_ = 0; ///< of buffer_, without literals
    std::size_t literal_octets_ = 0;
    std::size_t line_start_ = 0; ///< in buffer_: where the line began that is being read
    std::uint64_t pending_ = 0; ///< octets of the announced literal that are to come
    std::uint64_t dropped_ = 0;
    Mode mode_ = Mode::line;
    bool too_long_ = false;
    bool finished_ = false; ///< the text was given out: the next feed starts anew
};

} // namespace mail::imap
