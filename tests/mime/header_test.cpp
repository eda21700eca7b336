// Header blocks, addresses, envelopes and dates.

#include "protocol/mime/address.h"
#include "protocol/mime/content.h"
#include "protocol/mime/date.h"
#include "protocol/mime/envelope.h"
#include "protocol/mime/header.h"
#include "protocol/mime/wire.h"
#include "tests/mime/support.h"

#include <chrono>

#include <gtest/gtest.h>

using namespace mail::mime;

namespace {

/// The addresses as "name|route|local|domain", groups as "name:" and ";".
std::string listed(std::string_view value)
{
    std::string out;
    for (auto const& a : parse_addresses(value)) {
        if (!out.empty())
            out += ", ";
        if (a.kind == Address::Kind::group_begin)
            out += a.name + ":";
        else if (a.kind == Address::Kind::group_end)
            out += ";";
        else
            out += a.name + "|" + a.route + "|" + a.local + "|" + a.domain;
    }
    return out;
}

std::int64_t at(int year, unsigned month, unsigned day, int hour, int minute, int second)
{
    using namespace std::chrono;
    auto const days
        = sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day));
    return std::int64_t { days.time_since_epoch().count() } * 86'400 + hour * 3600 + minute * 60
        + second;
}

} // namespace

TEST(MimeHeader, WalksFieldsWithFolding)
{
    std::string_view const block
        = "From nobody Mon Jan 1\nA: one\r\n two\r\nB :b\nno field\n folded too\nC:\n\n D: body\n";
    Fields fields(block);
    ASSERT_TRUE(fields.next());
    EXPECT_EQ(fields.field().name, "A");
    EXPECT_EQ(fields.field().value, " one\r\n two");
    EXPECT_EQ(block.substr(fields.field().begin, fields.field().end - fields.field().begin),
        "A: one\r\n two\r\n");
    ASSERT_TRUE(fields.next());
    EXPECT_EQ(fields.field().name, "B");
    ASSERT_TRUE(fields.next());
    EXPECT_EQ(fields.field().name, "C");
    EXPECT_EQ(fields.field().value, "");
    EXPECT_FALSE(fields.next());
}

TEST(MimeHeader, FindsFieldsWithoutCase)
{
    EXPECT_EQ(find_field("\xEF\xBB\xBFSubject: x\r\n\r\nsubject: y\r\n", "SUBJECT"),
        " x"); // a byte order mark
    EXPECT_EQ(find_field("A: x\r\na: y\r\n", "a"), " x");
    EXPECT_EQ(find_field("A: x\rB: y\r\rC: z\r", "b"), " y");
    EXPECT_EQ(find_field("A: x\rB: y\r\rC: z\r", "c"), std::nullopt);
    EXPECT_EQ(find_field("", "a"), std::nullopt);
}

TEST(MimeHeader, SelectsFieldsOctetForOctet)
{
    std::string_view const block = "Date: d\r\nTO: t,\r\n\tu\r\nX: x\r\nto: v\r\n\r\n";
    std::vector<std::string> const names { "To", "Missing" };
    EXPECT_EQ(select_fields(block, names, Select::these), "TO: t,\r\n\tu\r\nto: v\r\n\r\n");
    EXPECT_EQ(select_fields(block, names, Select::all_but_these), "Date: d\r\nX: x\r\n\r\n");
    EXPECT_EQ(select_fields("To: t", names, Select::these), "To: t\r\n\r\n");
    EXPECT_EQ(select_fields("", names, Select::these), "\r\n");
}

TEST(MimeHeader, UnfoldsWithoutLosingBlanks)
{
    EXPECT_EQ(unfold(" a\r\n  b\n\tc \r\n"), "a  b\tc");
    EXPECT_EQ(unfold(std::string_view(" x\0y\0", 5)), "xy");
    EXPECT_EQ(unfold(" \r\n "), "");
}

TEST(MimeAddress, ReadsWhatTheRfcShows)
{
    EXPECT_EQ(listed("john.q.public@example.com"), "||john.q.public|example.com");
    EXPECT_EQ(listed("\"Joe Q. Public\" <john.q.public@example.com>"),
        "Joe Q. Public||john.q.public|example.com");
    EXPECT_EQ(listed("Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>"),
        "Mary Smith||mary|x.test, ||jdoe|example.org, Who?||one|y.test");
    EXPECT_EQ(listed("<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>"),
        "||boss|nil.test, Giant; \"Big\" Box||sysservices|example.net");
    EXPECT_EQ(listed("A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;"),
        "A Group:, Ed Jones||c|a.test, ||joe|where.test, John||jdoe|one.test, ;");
    EXPECT_EQ(listed("Undisclosed recipients:;"), "Undisclosed recipients:, ;");
    EXPECT_EQ(listed("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>"),
        "Pete||pete|silly.test");
    EXPECT_EQ(listed("(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;"),
        "Hidden recipients:, ;");
    EXPECT_EQ(listed("Joe Q. Public <john.q.public@example.com>"),
        "Joe Q. Public||john.q.public|example.com");
    EXPECT_EQ(listed("Mary Smith <@node.test:mary@example.net>, , jdoe@test   . example"),
        "Mary Smith|@node.test|mary|example.net, ||jdoe|test.example");
    EXPECT_EQ(listed("\"much.more unusual\"@example.com, x@[192.0.2.1]"),
        "||much.more unusual|example.com, ||x|[192.0.2.1]");
}

TEST(MimeAddress, MakesSenseOfBrokenOnes)
{
    EXPECT_EQ(listed("root"), "||root|");
    EXPECT_EQ(listed("Just A Name"), "Just A Name|||");
    EXPECT_EQ(listed("a@b.test (The Name)"), "The Name||a|b.test");
    EXPECT_EQ(listed("Some Name user@b.test"), "Some Name||user|b.test");
    EXPECT_EQ(listed("a@b.test <a@b.test>"), "a@b.test||a|b.test");
    EXPECT_EQ(listed("a@b.test; c@d.test"), "||a|b.test, ||c|d.test");
    EXPECT_EQ(listed("<a@b.test> <c@d.test>"), "||a|b.test, ||c|d.test");
    EXPECT_EQ(listed("X <a@b.test"), "X||a|b.test");
    EXPECT_EQ(listed("X <a b c>, d@e.test"), "X||a|, ||d|e.test");
    EXPECT_EQ(listed("\"never closed <a@b.test>"), "never closed||a|b.test");
    EXPECT_EQ(listed("(never closed a@b.test"), "never closed||a|b.test");
    EXPECT_EQ(listed("=?utf-8?Q?a,b:_<c>?= <a@b.test>"), "=?utf-8?Q?a,b:_<c>?=||a|b.test");
    EXPECT_EQ(listed("g: a@b.test, h: c@d.test"), "g:, ||a|b.test, ;, h:, ||c|d.test, ;");
    EXPECT_EQ(listed("\xC3\xA4 <\xC3\xA4@\xC3\xB6.test>"), "\xC3\xA4||\xC3\xA4|\xC3\xB6.test");
    EXPECT_EQ(listed(",;:,<>"), "|||");
    EXPECT_EQ(listed(""), "");
}

TEST(MimeAddress, TakesTimeInProportionToTheLength)
{
    for (std::string_view const piece :
        { "(", "\"", "<", "a,", "=?", "a:", "@", "<a@b>,", "(\"<" }) {
        std::string value;
        while (value.size() < 1'000'000)
            value += piece;
        auto const begin = std::chrono::steady_clock::now();
        parse_addresses(value);
        envelope_of("To: " + value);
        EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << piece;
    }
}

TEST(MimeHeader, KeepsTheFieldsBehindAStrayCarriageReturn)
{
    auto const names = [](std::string_view block) {
        std::string out;
        for (Fields fields(block); fields.next();)
            out.append(fields.field().name).append("|");
        return out;
    };
    EXPECT_EQ(names("A: 1\r2\nB: 3\nC: 4\n\n"), "A|B|C|");
    EXPECT_EQ(names("A: 1\r2\r\nB: 3\r\n\r\n"), "A|B|");
    EXPECT_EQ(names("A: 1\rB: 2\r\nC: 3\r\r"), "A|B|C|"); // lines of an old Macintosh
    EXPECT_EQ(names("A: 1\r 2\rB: 3\r\rbody: 4\r"), "A|B|");
}

TEST(MimeEnvelope, FillsInSenderAndReplyTo)
{
    EXPECT_EQ(envelope_of("From: A <a@b.test>\r\nTo: c@d.test\r\nSubject:  say \"hi\\\"\r\nDate: "
                          "today\r\nMessage-ID: <1@b>\r\n"
                          "In-Reply-To: <0@b>\r\nReply-To: \r\n\r\n"),
        R"(("today" "say \"hi\\\"" (("A" NIL "a" "b.test")) (("A" NIL "a" "b.test")) (("A" NIL "a" "b.test")) )"
        R"(((NIL NIL "c" "d.test")) NIL NIL "<0@b>" "<1@b>"))");
    EXPECT_EQ(envelope_of(""), "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
}

TEST(MimeEnvelope, JoinsRepeatedRecipientsButTakesTheFirstOfTheRest)
{
    EXPECT_EQ(envelope_of("To: a@x\nTo: b@x\nFrom: f@x\nFrom: g@x\nSubject: 1\nSubject: 2\n"),
        R"((NIL "1" ((NIL NIL "f" "x")) ((NIL NIL "f" "x")) ((NIL NIL "f" "x")) ((NIL NIL "a" "x")(NIL NIL "b" "x")) NIL NIL NIL NIL))");
}

TEST(MimeEnvelope, TellsEmptyFieldsFromMissingOnes)
{
    EXPECT_EQ(envelope_of("Date:\nSubject: \r\n \r\nIn-Reply-To: \t\nMessage-ID:\n"),
        R"(("" "" NIL NIL NIL NIL NIL NIL "" ""))");
    EXPECT_EQ(envelope_of("Subject: \nSubject: 2\nSubject:\nTo: \n"),
        R"((NIL "2" NIL NIL NIL NIL NIL NIL NIL NIL))");
}

TEST(MimeEnvelope, NeverHasNilWhereAGroupWouldBeRead)
{
    EXPECT_EQ(envelope_of("To: root, <@x>, g:;\n"),
        R"((NIL NIL NIL NIL NIL ((NIL NIL "root" "MISSING_DOMAIN")(NIL NIL "MISSING_MAILBOX" "x")(NIL NIL "g" NIL)(NIL NIL NIL NIL)) NIL NIL NIL NIL))");
}

TEST(MimeEnvelope, SendsLiteralsForWhatCannotBeQuoted)
{
    EXPECT_EQ(envelope_of("Subject: \xC3\xA4\n"),
        "(NIL {2}\r\n\xC3\xA4 NIL NIL NIL NIL NIL NIL NIL NIL)");
    std::string long_subject = "Subject: ";
    long_subject.append(2000, 's');
    auto const envelope = envelope_of(long_subject);
    EXPECT_NE(envelope.find("{2000}\r\n"), envelope.npos);
    std::string out;
    append_nstring(out, std::string_view("a\0b\n", 4));
    EXPECT_EQ(out, "{3}\r\nab\n");
}

TEST(MimeEnvelope, KeepsBoundsWithManyAddresses)
{
    std::string block = "To: g:";
    for (int i = 0; i < 20'000; ++i)
        block += "a@b.test,";
    auto const envelope = envelope_of(block + "\n");
    EXPECT_TRUE(tests::is_wire_list(envelope));
    EXPECT_LT(envelope.size(), 300'000U);
    EXPECT_NE(envelope.find("(NIL NIL NIL NIL))"), envelope.npos); // the group is still ended
}

TEST(MimeDate, ReadsDatesOfEveryKind)
{
    auto const is = [](std::string_view text, std::int64_t seconds, int zone) {
        auto const date = parse_date(text);
        ASSERT_TRUE(date) << text;
        EXPECT_EQ(date->seconds, seconds) << text;
        EXPECT_EQ(date->zone_minutes, zone) << text;
    };
    is("Fri, 21 Nov 1997 09:55:06 -0600", at(1997, 11, 21, 15, 55, 6), -360);
    is("Thu,\r\n      13\r\n        Feb\r\n  1969\r\n      23:32\r\n -0330 (Newfoundland Time)",
        at(1969, 2, 14, 3, 2, 0), -210);
    is("21 Nov 97 09:55:06 GMT", at(1997, 11, 21, 9, 55, 6), 0);
    is("Sun, 7 May 95 16:21:03 EDT", at(1995, 5, 7, 20, 21, 3), -240);
    is("1 Jan 03", at(2003, 1, 1, 0, 0, 0), 0);
    is("1 Jan 103 1:2:3 Z", at(2003, 1, 1, 1, 2, 3), 0);
    is("Tue Nov 12 09:12:42 2013", at(2013, 11, 12, 9, 12, 42), 0);
    is("Tue Nov 12 09:12:42 CET 2013", at(2013, 11, 12, 8, 12, 42), 60);
    is("12-Nov-2013 9:12 PM", at(2013, 11, 12, 21, 12, 0), 0);
    is("2013-11-12T09:12:42.123+01:30", at(2013, 11, 12, 7, 42, 42), 90);
    is("Wed, 20 Sep 1995 00:19:00 (EDT) -0400", at(1995, 9, 20, 4, 19, 0), -240);
    is("Fri, 23 Aug 2002 2:32:53 -0400", at(2002, 8, 23, 6, 32, 53), -240);
    is("31 Feb 2001 99:99:99 +0000", at(2001, 2, 28, 0, 0, 0), 0);
    is("Mon, 1 January 2024 00:00:60 +0000", at(2024, 1, 1, 0, 1, 0), 0);
}

TEST(MimeDate, RefusesWhatIsNone)
{
    for (auto const* text : { "", "yesterday", "12:00", "32 Jan 2001", "1 Jan", "Jan 2001",
             "1 Foo 2001", "99999999999999999999 Jan 1", "((((" })
        EXPECT_FALSE(parse_date(text)) << text;
    std::string far(300, ' ');
    far += "1 Jan 2001";
    EXPECT_FALSE(parse_date(far));
}

TEST(MimeDate, GivesTheDayInItsOwnZone)
{
    EXPECT_EQ(parse_date("1 Jan 1970 23:00 -0800")->local_day(), 0);
    EXPECT_EQ(parse_date("31 Dec 1969 23:00 +0000")->local_day(), -1);
    EXPECT_EQ(parse_date("2 Jan 1970 01:00 +0900")->local_day(), 1);
}

TEST(MimeContent, ReadsTypesAndParameters)
{
    auto const type
        = parse_content_type(" Text / HTML (a comment); charset = \"utf-8\" ; x=\"a\\\"b\" "
                             "format=flowed; name=My File (1).txt; ; =; y");
    EXPECT_EQ(type.type, "Text");
    EXPECT_EQ(type.subtype, "HTML");
    EXPECT_EQ(type.params,
        (Params { { "charset", "utf-8" }, { "x", "a\"b" }, { "format", "flowed" },
            { "name", "My File (1).txt" } }));
    EXPECT_EQ(parse_content_type("multipart/mixed; boundary=----=_Part:1/2").params[0].value,
        "----=_Part:1/2");
    EXPECT_EQ(parse_content_type("text/plain; charset=us-ascii (Plain text)").params[0].value,
        "us-ascii");
    EXPECT_EQ(parse_content_type("a/b; x=\"never closed").params[0].value, "never closed");
}

TEST(MimeContent, ReplacesTypesThatAreNone)
{
    auto const named = [](std::string_view value) {
        auto const type = parse_content_type(value);
        return type.type + "/" + type.subtype;
    };
    EXPECT_EQ(named(""), "text/plain");
    EXPECT_EQ(named("; charset=x"), "text/plain");
    EXPECT_EQ(named("text"), "text/plain");
    EXPECT_EQ(named("multipart; boundary=b"), "multipart/mixed");
    EXPECT_EQ(named("application-x-gzip"), "application/octet-stream");
    EXPECT_EQ(named("image/"), "application/octet-stream");
    EXPECT_EQ(named("\"text/html\""), "text/plain");
}

TEST(MimeContent, ReadsDispositionsAndTheRest)
{
    EXPECT_EQ(parse_disposition(" inline").kind, "inline");
    EXPECT_EQ(parse_disposition("; filename=x").kind, "attachment");
    EXPECT_EQ(parse_disposition("filename=x").params, (Params { { "filename", "x" } }));
    EXPECT_EQ(parse_disposition("").kind, "");
    EXPECT_EQ(parse_encoding(" (c) Base64 ; x"), "Base64");
    EXPECT_EQ(
        parse_languages("en, de (German) ,,fr"), (std::vector<std::string> { "en", "de", "fr" }));
}
