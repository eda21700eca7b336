// Reads the arguments of a command. Functions are named after the rules of RFC 9051 §9 (formal
// syntax).
#pragma once

#include "protocol/imap/agreement.h"
#include "protocol/imap/failure.h"
#include "protocol/imap/flags.h"
#include "protocol/imap/sequence_set.h"
#include "storage/ascii.h"
#include "storage/messages.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <forward_list>
#include <optional>
#include <string>
#include <string_view>

namespace mail::imap {

/// Reads one complete command, literals included. The first failure is kept, later calls do nothing
/// and return empty values, finish() reports it; loops end on failure. Views live until the command
/// has ended, so arguments may hold them (a command that streams literals copies instead). Costs
/// O(length of the command).
class Parser {
public:
    explicit Parser(std::string_view command, Agreement const& terms = everything_offered())
        : text_(command)
        , terms_(terms)
    {
    }
    Parser(Parser const&) = delete;
    Parser& operator=(Parser const&) = delete;

    // Tokens
    void space(); ///< one SP; more are tolerated
    std::string_view tag(); ///< any of 1*<ASTRING-CHAR except "+">
    std::string_view atom();
    std::string_view astring(); ///< atom, quoted or literal, quoting removed
    std::string_view string(); ///< quoted or literal
    std::optional<std::string_view> nstring(); ///< nullopt for NIL
    std::optional<std::string_view> nstring8(); ///< or a literal8, which may hold NUL (RFC 4466)
    std::uint32_t number(); ///< 32 bits
    std::uint32_t nz_number();
    std::uint64_t number64(); ///< 63 bits
    void open() { expect('('); }
    void close() { expect(')'); }

    // Composed rules
    std::string mailbox(); ///< UTF-8; any case of INBOX is "INBOX" (§5.1); trailing separators
                           ///< dropped; NO when it is no name
    /// The name that mailbox() read last as the client wrote it, where it was not in Unicode's
    /// Normalization Form C; else empty (RFC 9051 §5.1).
    std::string const& denormalised() const { return denormalised_; }
    std::string list_mailbox(); ///< as mailbox, with the wildcards of LIST; may be empty
    FlagList flag_list(); ///< "(" [flag *(SP flag)] ")"
    FlagList flags(); ///< flag_list, or flags without parentheses (STORE)
    SequenceSet sequence_set(); ///< "$" among the numbers where SEARCHRES is offered
    SequenceSet known_set(); ///< a sequence_set without "*" and "$" (RFC 7162 §7: known-uids)
    storage::InternalDate date_time(); ///< "17-Jul-1996 02:44:25 -0700" in quotes
    std::chrono::sys_days date(); ///< 1-Feb-1994, quoted or not (SEARCH)
    template <class Item> void list(Item item) ///< "(" item *(SP item) ")"
    {
        open();
        items(item);
        close();
    }
    template <class Item> void list_or_empty(Item item) ///< "(" [item *(SP item)] ")"
    {
        open();
        if (!is_next(')'))
            items(item);
        close();
    }

    // Looking ahead; false after a failure
    bool at_end(); ///< of the command; trailing spaces are passed over
    bool is_next(char c) const
    {
        return !failed_ && position_ < text_.size() && text_[position_] == c;
    }
    bool is_next_word(std::string_view word) const; ///< an atom that is `word`, in any case
    bool accept(char c); ///< takes c when it is next
    bool accept_word(
        std::string_view word); ///< takes the atom `word`, in any case, when it is next
    bool accept_word(std::string_view word, Capability needed)
    {
        return offers(needed) && accept_word(word);
    }
    std::string_view rest() const { return text_.substr(position_); }
    std::size_t position() const { return position_; } ///< in octets
    void skip(std::size_t octets)
    {
        position_ += std::min(octets, text_.size() - position_);
    } ///< for rules with a scanner of their own
    void expect(char c);

    /// The announcement {n}, or with BINARY ~{n}, of a literal that ends the text: its octets are
    /// not here, the command streams them (CommandText).
    struct StreamedLiteral {
        std::uint64_t octets = 0;
        bool is_binary = false; ///< a literal8 (RFC 3516)
    };
    StreamedLiteral streamed_literal();
    /// The text ended with the announcement of a literal that a rule needs in memory.
    bool wants_literal() const { return wants_literal_; }

    void end(); ///< nothing follows

    /// Grammar of an extension that is switched off is no grammar.
    bool offers(Capability capability) const { return terms_.offers(capability); }
    bool takes_saved() const ///< "$" and SEARCH RETURN (SAVE), which are in IMAP4rev2, too
    {
        return offers(Capability::searchres) || terms_.is_rev2();
    }
    Agreement const& terms() const { return terms_; }

    void fail(std::string_view expected); ///< BAD "expected …"; keeps the first failure only
    void refuse(Failure failure); ///< another refusal than BAD for syntax
    bool failed() const { return failed_; }

    Result<void> finish() const
    {
        if (failed_)
            return failure_;
        return {};
    }
    template <class T> Result<T> finish(T value) const
    {
        if (failed_)
            return failure_;
        return value;
    }

private:
    template <class Item> void items(Item& item)
    {
        do
            item();
        while (!failed_ && accept(' ') && !is_next(')'));
    }
    std::string_view take_while(bool (*is_member)(unsigned char), std::string_view expected);
    std::string_view quoted();
    std::string_view literal();
    std::uint64_t announced_octets();
    std::string_view literal_octets();
    std::uint64_t digits(std::uint64_t limit, std::string_view expected);
    std::string name(bool wildcards);
    void flag(FlagList& flags);
    std::uint32_t sequence_number();

    static Agreement const& everything_offered();

    std::string_view text_;
    Agreement const& terms_;
    std::size_t position_ = 0;
    bool failed_ = false;
    bool wants_literal_ = false;
    Failure failure_;
    std::string denormalised_;
    std::forward_list<std::string> unescaped_; ///< quoted strings with a backslash in them
};

/// The mailbox that a decoded name means: composed, any case of INBOX is "INBOX" (RFC 9051 §5.1),
/// trailing separators dropped. NO when it is no name.
Result<std::string> mailbox_named(std::string_view utf8);

using ascii::equal_without_case;

} // namespace mail::imap
