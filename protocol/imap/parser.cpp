// The tokens and common rules of RFC 9051 §9.
#include "protocol/imap/parser.h"

#include "protocol/imap/date_time.h"
#include "protocol/imap/mutf7.h"
#include "protocol/mime/fold.h"
#include "storage/mailboxes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace mail::imap {
namespace {

    enum Class : std::uint8_t {
        atom_char = 1, ///< ATOM-CHAR
        astring_char = 2, ///< ASTRING-CHAR: also "]"
        list_char = 4, ///< also "]" and the wildcards
        tag_char = 8, ///< ASTRING-CHAR without "+"
    };

    constexpr std::array<std::uint8_t, 256> make_classes()
    {
        std::array<std::uint8_t, 256> classes {};
        for (unsigned c = 0x21; c < 0x7f; ++c)
            classes[c] = atom_char | astring_char | list_char | tag_char;
        for (char const c : std::string_view("(){\"\\"))
            classes[static_cast<unsigned char>(c)] = 0;
        for (char const c : std::string_view("%*"))
            classes[static_cast<unsigned char>(c)] = list_char;
        classes[']'] = astring_char | list_char | tag_char;
        classes['+'] = atom_char | astring_char | list_char;
        // Not RFC: mailbox names and passwords in raw UTF-8 without quotes, as several clients send
        // them.
        for (unsigned c = 0x80; c < 0x100; ++c)
            classes[c] = astring_char | list_char;
        return classes;
    }
    constexpr auto classes = make_classes();

    template <Class C> bool is(unsigned char c) { return (classes[c] & C) != 0; }

    bool is_8bit(std::string_view text)
    {
        return std::ranges::any_of(
            text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    }

    bool has_control(std::string_view text)
    {
        return std::ranges::any_of(
            text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    }

    /// One spelling of each name; nothing when it has controls.
    std::optional<std::string> canonical_name(std::string name)
    {
        if (has_control(name))
            return std::nullopt;
        if (is_8bit(name))
            name = mime::compose(name); // RFC 5198 §3
        constexpr std::string_view inbox = "INBOX";
        if (equal_without_case(std::string_view(name).substr(0, inbox.size()), inbox)
            && (name.size() == inbox.size() || name[inbox.size()] == storage::hierarchy_delimiter))
            name.replace(0, inbox.size(), inbox);
        return name;
    }

} // namespace

Result<std::string> mailbox_named(std::string_view utf8)
{
    if (!is_utf8(utf8))
        return no("CANNOT", "The mailbox name is not UTF-8; encode it in UTF-8");
    auto name = canonical_name(std::string(utf8));
    if (!name)
        return no("CANNOT", "A mailbox name has no control characters; leave them out");
    // Thunderbird adds a separator to the names of mailboxes that are to have children.
    while (name->ends_with(storage::hierarchy_delimiter))
        name->pop_back();
    if (name->empty() || name->starts_with(storage::hierarchy_delimiter)
        || name->find("//") != std::string::npos)
        return no("CANNOT", "A mailbox name has no empty levels: write level/level");
    if (name->find_first_of("%*") != std::string::npos)
        return no("CANNOT", "A mailbox name has no \"%\" and no \"*\": these are LIST's wildcards");
    return std::move(*name);
}

Agreement const& Parser::everything_offered()
{
    static Agreement const everything;
    return everything;
}

void Parser::fail(std::string_view expected)
{
    if (failed_)
        return;
    refuse(bad(fmt::format("Syntax error at octet {}: expected {}", position_ + 1, expected)));
}

void Parser::refuse(Failure failure)
{
    if (failed_)
        return;
    failed_ = true;
    failure_ = std::move(failure);
}

void Parser::space()
{
    if (failed_)
        return;
    if (!accept(' '))
        return fail("a space");
    while (accept(' ')) { }
}

bool Parser::at_end()
{
    if (failed_)
        return false;
    auto const end = text_.find_first_not_of(' ', position_);
    if (end != std::string_view::npos)
        return false;
    position_ = text_.size();
    return true;
}

void Parser::end()
{
    if (!failed_ && !at_end())
        fail("the end of the command");
}

bool Parser::accept(char c)
{
    if (!is_next(c))
        return false;
    ++position_;
    return true;
}

void Parser::expect(char c)
{
    if (!failed_ && !accept(c))
        fail(std::string_view(&c, 1));
}

bool Parser::is_next_word(std::string_view word) const
{
    if (failed_ || !equal_without_case(text_.substr(position_, word.size()), word))
        return false;
    auto const after = position_ + word.size();
    return after == text_.size() || !is<atom_char>(static_cast<unsigned char>(text_[after]));
}

bool Parser::accept_word(std::string_view word)
{
    if (!is_next_word(word))
        return false;
    position_ += word.size();
    return true;
}

std::string_view Parser::take_while(bool (*is_member)(unsigned char), std::string_view expected)
{
    if (failed_)
        return {};
    auto const begin = position_;
    while (position_ < text_.size() && is_member(static_cast<unsigned char>(text_[position_])))
        ++position_;
    if (position_ == begin)
        fail(expected);
    return text_.substr(begin, position_ - begin);
}

std::string_view Parser::tag() { return take_while(is<tag_char>, "a tag"); }

std::string_view Parser::atom() { return take_while(is<atom_char>, "an atom"); }

std::string_view Parser::astring()
{
    if (is_next('"') || is_next('{'))
        return string();
    return take_while(is<astring_char>, "an atom or a string");
}

std::string_view Parser::string()
{
    if (is_next('"'))
        return quoted();
    if (is_next('{'))
        return literal();
    fail("a string");
    return {};
}

std::optional<std::string_view> Parser::nstring()
{
    if (accept_word("NIL"))
        return std::nullopt;
    return string();
}

std::optional<std::string_view> Parser::nstring8()
{
    if (accept('~'))
        return literal_octets();
    return nstring();
}

std::string_view Parser::quoted()
{
    expect('"');
    auto const begin = position_;
    std::string* unescaped = nullptr;
    while (!failed_) {
        auto const stop = text_.find_first_of(std::string_view("\"\\\r\n\0", 5), position_);
        if (stop == std::string_view::npos || (text_[stop] != '"' && text_[stop] != '\\')) {
            fail("the closing quote of a string");
            return {};
        }
        if (unescaped)
            unescaped->append(text_.substr(position_, stop - position_));
        position_ = stop + 1;
        if (text_[stop] == '"')
            return unescaped ? std::string_view(*unescaped) : text_.substr(begin, stop - begin);
        if (!unescaped)
            unescaped = &unescaped_.emplace_front(text_.substr(begin, stop - begin));
        if (!is_next('"') && !is_next('\\')) {
            fail("a quote or a backslash after a backslash");
            return {};
        }
        unescaped->push_back(text_[position_++]);
    }
    return {};
}

std::uint64_t Parser::announced_octets()
{
    expect('{');
    auto const octets = digits(std::numeric_limits<std::uint64_t>::max(), "a number of octets");
    accept('+');
    expect('}');
    return octets;
}

Parser::StreamedLiteral Parser::streamed_literal()
{
    StreamedLiteral literal;
    if (!is_next('{') && !(offers(Capability::binary) && is_next('~'))) {
        fail("a literal: {octets}");
        return literal;
    }
    literal.is_binary = accept('~');
    literal.octets = announced_octets();
    if (!failed_ && position_ != text_.size())
        fail("the octets of the literal, in the next line");
    return literal;
}

std::string_view Parser::literal()
{
    auto const taken = literal_octets();
    if (taken.find('\0') != std::string_view::npos)
        fail("a literal without NUL");
    return taken;
}

std::string_view Parser::literal_octets()
{
    auto const octets = announced_octets();
    wants_literal_ = !failed_ && position_ == text_.size();
    accept('\r');
    if (failed_ || !accept('\n') || text_.size() - position_ < octets) {
        fail("the octets of a literal");
        return {};
    }
    auto const taken = text_.substr(position_, static_cast<std::size_t>(octets));
    position_ += taken.size();
    return taken;
}

std::uint64_t Parser::digits(std::uint64_t limit, std::string_view expected)
{
    auto const text = take_while([](unsigned char c) { return c >= '0' && c <= '9'; }, expected);
    std::uint64_t value = 0;
    for (char const c : text) {
        auto const digit = static_cast<std::uint64_t>(c - '0');
        if (value > (limit - digit) / 10) {
            fail("a smaller number");
            return 0;
        }
        value = value * 10 + digit;
    }
    return value;
}

std::uint32_t Parser::number()
{
    return static_cast<std::uint32_t>(
        digits(std::numeric_limits<std::uint32_t>::max(), "a number"));
}

std::uint32_t Parser::nz_number()
{
    auto const value = number();
    if (value == 0)
        fail("a number greater than 0");
    return value;
}

std::uint64_t Parser::number64()
{
    return digits(std::numeric_limits<std::int64_t>::max(), "a number");
}

std::string Parser::name(bool wildcards)
{
    auto const raw = is_next('"') || is_next('{')
        ? string()
        : take_while(wildcards ? is<list_char> : is<astring_char>, "a mailbox name");
    if (failed_)
        return {};
    std::optional<std::string> decoded;
    if (is_8bit(raw) ? is_utf8(raw) : terms_.speaks_utf8())
        decoded = std::string(raw);
    else if (!is_8bit(raw))
        decoded = decode_mutf7(raw);
    if (!decoded && terms_.speaks_utf8()) { // RFC 9755 §3
        fail("a mailbox name in UTF-8");
        return {};
    }
    denormalised_.clear();
    if (decoded) {
        auto canonical = canonical_name(*decoded);
        if (canonical && is_8bit(*decoded) && *canonical != *decoded)
            denormalised_ = std::move(*decoded);
        decoded = std::move(canonical);
    }
    if (!decoded) {
        refuse(no("CANNOT",
            "The mailbox name is neither modified UTF-7 nor UTF-8; write \"&\" as \"&-\""));
        return {};
    }
    return std::move(*decoded);
}

std::string Parser::mailbox()
{
    auto name = mailbox_named(this->name(false));
    if (!failed_ && !name)
        refuse(name.error());
    return failed_ ? std::string() : std::move(*name);
}

std::string Parser::list_mailbox() { return name(true); }

FlagList Parser::flag_list()
{
    FlagList flags;
    list_or_empty([&] { flag(flags); });
    return flags;
}

FlagList Parser::flags()
{
    if (is_next('('))
        return flag_list();
    FlagList flags;
    auto item = [&] { flag(flags); };
    items(item);
    return flags;
}

void Parser::flag(FlagList& flags)
{
    if (failed_)
        return;
    auto const begin = position_;
    accept('\\');
    take_while(is<atom_char>, "a flag");
    auto const name = text_.substr(begin, position_ - begin);
    if (failed_)
        return;
    if (name.size() > max_keyword)
        refuse(no("LIMIT", "The keyword is too long; use 255 octets at most"));
    else if (!flags.add(name))
        fail("a flag: \\Answered, \\Flagged, \\Deleted, \\Seen, \\Draft or a keyword");
    else if (flags.keywords.size() > storage::max_keywords)
        refuse(no("LIMIT", "Too many keywords: a mailbox has at most 128 different ones"));
}

std::uint32_t Parser::sequence_number() { return accept('*') ? SequenceSet::star : nz_number(); }

SequenceSet Parser::sequence_set()
{
    SequenceSet set;
    do {
        if (takes_saved() && accept('$')) {
            set.saved = true;
            continue;
        }
        auto const first = sequence_number();
        auto const last = accept(':') ? sequence_number() : first;
        set.ranges.push_back({ first, last });
    } while (!failed_ && accept(','));
    return set;
}

SequenceSet Parser::known_set()
{
    auto set = sequence_set();
    if (set.saved)
        fail("numbers without \"$\"");
    for (auto const& range : set.ranges)
        if (range.first == SequenceSet::star || range.last == SequenceSet::star)
            fail("numbers without \"*\"");
    return set;
}

storage::InternalDate Parser::date_time()
{
    auto const text = quoted();
    if (failed_)
        return {};
    auto const date = parse_date_time(text);
    if (!date)
        fail("a date and time like \"17-Jul-1996 02:44:25 -0700\"");
    return date.value_or(storage::InternalDate {});
}

std::chrono::sys_days Parser::date()
{
    auto const text = is_next('"') ? quoted() : atom();
    if (failed_)
        return {};
    auto const date = parse_date(text);
    if (!date)
        fail("a date like 1-Feb-1994");
    return date.value_or(std::chrono::sys_days {});
}

} // namespace mail::imap
