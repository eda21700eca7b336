// The grammar's rules, and what is written back: parser, names, sets, dates, patterns, strings.
#include "protocol/imap/date_time.h"
#include "protocol/imap/flags.h"
#include "protocol/imap/mutf7.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/response.h"
#include "protocol/imap/wildcard.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

namespace mail::imap {
namespace {

    /// What a rule reads from a text that it must use up.
    template <class Rule> auto parse(std::string_view text, Rule rule) -> std::optional<std::string>
    {
        Parser in(text);
        std::string value(std::invoke(rule, in));
        in.end();
        auto const result = in.finish(value);
        return result ? std::optional(*result) : std::nullopt;
    }

    std::string refusal_of(std::string_view name)
    {
        Parser in(name);
        auto const mailbox = in.finish(in.mailbox());
        EXPECT_FALSE(mailbox) << name;
        return mailbox ? "" : mailbox.error().code().text();
    }

    TEST(ImapParser, ReadsStrings)
    {
        EXPECT_EQ(parse("abc", &Parser::astring), "abc");
        EXPECT_EQ(parse("a]b", &Parser::astring), "a]b");
        EXPECT_EQ(parse("\"a \\\"b\\\\ c\"", &Parser::astring), "a \"b\\ c");
        EXPECT_EQ(parse("\"\"", &Parser::astring), "");
        EXPECT_EQ(parse("{4}\r\na\r\nb", &Parser::astring), "a\r\nb");
        EXPECT_EQ(parse("{4+}\r\na\r\nb", &Parser::astring), "a\r\nb");
        EXPECT_EQ(parse("\"gr\xc3\xbc\xc3\x9f\"", &Parser::astring), "gr\xc3\xbc\xc3\x9f");
        EXPECT_EQ(parse("", &Parser::astring), std::nullopt);
        EXPECT_EQ(parse("\"abc", &Parser::astring), std::nullopt);
        EXPECT_EQ(parse("\"a\\bc\"", &Parser::astring), std::nullopt);
        EXPECT_EQ(parse("\"a\rb\"", &Parser::astring), std::nullopt);
        EXPECT_EQ(parse("{5}\r\nab", &Parser::astring), std::nullopt);
        EXPECT_EQ(parse("{99999999999999999999999}\r\nab", &Parser::astring), std::nullopt);
        EXPECT_EQ(parse(std::string_view("{1}\r\n\0", 6), &Parser::astring), std::nullopt);
        EXPECT_EQ(parse("a%b", &Parser::astring), std::nullopt);
        EXPECT_EQ(parse("a b", &Parser::astring), std::nullopt);
        EXPECT_EQ(parse("abc", &Parser::string), std::nullopt);
    }

    TEST(ImapParser, ReadsBinaryStringsWhereTheyAreAllowed)
    {
        auto const read = [](std::string_view text) {
            Parser in(text);
            auto const value = in.nstring8();
            in.end();
            return in.finish(value ? std::string(*value) : "(none)");
        };
        EXPECT_EQ(*read("NIL"), "(none)");
        EXPECT_EQ(*read("\"a\""), "a");
        EXPECT_EQ(*read("{1}\r\na"), "a");
        EXPECT_EQ(*read(std::string_view("~{3}\r\na\0b", 9)), std::string("a\0b", 3));
        EXPECT_FALSE(read(std::string_view("{3}\r\na\0b", 8)));
        EXPECT_FALSE(read("~\"a\""));
        EXPECT_FALSE(read("~{9}\r\na"));
        EXPECT_FALSE(read("a"));
    }

    TEST(ImapParser, RemembersNamesThatWereNotComposed)
    {
        Parser in("\"u\xcc\x88\" \"\xc3\xbc\" plain");
        EXPECT_EQ(in.mailbox(), "\xc3\xbc");
        EXPECT_EQ(in.denormalised(), "u\xcc\x88");
        in.space();
        EXPECT_EQ(in.mailbox(), "\xc3\xbc");
        EXPECT_EQ(in.denormalised(), "");
        in.space();
        EXPECT_EQ(in.mailbox(), "plain");
        EXPECT_EQ(in.denormalised(), "");
    }

    TEST(ImapParser, KeepsTheFirstFailureAndSaysWhere)
    {
        Parser in("LOGIN (");
        in.atom();
        in.space();
        in.astring();
        in.space();
        in.fail("something else");
        auto const result = in.finish(1);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().status(), Status::bad);
        EXPECT_EQ(result.error().text(), "Syntax error at octet 7: expected an atom or a string");
    }

    TEST(ImapParser, ReadsNumbersWithinTheirBounds)
    {
        auto const number = [](std::string_view text) {
            Parser in(text);
            auto const value = in.number();
            in.end();
            return in.finish(value);
        };
        EXPECT_EQ(*number("4294967295"), 4294967295u);
        EXPECT_EQ(*number("007"), 7u);
        EXPECT_FALSE(number("4294967296"));
        EXPECT_FALSE(number("-1"));
        EXPECT_FALSE(number(""));
        Parser large("9223372036854775807");
        EXPECT_EQ(large.number64(), 9223372036854775807u);
        Parser too_large("9223372036854775808");
        too_large.number64();
        EXPECT_TRUE(too_large.failed());
    }

    TEST(ImapParser, LooksAheadByWholeWords)
    {
        Parser in("RETURNED x");
        EXPECT_FALSE(in.accept_word("RETURN"));
        EXPECT_TRUE(in.accept_word("returned"));
        in.space();
        EXPECT_TRUE(in.accept_word("X"));
        EXPECT_TRUE(in.at_end());
    }

    TEST(ImapParser, EndsListsOnFailure)
    {
        Parser in("(a b (c");
        int items = 0;
        in.list([&] {
            ++items;
            in.atom();
        });
        EXPECT_TRUE(in.failed());
        EXPECT_EQ(items, 3);
    }

    TEST(ImapParser, ReadsMailboxNames)
    {
        EXPECT_EQ(parse("inBox", &Parser::mailbox), "INBOX");
        EXPECT_EQ(parse("inbox/Work", &Parser::mailbox), "INBOX/Work");
        EXPECT_EQ(parse("inboxes", &Parser::mailbox), "inboxes");
        EXPECT_EQ(parse("work/", &Parser::mailbox), "work");
        EXPECT_EQ(parse("\"Entw&APw-rfe\"", &Parser::mailbox), "Entw\xc3\xbcrfe");
        EXPECT_EQ(parse("\"Entw\xc3\xbcrfe & mehr\"", &Parser::mailbox), "Entw\xc3\xbcrfe & mehr");
        EXPECT_EQ(parse("R&-D", &Parser::mailbox), "R&D");
        for (auto const* bad : { "R&D", "\"\"", "/", "/a", "a//b", "\"a%b\"", "\"a*\"", "&AAE-",
                 "\"\xff\"", "\"a\tb\"" })
            EXPECT_EQ(refusal_of(bad), "CANNOT") << bad;
        EXPECT_EQ(refusal_of("("), "");
        EXPECT_EQ(parse("%/*", &Parser::list_mailbox), "%/*");
        EXPECT_EQ(parse("\"\"", &Parser::list_mailbox), "");
    }

    TEST(ImapParser, ReadsFlags)
    {
        Parser in("(\\seen \\Recent $Label1 nonjunk NonJunk)");
        auto const flags = in.flag_list();
        EXPECT_FALSE(in.failed());
        EXPECT_EQ(flags.system, storage::Flags::seen);
        EXPECT_EQ(flags.keywords, (std::vector<std::string> { "$Label1", "nonjunk" }));
        Parser bare("\\Deleted \\Draft");
        EXPECT_EQ(bare.flags().system, storage::Flags::deleted | storage::Flags::draft);
        Parser empty("()");
        empty.flag_list();
        empty.end();
        EXPECT_FALSE(empty.failed());
        for (auto const* bad : { "(\\Foo)", "(\\*)", "(a", "(\"x\")", "a" }) {
            Parser wrong(bad);
            wrong.flag_list();
            EXPECT_TRUE(wrong.failed()) << bad;
        }
        std::string const text = "(" + std::string(256, 'k') + ")";
        Parser long_one(text);
        EXPECT_EQ(long_one.finish(long_one.flag_list()).error().code().text(), "LIMIT");
    }

    TEST(ImapParser, ReadsDates)
    {
        Parser in("\"17-Jul-1996 02:44:25 -0700\"");
        auto const date = in.date_time();
        EXPECT_FALSE(in.failed());
        EXPECT_EQ(date.seconds, 837596665);
        EXPECT_EQ(date.zone_minutes, -420);
        std::string written;
        append_date_time(written, date);
        EXPECT_EQ(written, "\"17-Jul-1996 02:44:25 -0700\"");
        EXPECT_TRUE(parse_date_time(" 1-jul-1996 02:44:25 +0530"));
        EXPECT_TRUE(parse_date_time("1-Jul-1996 02:44:25 +0530"));
        for (auto const* bad : { "", "17-Jul-1996", "31-Feb-1996 02:44:25 +0000",
                 "17-Foo-1996 02:44:25 +0000", "17-Jul-1996 24:44:25 +0000",
                 "17-Jul-1996 02:44:25 00000", "17-Jul-1996 02:44:25 +00000",
                 "-7-Jul-1996 02:44:25 +0000", "17-Jul-1996 0-:44:25 +0000" })
            EXPECT_FALSE(parse_date_time(bad)) << bad;
        using namespace std::chrono;
        EXPECT_EQ(parse_date("1-Feb-1994"), sys_days(1994y / February / 1));
        EXPECT_EQ(parse_date("01-Feb-1994"), sys_days(1994y / February / 1));
        EXPECT_FALSE(parse_date("30-Feb-1994"));
        EXPECT_FALSE(parse_date("1-Feb-94"));
        Parser search("\"1-Feb-1994\"");
        EXPECT_EQ(search.date(), sys_days(1994y / February / 1));
    }

    TEST(ImapDateTime, WritesWhatItReadsForEveryYear)
    {
        for (std::int64_t seconds = -62135596800 + 86400; seconds < 253402300799 - 86400;
             seconds += 86400 * 97 + 12345) {
            storage::InternalDate date;
            date.seconds = seconds;
            date.zone_minutes = static_cast<std::int16_t>(seconds % 720);
            std::string text;
            append_date_time(text, date);
            EXPECT_EQ(parse_date_time(std::string_view(text).substr(1, text.size() - 2)), date)
                << text;
        }
        storage::InternalDate extreme;
        extreme.seconds = INT64_MAX / 2;
        std::string text;
        append_date_time(text, extreme);
        EXPECT_EQ(text, "\"31-Dec-9999 23:59:59 +0000\"");
    }

    session::UidMap map_of(std::initializer_list<storage::UidRange> ranges)
    {
        storage::UidSet uids;
        for (auto const& range : ranges)
            uids.add(range);
        return session::UidMap(uids);
    }

    std::string resolved(std::string_view set, Numbering numbering, session::UidMap const& map)
    {
        Parser in(set);
        auto const parsed = in.sequence_set();
        in.end();
        if (in.failed())
            return "BAD syntax";
        auto const uids = resolve(parsed, numbering, map);
        if (!uids)
            return uids.error().status() == Status::bad ? "BAD" : "NO";
        std::string text;
        append_set(text, *uids);
        return text;
    }

    TEST(ImapSequenceSet, StandsForUids)
    {
        using storage::Uid;
        auto const map = map_of({ { Uid { 3 }, Uid { 5 } }, { Uid { 9 }, Uid { 9 } } });
        EXPECT_EQ(resolved("1:*", Numbering::sequence, map), "3:5,9");
        EXPECT_EQ(resolved("*", Numbering::sequence, map), "9");
        EXPECT_EQ(resolved("4,2:3,2", Numbering::sequence, map), "4:5,9");
        EXPECT_EQ(resolved("*:3", Numbering::sequence, map), "5,9");
        EXPECT_EQ(resolved("3:700", Numbering::sequence, map), "5,9");
        EXPECT_EQ(resolved("5", Numbering::sequence, map), "BAD");
        EXPECT_EQ(resolved("1,5:7", Numbering::sequence, map), "BAD");
        EXPECT_EQ(resolved("1:*", Numbering::uid, map), "3:5,9");
        EXPECT_EQ(resolved("*", Numbering::uid, map), "9");
        EXPECT_EQ(resolved("21:*", Numbering::uid, map), "9");
        EXPECT_EQ(resolved("1:4,7", Numbering::uid, map), "3:4");
        EXPECT_EQ(resolved("6:8,100", Numbering::uid, map), "");
        EXPECT_EQ(resolved("4294967295:1", Numbering::uid, map), "3:5,9");
        session::UidMap const empty;
        EXPECT_EQ(resolved("1:*", Numbering::sequence, empty), "");
        EXPECT_EQ(resolved("1", Numbering::sequence, empty), "BAD");
        EXPECT_EQ(resolved("1:*", Numbering::uid, empty), "");
        for (auto const* bad : { "", "0", "1,", "1:", ":1", "1:2:3", "a", "1,,2", "4294967296" })
            EXPECT_EQ(resolved(bad, Numbering::uid, map), "BAD syntax") << bad;
        std::string numbers;
        append_set(numbers, sequence_numbers(storage::UidSet({ Uid { 4 }, Uid { 9 } }), map));
        EXPECT_EQ(numbers, "2:4");
    }

    TEST(ImapMutf7, KnowsBothDirections)
    {
        struct Pair {
            std::string_view mutf7, utf8;
        };
        for (auto const& [mutf7, utf8] :
            std::initializer_list<Pair> { { "", "" }, { "INBOX", "INBOX" }, { "R&-D", "R&D" },
                { "&-&-", "&&" }, { "Entw&APw-rfe", "Entw\xc3\xbcrfe" },
                { "~peter/mail/&U,BTFw-/&ZeVnLIqe-",
                    "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e" },
                { "&2D3eAA-", "\xf0\x9f\x98\x80" } }) {
            EXPECT_EQ(decode_mutf7(mutf7), utf8) << mutf7;
            EXPECT_EQ(encode_mutf7(utf8), mutf7);
        }
        for (auto const* bad : { "&", "a&b", "&Jjo!", "&U,BTFw-&ZeVnLIqe-", "&AEE-", "&2D0-",
                 "&3gA-", "&APx-", "&A-", "caf\xc3\xa9", "a\x01" })
            EXPECT_FALSE(decode_mutf7(bad)) << bad;
    }

    TEST(ImapMutf7, GivesEveryNameOneSpelling)
    {
        std::mt19937 random(5);
        std::string_view const octets = "&-ABCazU,/+=09 ~\x80";
        for (int i = 0; i < 200'000; ++i) {
            std::string name;
            for (auto length = random() % 12; length > 0; --length)
                name.push_back(octets[random() % octets.size()]);
            if (auto const decoded = decode_mutf7(name)) {
                EXPECT_TRUE(is_utf8(*decoded));
                EXPECT_EQ(encode_mutf7(*decoded), name);
            }
        }
    }

    TEST(ImapWildcard, MatchesByLevels)
    {
        auto const matches = [](std::string_view pattern, std::string_view name) {
            return Wildcard(pattern).matches(name);
        };
        EXPECT_TRUE(matches("*", "a/b"));
        EXPECT_TRUE(matches("%", "a"));
        EXPECT_FALSE(matches("%", "a/b"));
        EXPECT_TRUE(matches("%/%", "a/b"));
        EXPECT_TRUE(matches("a*c", "a/b/c"));
        EXPECT_FALSE(matches("a%c", "a/b/c"));
        EXPECT_TRUE(matches("%*", "a/b"));
        EXPECT_TRUE(matches("*%", "a/b"));
        EXPECT_TRUE(matches("a/%*", "a/b/c"));
        EXPECT_TRUE(matches("a%/c*e", "abb/cd/e"));
        EXPECT_FALSE(matches("a%/c%e", "abb/cd/e"));
        EXPECT_TRUE(matches("abc%%%", "abc"));
        EXPECT_FALSE(matches("", "a"));
        EXPECT_TRUE(matches("", ""));
        EXPECT_FALSE(matches("abcd", "abc"));
    }

    TEST(ImapWildcard, TakesNoLongTimeForHostilePatterns)
    {
        std::string pattern;
        for (int i = 0; i < 20'000; ++i)
            pattern += "%*a";
        std::string const name = std::string(900, 'a') + "b";
        auto const begin = std::chrono::steady_clock::now();
        EXPECT_FALSE(Wildcard(pattern).matches(name));
        EXPECT_FALSE(Wildcard(pattern.substr(0, 900 * 3)).matches(name));
        EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
    }

    TEST(ImapResponse, WritesStringsThatEveryClientReads)
    {
        auto const written = [](std::string_view octets) {
            std::string out;
            append_string(out, octets);
            return out;
        };
        EXPECT_EQ(written("a\"b\\c"), "\"a\\\"b\\\\c\"");
        EXPECT_EQ(written(""), "\"\"");
        EXPECT_EQ(written("a\r\nb"), "{4}\r\na\r\nb");
        EXPECT_EQ(written("gr\xc3\xbc\xc3\x9f"), "{6}\r\ngr\xc3\xbc\xc3\x9f");
        EXPECT_EQ(written(std::string(1025, 'x')).substr(0, 8), "{1025}\r\n");
        std::string names;
        for (auto const* name :
            { "INBOX", "a b", "", "nil", "Entw\xc3\xbcrfe", "a\"b", "a&b", "a]" }) {
            append_mailbox(names, name, Spelling::mutf7);
            names.push_back('|');
        }
        EXPECT_EQ(names, "INBOX|\"a b\"|\"\"|\"nil\"|Entw&APw-rfe|\"a\\\"b\"|a&-b|\"a]\"|");
        names.clear();
        for (auto const* name : { "INBOX", "Entw\xc3\xbcrfe", "a\"b", "a&b" }) {
            append_mailbox(names, name, Spelling::utf8);
            names.push_back('|');
        }
        EXPECT_EQ(names, "INBOX|\"Entw\xc3\xbcrfe\"|\"a\\\"b\"|a&b|");
    }

    TEST(ImapResponse, SetsItemsApart)
    {
        std::string out = "* X";
        {
            Line line(out);
            line.atom("a").number(18446744073709551615u).open().open().close().atom("b").close();
            line.nstring(std::nullopt).text("c\r\nd\xff");
        }
        EXPECT_EQ(out, "* X a 18446744073709551615 (() b) NIL c??d?\r\n");
    }

    TEST(ImapFlags, WritesSystemFlagsAndKeywords)
    {
        std::vector<std::string> keywords(storage::max_keywords);
        for (std::size_t i = 0; i < keywords.size(); ++i)
            keywords[i] = "k" + std::to_string(i);
        storage::Flags flags;
        std::string out;
        append_flags(out, flags, keywords, false);
        flags.system = storage::Flags::seen | storage::Flags::answered;
        flags.keywords[0] = 5;
        flags.keywords[1] = std::uint64_t { 1 } << 63;
        append_flags(out, flags, keywords, true);
        append_flags(out, flags, std::span(keywords).first(1), false);
        EXPECT_EQ(out, "()(\\Answered \\Seen \\Recent k0 k2 k127)(\\Answered \\Seen k0)");
    }

} // namespace
} // namespace mail::imap
