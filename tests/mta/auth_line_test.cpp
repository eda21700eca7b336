// The lines of the authentication protocol, each as Postfix and Exim send it, and each that is
// wrong.
#include "protocol/mta/auth_line.h"

#include <gtest/gtest.h>

using namespace std::string_literals;
using namespace std::string_view_literals;

namespace mail::mta {
namespace {

    template <class Line> Line parse(std::string_view line)
    {
        auto const parsed = parse_auth_line(line);
        if (auto const* wanted = std::get_if<Line>(&parsed))
            return *wanted;
        ADD_FAILURE() << "another line: " << line;
        return {};
    }

    TEST(AuthLine, ReadsWhatPostfixSends)
    {
        auto const begin = parse<AuthBegin>("AUTH\t7\tPLAIN\tservice=smtp\tnologin\tlip=192.0.2.1\t"
                                            "rip=198.51.100.7\trport=4711\tsecured\tresp=AGE=");
        EXPECT_EQ(begin.id, 7U);
        EXPECT_EQ(begin.mechanism, "PLAIN");
        EXPECT_EQ(begin.service, "smtp");
        EXPECT_EQ(begin.remote_address, "198.51.100.7");
        EXPECT_EQ(begin.remote_port, 4711);
        EXPECT_TRUE(begin.is_secured);
        EXPECT_EQ(begin.certified_name, "");
        EXPECT_EQ(begin.response, "AGE=");
        EXPECT_EQ(begin.problem, "");
        EXPECT_EQ(parse<AuthVersion>("VERSION\t1\t0").minor, 0U);
        EXPECT_EQ(parse<AuthVersion>("VERSION\t1\t2\tmore").major, 1U);
        parse<AuthIgnored>("CPID\t4711");
        parse<AuthIgnored>("CPID\tanything");
    }

    TEST(AuthLine, ReadsEveryParameterInAnyOrder)
    {
        auto const begin
            = parse<AuthBegin>("AUTH\t4294967295\tplain\tsecured=tls\tlocal_name=mx\tno-penalty\t"
                               "rip=2001:db8::1\tvalid-client-cert\tcert_username=al\001tice\t"
                               "final-resp-ok\tprotocol=smtp\tdebug\tlport=25\tdebug=\t\t=x");
        EXPECT_EQ(begin.id, 4294967295U);
        EXPECT_TRUE(begin.is_secured);
        EXPECT_EQ(begin.remote_address, "2001:db8::1");
        EXPECT_EQ(begin.certified_name, "al\tice");
        EXPECT_EQ(begin.service, "smtp");
        EXPECT_EQ(begin.response, std::nullopt);
        EXPECT_EQ(begin.problem, "");
    }

    TEST(AuthLine, BelievesACertificateOnlyWhenItIsValid)
    {
        EXPECT_EQ(
            parse<AuthBegin>("AUTH\t1\tEXTERNAL\tservice=smtp\tcert_username=alice").certified_name,
            "");
    }

    TEST(AuthLine, TakesNoAddressThatIsNone)
    {
        for (auto const* address : { "local", "192.0.2.0/24", "192.0.2", "", "::g", "a\tb" })
            EXPECT_EQ(
                parse<AuthBegin>("AUTH\t1\tPLAIN\tservice=smtp\trip="s + address).remote_address,
                "")
                << address;
        EXPECT_EQ(parse<AuthBegin>("AUTH\t1\tPLAIN\tservice=smtp\trport=65536").remote_port, 0);
    }

    TEST(AuthLine, TakesTheResponseAsAllThatFollows)
    {
        EXPECT_EQ(parse<AuthBegin>("AUTH\t1\tPLAIN\tservice=smtp\tresp=").response, "");
        EXPECT_EQ(parse<AuthBegin>("AUTH\t1\tPLAIN\tservice=smtp\tresp==").response, "=");
        // A client of the MTA that gets a TAB through must not become "secured".
        auto const smuggled
            = parse<AuthBegin>("AUTH\t1\tPLAIN\tservice=smtp\tresp=AGE=\tsecured\trip=192.0.2.1");
        EXPECT_FALSE(smuggled.is_secured);
        EXPECT_EQ(smuggled.remote_address, "");
        EXPECT_EQ(smuggled.problem, "The response holds a TAB: resp= comes last");
    }

    TEST(AuthLine, TellsWhatARequestLacks)
    {
        EXPECT_EQ(parse<AuthBegin>("AUTH\t1\tPLAIN").problem, "AUTH names no service");
        EXPECT_EQ(parse<AuthBegin>("AUTH\t1\tPLAIN\tservice=").problem, "AUTH names no service");
        EXPECT_EQ(parse<AuthBegin>("AUTH\t1").problem, "AUTH names no mechanism");
        EXPECT_EQ(parse<AuthBegin>("AUTH\t1\t\tservice=smtp").problem, "AUTH names no mechanism");
    }

    TEST(AuthLine, BreaksOffWhereNoRequestIsNamed)
    {
        for (auto const line :
            { ""sv, "AUTH"sv, "AUTH\t"sv, "AUTH\tx\tPLAIN"sv, "AUTH\t4294967296\tPLAIN"sv,
                "AUTH\t-1\tPLAIN"sv, "AUTH\t1x\tPLAIN"sv, "auth\t1\tPLAIN"sv, "VERSION"sv,
                "VERSION\t1"sv, "VERSION\tone\t0"sv, "CONT"sv, "CONT\tx\t"sv, "CONT\t1\ta\tb"sv,
                "CANCEL"sv, "CANCEL\t"sv, "CANCEL\t1\t2"sv, "MASTER\t1"sv, "EHLO there"sv })
            EXPECT_NE(parse<AuthBroken>(line).why, "") << line;
    }

    TEST(AuthLine, ReadsContinuations)
    {
        auto const next = parse<AuthContinue>("CONT\t3\tYWJj");
        EXPECT_EQ(next.id, 3U);
        EXPECT_EQ(next.response, "YWJj");
        EXPECT_EQ(parse<AuthContinue>("CONT\t3\t").response, "");
        EXPECT_EQ(parse<AuthContinue>("CONT\t3").response, "");
        EXPECT_EQ(parse<AuthCancel>("CANCEL\t3").id, 3U);
    }

    TEST(AuthLine, EscapesWhatWouldEndAField)
    {
        std::string out = "x";
        append_tab_escaped(out, "a\0b\1c\td\re\nf"sv);
        EXPECT_EQ(out, "xa\0010b\0011c\001td\001re\001nf");
        EXPECT_EQ(tab_unescaped(out.substr(1)), "a\0b\1c\td\re\nf"sv);
        EXPECT_EQ(tab_unescaped("\001x\001"), "x\001") << "any other octet is itself";
        EXPECT_EQ(tab_unescaped(""), "");
    }

} // namespace
} // namespace mail::mta
