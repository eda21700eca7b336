// Writes responses (RFC 9051 §7) straight into the conversation's output buffer.
#pragma once

#include "protocol/buffers.h"
#include "protocol/imap/failure.h"
#include "protocol/language.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail::imap {

/// Appends a number in decimal; the fastest way that the standard library has.
inline void append_number(std::string& out, std::uint64_t number)
{
    char digits[20];
    auto const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

/// Appends a string: quoted when it is short and 7-bit without CR, LF or NUL, else as a literal.
void append_string(std::string& out, std::string_view octets);

/// How mailbox names are spelled for a client.
enum class Spelling {
    mutf7, ///< modified UTF-7 (RFC 3501 §5.1.3)
    utf8, ///< RFC 9755 §3, RFC 9051 §5.1
};

/// Appends a mailbox name (UTF-8) as an astring.
void append_mailbox(std::string& out, std::string_view name, Spelling spelling);

/// One response line. Its destructor ends it. Items are set apart by one space; those after open()
/// and before close() form a list. Stays valid across Output::flush().
class Line {
public:
    explicit Line(std::string& out, Spelling spelling = Spelling::mutf7)
        : out_(out)
        , spelling_(spelling)
    {
    }
    ~Line() { out_.append("\r\n", 2); }
    Line(Line const&) = delete;
    Line& operator=(Line const&) = delete;

    Line& atom(
        std::string_view text) ///< as it is: atoms, flags, ready-made octets such as an ENVELOPE
    {
        separate();
        out_.append(text);
        return *this;
    }
    Line& number(std::uint64_t value)
    {
        separate();
        append_number(out_, value);
        return *this;
    }
    Line& string(std::string_view octets) ///< quoted or literal
    {
        separate();
        append_string(out_, octets);
        return *this;
    }
    Line& astring(std::string_view octets); ///< an atom where it can be one
    Line& nstring(std::optional<std::string_view> octets) ///< NIL for nullopt
    {
        return octets ? string(*octets) : atom("NIL");
    }
    Line& mailbox(std::string_view name)
    {
        separate();
        append_mailbox(out_, name, spelling_);
        return *this;
    }
    Line& open() ///< begins a list
    {
        separate();
        out_.push_back('(');
        need_space_ = false;
        return *this;
    }
    Line& close()
    {
        out_.push_back(')');
        need_space_ = true;
        return *this;
    }
    /// "(" each(item) ... ")"
    template <class Items, class Each> Line& list(Items const& items, Each each)
    {
        open();
        for (auto const& item : items)
            each(item);
        return close();
    }
    /// Human-readable text to the end of the line; controls and 8-bit octets become "?". Then it is
    /// translated.
    Line& text(std::string_view words, Translation translation = nullptr);
    /// Octets without a space before them; the next item gets one.
    Line& raw(std::string_view octets)
    {
        out_.append(octets);
        need_space_ = true;
        return *this;
    }

    /// The buffer itself, for what is faster to write directly. A space is due first: see
    /// separate().
    std::string& octets() { return out_; }
    /// Writes the space that is due before an item, for writers of octets().
    void separate()
    {
        if (need_space_)
            out_.push_back(' ');
        need_space_ = true;
    }

private:
    std::string& out_;
    Spelling spelling_;
    bool need_space_ = true;
};

/// The server's side of the conversation. Nothing is sent before flush(); the conversation flushes
/// when it has to wait for the client.
class Responses {
public:
    explicit Responses(Output& output)
        : output_(output)
    {
    }

    /// "* NAME", to which items are added: `ctx.out.untagged("STATUS").mailbox(name)`.
    Line untagged(std::string_view name)
    {
        auto& out = output_.buffer();
        out.append("* ", 2).append(name);
        return Line(out, spelling_);
    }
    /// "* 23 NAME": EXISTS, RECENT, EXPUNGE, FETCH.
    Line untagged(std::uint64_t number, std::string_view name)
    {
        auto& out = output_.buffer();
        out.append("* ", 2);
        append_number(out, number);
        out.push_back(' ');
        out.append(name);
        return Line(out, spelling_);
    }
    /// "* OK [CODE] text"
    void untagged(Status status, ResponseCode const& code, std::string_view text);
    /// "tag OK [CODE] text"
    void tagged(
        std::string_view tag, Status status, ResponseCode const& code, std::string_view text);
    /// "+ text"; the caller flushes.
    void continuation(std::string_view text);

    void spell(Spelling spelling) { spelling_ = spelling; } ///< mailbox names, from now on
    Spelling spelling() const { return spelling_; }
    void translate(Translation translation) { translation_ = translation; } ///< texts for people

    std::string& buffer() { return output_.buffer(); }
    bool empty() const { return output_.empty(); }
    bool is_full() const
    {
        return output_.is_full();
    } ///< time to flush, outside of any transaction
    awaitable<void> flush() { return output_.flush(); }

private:
    void status(Status status, ResponseCode const& code, std::string_view text);

    Output& output_;
    Spelling spelling_ = Spelling::mutf7;
    Translation translation_ = nullptr;
};

} // namespace mail::imap
