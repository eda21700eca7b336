// COMPARATOR, and how SEARCH, SORT and THREAD compare by what it chose.
#include "protocol/imap/comparator.h"
#include "tests/support/transcript.h"

namespace mail::test {
namespace {

    TestMessage with_subject(std::string const& subject, std::string const& body = "x")
    {
        return { "From: " + subject + " <a@b>\r\nSubject: " + subject + "\r\n\r\n" + body
            + "\r\n" };
    }

    TEST(ImapComparator, PatternsFindComparators)
    {
        auto const names = [](std::string_view order) {
            auto const found = imap::find_comparators(order);
            if (!found)
                return std::string("bad");
            std::string all;
            for (auto const each : *found)
                all += imap::name_of(each) + " ";
            return all;
        };
        EXPECT_EQ("i;octet ", names("i;octet"));
        EXPECT_EQ("-i;octet ", names("-i;octet"));
        EXPECT_EQ("i;octet ", names("+i;octet"));
        EXPECT_EQ("i;unicode-casemap ", names("default"));
        EXPECT_EQ("-i;unicode-casemap ", names("-default"));
        EXPECT_EQ("i;unicode-casemap i;ascii-casemap i;octet ", names("*"));
        EXPECT_EQ("i;unicode-casemap i;ascii-casemap ", names("i;*casemap"));
        EXPECT_EQ("i;ascii-casemap ", names("*;a*s*map"));
        EXPECT_EQ("", names("i;ascii-numeric"));
        EXPECT_EQ("", names("cz;*"));
        EXPECT_EQ("", names("I;OCTET*x"));
        for (auto const* bad : { "", "-", "**", "i;**", "i octet", "1;x", ";x", "i;\xc3\xa4" })
            EXPECT_EQ("bad", names(bad)) << bad;
        EXPECT_EQ("bad", names(std::string(255, 'a')));
        EXPECT_EQ("", names(std::string(254, 'a')));
    }

    TEST(ImapComparator, TellsAndChanges)
    {
        Transcript imap { mailbox("INBOX") };
        imap.play(R"(
            C: a0 COMPARATOR
            S: a0 BAD *
        )");
        imap.login().play(R"(
            C: a1 COMPARATOR
            S: * COMPARATOR i;unicode-casemap
            S: a1 OK *
            C: a2 COMPARATOR "cz;*" i;octet "i;*casemap"
            S: * COMPARATOR i;octet (i;octet i;unicode-casemap i;ascii-casemap)
            S: a2 OK *
            C: a3 COMPARATOR
            S: * COMPARATOR i;octet
            S: a3 OK *
            C: a4 COMPARATOR "cz;*" i;basic
            S: a4 NO [BADCOMPARATOR] *
            C: a5 COMPARATOR (
            S: a5 BAD *
            C: a6 COMPARATOR -i;ascii-casemap
            S: * COMPARATOR -i;ascii-casemap
            S: a6 OK *
            C: a7 comparator default
            S: * COMPARATOR i;unicode-casemap
            S: a7 OK *
        )");
    }

    TEST(ImapComparator, SearchComparesByIt)
    {
        Transcript imap { mailbox("INBOX",
            { with_subject("=?utf-8?Q?=C3=89clair?=", "=C3=89clair"),
                with_subject("eclair", "Eclair"), with_subject("ECLAIR", "ECLAIR") }) };
        imap.login().select("INBOX");
        auto const finds = [&](std::string const& keys, std::string const& numbers) {
            imap.send("s SEARCH " + keys + "\r\n");
            imap.expect("* SEARCH" + numbers).expect("s OK *");
        };
        finds("SUBJECT clair", " 1 2 3");
        finds("SUBJECT \"\xc3\xa9\"", " 1");
        finds("FROM eclair", " 2 3");
        finds("BODY eclair", " 2 3");
        imap.send("c COMPARATOR i;ascii-casemap\r\n").expect("* COMPARATOR *").expect("c OK *");
        finds("SUBJECT clair", " 1 2 3");
        finds("SUBJECT \"\xc3\xa9\"", "");
        finds("SUBJECT \"\xc3\x89\"", " 1");
        finds("HEADER Subject ECLAIR", " 2 3");
        imap.send("c COMPARATOR i;octet\r\n").expect("* COMPARATOR *").expect("c OK *");
        finds("SUBJECT clair", " 1 2");
        finds("FROM ECLAIR", " 3");
        finds("BODY Eclair", " 2");
        finds("TEXT Eclair", " 2");
        finds("NOT SUBJECT eclair", " 1 3");
        finds("OR SUBJECT eclair SUBJECT ECLAIR", " 2 3");
    }

    TEST(ImapComparator, SortAndThreadCompareByIt)
    {
        Transcript imap { mailbox("INBOX",
            { with_subject("b"), with_subject("Re: a"), with_subject("B"),
                with_subject("=?utf-8?Q?=C3=A4?="), with_subject("A") }) };
        imap.login().select("INBOX").play(R"(
            C: a1 SORT (SUBJECT) UTF-8 ALL
            S: * SORT 2 5 4 1 3
            S: a1 OK *
            C: a2 THREAD ORDEREDSUBJECT UTF-8 ALL
            S: * THREAD (1 3)(2 5)(4)
            S: a2 OK *
            C: a3 COMPARATOR i;ascii-casemap
            S: * COMPARATOR i;ascii-casemap
            S: a3 OK *
            C: a4 SORT (SUBJECT) UTF-8 ALL
            S: * SORT 2 5 1 3 4
            S: a4 OK *
            C: a5 COMPARATOR i;octet
            S: * COMPARATOR i;octet
            S: a5 OK *
            C: a6 SORT (SUBJECT) UTF-8 ALL
            S: * SORT 5 3 2 1 4
            S: a6 OK *
            C: a7 SORT (DISPLAYFROM) UTF-8 1,3
            S: * SORT 3 1
            S: a7 OK *
            C: a8 THREAD ORDEREDSUBJECT UTF-8 ALL
            S: * THREAD (1)(2)(3)(4)(5)
            S: a8 OK *
            C: a9 THREAD REFERENCES UTF-8 ALL
            S: * THREAD (1)(2)(3)(4)(5)
            S: a9 OK *
            C: b1 COMPARATOR -i;unicode-casemap
            S: * COMPARATOR -i;unicode-casemap
            S: b1 OK *
            C: b2 SORT (SUBJECT) UTF-8 ALL
            S: * SORT 1 3 4 2 5
            S: b2 OK *
            C: b3 SORT (REVERSE SUBJECT) UTF-8 ALL
            S: * SORT 2 5 4 1 3
            S: b3 OK *
            C: b4 SORT (ARRIVAL) UTF-8 ALL
            S: * SORT 1 2 3 4 5
            S: b4 OK *
        )");
    }

    TEST(ImapComparator, MayBeSwitchedOff)
    {
        auto world = Transcript::make_world({ mailbox("INBOX") });
        world->settings.imap.capabilities_off = { "I18NLEVEL=2" };
        Transcript imap(world, {});
        imap.login().play(R"(
            C: a1 COMPARATOR
            S: a1 BAD Unknown command*
        )");
    }

} // namespace
} // namespace mail::test
