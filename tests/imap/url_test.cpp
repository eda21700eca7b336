// IMAP URLs and their tokens (RFC 5092, RFC 4467).
#include "protocol/imap/date_time.h"
#include "protocol/imap/url.h"
#include "protocol/imap/url_auth.h"

#include <gtest/gtest.h>

namespace mail::imap {
namespace {

    Result<ImapUrl> url_in(std::string_view text) { return parse_url(text, Agreement {}); }

    std::string section_of(ImapUrl const& url)
    {
        std::string text;
        append_section(text, url.section);
        return text;
    }

    TEST(ImapUrl, NamesAMessage)
    {
        auto const url = url_in("imap://joe@example.com/INBOX/;uid=20/;section=1.2");
        ASSERT_TRUE(url) << url.error().text();
        EXPECT_EQ(url->form, ImapUrl::Form::absolute);
        EXPECT_EQ(url->user, "joe");
        EXPECT_EQ(url->mailbox, "INBOX");
        EXPECT_EQ(url->uid, 20U);
        EXPECT_EQ(url->uid_validity, 0U);
        EXPECT_EQ(section_of(*url), "1.2");
        EXPECT_FALSE(url->partial || url->expires || url->access);
        EXPECT_EQ(url->rump,
            std::string_view("imap://joe@example.com/INBOX/;uid=20/;section=1.2").size());
    }

    TEST(ImapUrl, TakesAllFormsOfServersAndPaths)
    {
        struct Case {
            char const* text;
            ImapUrl::Form form;
            char const* user;
            char const* mailbox;
        };
        using Form = ImapUrl::Form;
        for (auto const& [text, form, user, mailbox] : {
                 Case { "IMAP://example.com/a/;UID=1", Form::absolute, "", "a" },
                 Case { "imap://joe%40x.org;AUTH=*@example.com:143/a/b;UIDVALIDITY=7/;UID=1",
                     Form::absolute, "joe@x.org", "a/b" },
                 Case { "imap://;AUTH=GSSAPI@[::1]:993/inbox/;UID=1", Form::absolute, "", "INBOX" },
                 Case { "/%E5%8F%B0%E5%8C%97/;UID=1", Form::absolute_path, "", "台北" },
                 Case { "/u%CC%88/;UID=1", Form::absolute_path, "", "ü" },
                 Case { "/a%3BUID=2/;UID=1", Form::absolute_path, "", "a;UID=2" },
                 Case { "/a&b=c@d:e+(f)/;UID=1", Form::absolute_path, "", "a&b=c@d:e+(f)" },
                 Case { "/x/../a/./b/;UID=1", Form::absolute_path, "", "a/b" },
                 Case { "/a/%2E%2E/b/;UID=1", Form::absolute_path, "", "a/../b" },
                 Case { ";UID=1", Form::in_mailbox, "", "" },
                 Case { ";uid=1/;Section=HEADER", Form::in_mailbox, "", "" },
             }) {
            auto const url = url_in(text);
            ASSERT_TRUE(url) << text << ": " << url.error().text();
            EXPECT_EQ(url->form, form) << text;
            EXPECT_EQ(url->user, user) << text;
            EXPECT_EQ(url->mailbox, mailbox) << text;
            EXPECT_EQ(url->uid, 1U) << text;
        }
    }

    TEST(ImapUrl, TakesSectionsAndRanges)
    {
        EXPECT_EQ(section_of(*url_in("/a/;UID=1/;SECTION=1.2.MIME")), "1.2.MIME");
        EXPECT_EQ(section_of(*url_in("/a/;UID=1/;SECTION=header.fields%20(Date%20From)")),
            "HEADER.FIELDS (Date From)");
        auto const ranged
            = url_in("/a;UIDVALIDITY=4294967295/;UID=4294967295/;SECTION=2/;PARTIAL=100.50");
        ASSERT_TRUE(ranged);
        EXPECT_EQ(ranged->uid_validity, 4294967295U);
        EXPECT_EQ(ranged->uid, 4294967295U);
        EXPECT_EQ(ranged->partial->offset, 100U);
        EXPECT_EQ(ranged->partial->octets, 50U);
        auto const open = url_in("/a/;UID=1/;PARTIAL=4096");
        ASSERT_TRUE(open);
        EXPECT_EQ(open->partial->offset, 4096U);
        EXPECT_EQ(open->partial->octets, UINT64_MAX);
    }

    TEST(ImapUrl, TakesAuthorization)
    {
        std::string const rump = "imap://joe@example.com/INBOX/;uid=20/;section=1.2"
                                 ";expire=2030-12-31T23:59:59Z;urlauth=submit+fred";
        auto const url = url_in(rump + ":internal:91354a473744909de610943775f92038");
        ASSERT_TRUE(url) << url.error().text();
        EXPECT_EQ(url->rump, rump.size());
        EXPECT_EQ(url->mechanism, "INTERNAL");
        EXPECT_EQ(url->token, "91354a473744909de610943775f92038");
        EXPECT_EQ(url->expires, 1924991999);
        ASSERT_TRUE(url->access);
        EXPECT_EQ(url->access->kind, UrlAccess::Kind::application);
        EXPECT_EQ(url->access->application, "submit");
        EXPECT_EQ(url->access->user, "fred");
        auto const only_rump = url_in(rump);
        ASSERT_TRUE(only_rump);
        EXPECT_EQ(only_rump->rump, rump.size());
        EXPECT_TRUE(only_rump->mechanism.empty());
        auto const access = [](std::string const& text) {
            return url_in("imap://joe@example.com/INBOX/;uid=20;URLAUTH=" + text)->access;
        };
        EXPECT_EQ(access("Anonymous")->kind, UrlAccess::Kind::anonymous);
        EXPECT_EQ(access("AUTHUSER")->kind, UrlAccess::Kind::authuser);
        EXPECT_EQ(access("user+bob%40example.org")->user, "bob@example.org");
        EXPECT_EQ(access("STREAM")->application, "stream");
        EXPECT_EQ(access("exampleapp3+x")->application, "exampleapp3");
    }

    TEST(ImapUrl, RefusesWhatNamesNoMessage)
    {
        for (auto const* text : { "", "/", "imap://", "imap://joe@example.com",
                 "imap://joe@example.com/", "imap://joe@example.com/INBOX", "/INBOX/",
                 "/INBOX;UIDVALIDITY=1", "/INBOX?SUBJECT%20x", "/INBOX/;UID=1?x", "/INBOX/;UID=1#x",
                 "INBOX/;UID=1", "//example.com/INBOX/;UID=1", "imaps://example.com/INBOX/;UID=1",
                 "http://example.com/INBOX/;UID=1", "/foo/;UID=20/..", ";SECTION=1", "/;UID=1",
                 "imap:///INBOX/;UID=1", "imap://@example.com/INBOX/;UID=1",
                 "imap://joe;x@example.com/INBOX/;UID=1", "imap://joe;AUTH=@example.com/a/;UID=1",
                 "imap://joe@example.com:x/a/;UID=1", "imap://joe@example.com:99999/a/;UID=1",
                 "imap://joe@exa mple.com/a/;UID=1", "imap://j oe@example.com/a/;UID=1" })
            EXPECT_FALSE(url_in(text)) << text;
    }

    TEST(ImapUrl, RefusesWhatIsWrittenWrongly)
    {
        for (auto const* text : { "/a/;UID=0", "/a/;UID=", "/a/;UID=x", "/a/;UID=-1", "/a/;UID=+1",
                 "/a/;UID=4294967296", "/a;UID=1", "/a/;UIDVALIDITY=1/;UID=1",
                 "/a;UIDVALIDITY=0/;UID=1", "/a;UIDVALIDITY=1;UID=1", "/a/;UID=1/;UID=2",
                 "/a/;UID=1;SECTION=1", "/a/;UID=1/;SECTION=", "/a/;UID=1/;SECTION=0",
                 "/a/;UID=1/;SECTION=1]", "/a/;UID=1/;SECTION=%5D",
                 "/a/;UID=1/;SECTION=HEADER.FIELDS", "/a/;UID=1/;SECTION=1/;SECTION=2",
                 "/a/;UID=1/;PARTIAL=", "/a/;UID=1/;PARTIAL=1.", "/a/;UID=1/;PARTIAL=1.0",
                 "/a/;UID=1/;PARTIAL=.1", "/a/;UID=1/;PARTIAL=-1",
                 "/a/;UID=1/;PARTIAL=1/;SECTION=1", "/a/;UID=1;PARTIAL=1", "/a/;UID=1/",
                 "/a/;UID=1/;COLOUR=1", "/a/;UID=1;", "/a%/;UID=1", "/a%4/;UID=1", "/a%4g/;UID=1",
                 "/a%0D/;UID=1", "/a%00/;UID=1", "/a%FF/;UID=1", "/a%C3/;UID=1", "/a b/;UID=1",
                 "/a\"/;UID=1", "/\xc3\xbc/;UID=1", "/a//b/;UID=1", "/a%2A/;UID=1", "/a%25/;UID=1",
                 "/a/;UID=SECTION=1", "/a/;UID=1/;SECTION=HEADER.FIELDS%20(%7B3%7D%0D%0Aabc" })
            EXPECT_FALSE(url_in(text)) << text;
        std::string const url = "imap://joe@h/a/;UID=1";
        for (auto const* text :
            { ";URLAUTH=", ";URLAUTH=nobody+", ";URLAUTH=user", ";URLAUTH=user+", ";URLAUTH=submit",
                ";URLAUTH=authuser+x", ";URLAUTH=anonymous+x", ";URLAUTH=a.b",
                "/;URLAUTH=anonymous", ";URLAUTH=anonymous:", ";URLAUTH=anonymous:internal",
                ";URLAUTH=anonymous:internal:", ";URLAUTH=anonymous:internal:0123",
                ";URLAUTH=anonymous:inte_rnal:91354a473744909de610943775f92038",
                ";URLAUTH=anonymous::91354a473744909de610943775f92038",
                ";URLAUTH=anonymous:internal:91354a473744909de610943775f9203g",
                ";URLAUTH=anonymous;EXPIRE=2030-12-31T23:59:59Z", ";EXPIRE=;URLAUTH=anonymous",
                ";EXPIRE=2030-12-31;URLAUTH=anonymous", ";EXPIRE=tomorrow;URLAUTH=anonymous",
                ";URLAUTH=anonymous;URLAUTH=anonymous", ";URLAUTH=anonymous/.." })
            EXPECT_FALSE(url_in(url + text)) << text;
    }

    TEST(ImapUrl, RangesCanBeSwitchedOff)
    {
        Agreement terms;
        terms.offered.reset(static_cast<std::size_t>(Capability::url_partial));
        EXPECT_FALSE(parse_url("/a/;UID=1/;PARTIAL=1.2", terms));
        EXPECT_TRUE(parse_url("/a/;UID=1/;SECTION=1", terms));
    }

    TEST(ImapUrl, TimestampsAreThoseOfRfc3339)
    {
        EXPECT_EQ(parse_timestamp("1985-04-12T23:20:50.52Z"), 482196050);
        EXPECT_EQ(parse_timestamp("1996-12-19T16:39:57-08:00"), 851042397);
        EXPECT_EQ(parse_timestamp("1990-12-31t23:59:60z"), 662688000);
        EXPECT_EQ(parse_timestamp("1937-01-01T12:00:27.87+00:20"), -1041337173);
        for (auto const* text : { "", "1985-04-12", "1985-04-12T23:20:50", "1985-04-12T23:20:50.Z",
                 "1985-02-30T23:20:50Z", "1985-04-12T24:20:50Z", "1985-04-12 23:20:50Z",
                 "1985-04-12T23:20:50+0100", "1985-04-12T23:20:50+24:00", "1985-04-12T23:20:50ZZ",
                 "-985-04-12T23:20:50Z" })
            EXPECT_FALSE(parse_timestamp(text)) << text;
    }

    TEST(ImapUrlAuth, TokensDependOnKeyAndUrl)
    {
        std::string const rump = "imap://joe@example.com/INBOX/;uid=20;URLAUTH=anonymous";
        std::string const key(32, 'k');
        auto const token = url_token(rump, key);
        EXPECT_EQ(token.size(), 66U);
        EXPECT_TRUE(token.starts_with("01"));
        EXPECT_TRUE(is_token_of(token, rump, key));
        auto upper = token;
        for (char& c : upper)
            c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        EXPECT_TRUE(is_token_of(upper, rump, key));
        EXPECT_FALSE(is_token_of(token, rump + "x", key));
        EXPECT_FALSE(is_token_of(token, "IMAP" + rump.substr(4), key)) << "case counts";
        EXPECT_FALSE(is_token_of(token, rump, std::string(32, 'l')));
        EXPECT_FALSE(is_token_of(token + "0", rump, key));
        EXPECT_FALSE(is_token_of(token.substr(0, 65), rump, key));
        EXPECT_FALSE(is_token_of("02" + token.substr(2), rump, key));
        EXPECT_FALSE(is_token_of("", rump, key));
        EXPECT_NE(random_url_key(), random_url_key());
        EXPECT_EQ(random_url_key().size(), 32U);
    }

    // RFC 4231, test case 2.
    TEST(ImapUrlAuth, TheAlgorithmIsHmacSha256)
    {
        EXPECT_EQ(url_token("what do ya want for nothing?", "Jefe"),
            "01"
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

} // namespace
} // namespace mail::imap
