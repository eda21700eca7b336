// The program of SEARCH: grammar, limits, order of evaluation, and single keys against known facts.
#include "protocol/imap/parser.h"
#include "protocol/imap/search_key.h"
#include "protocol/imap/search_match.h"
#include "protocol/imap/search_text.h"
#include "protocol/mime/search_fields.h"

#include <gtest/gtest.h>

namespace mail::imap {
namespace {

    using storage::Uid;

    Result<SearchProgram> parse(std::string_view text, std::string_view charset = {})
    {
        Parser in(text);
        auto program = parse_search_keys(in, charset);
        return in.finish(std::move(program));
    }

    session::UidMap map_of(std::initializer_list<std::uint32_t> uids)
    {
        storage::UidSet set;
        for (auto const uid : uids)
            set.add(Uid { uid });
        return session::UidMap(set);
    }

    /// What is known of the one message that the keys are tried on: UID 30, the third of 10, 20,
    /// 30, 40.
    struct Message {
        storage::HotRecord hot { .uid = Uid { 30 } };
        std::string header;
        std::vector<std::string> keywords { "$Forwarded", "work" };

        char match(std::string_view keys, Evidence evidence = Evidence::header,
            std::vector<bool> const* found = nullptr) const
        {
            auto program = parse(keys);
            if (!program)
                return 'B';
            if (auto const ready = make_ready(*program, map_of({ 10, 20, 30, 40 }), keywords);
                !ready)
                return 'R';
            auto const read = mime::read_header_keys(header);
            auto const fields = mime::encode_search_fields(read);
            auto sent_hot = hot;
            if (read.sent)
                sent_hot.sent = { read.sent->seconds, read.sent->zone_minutes };
            Known known { sent_hot };
            if (evidence >= Evidence::cold)
                known.fields.emplace(fields);
            if (evidence >= Evidence::header)
                known.header = header;
            known.found = found;
            switch (imap::match(program->root, known)) {
            case Truth::no:
                return '0';
            case Truth::yes:
                return '1';
            case Truth::unknown:
                return '?';
            }
            return '!';
        }
    };

    TEST(ImapSearchKey, RefusesWhatIsNoKey)
    {
        for (auto const* keys : { "", " ", "FOO", "FROM", "FROM ", "FROM a b", "KEYWORD",
                 "KEYWORD (a)", "LARGER", "LARGER x", "LARGER -1", "ON", "ON 32-Jan-2020",
                 "ON 1-Foo-2020", "SINCE 1-Jan", "HEADER a", "OR", "OR SEEN", "OR SEEN ", "NOT",
                 "NOT ", "(", "()", "(SEEN", "SEEN)", "(SEEN))", "UID", "UID x", "UID 0", "0", "1:",
                 "1,", "MODSEQ", "MODSEQ x", "MODSEQ \"/flags/a\" 1", "MODSEQ \"/flags/a\" none 1",
                 "SEEN SEEN FOO", "SEEN,SEEN", "NOTSEEN", "FROM {3}\r\nab" })
            EXPECT_FALSE(parse(keys)) << keys;
    }

    TEST(ImapSearchKey, BoundsNestingAndNumberOfKeys)
    {
        EXPECT_TRUE(parse(std::string(100, '(') + "SEEN" + std::string(100, ')')));
        auto const deep = parse(std::string(101, '(') + "SEEN" + std::string(101, ')'));
        ASSERT_FALSE(deep);
        EXPECT_EQ("LIMIT", deep.error().code().text());
        std::string left_nested;
        for (int i = 0; i < 20'000; ++i)
            left_nested += "OR ";
        EXPECT_FALSE(parse(left_nested + "SEEN"));
        std::string many;
        for (int i = 0; i < 5000; ++i)
            many += "SEEN ";
        EXPECT_TRUE(parse(many));
        auto const too_many = parse(many + "SEEN");
        ASSERT_FALSE(too_many);
        EXPECT_EQ("LIMIT", too_many.error().code().text());
    }

    TEST(ImapSearchKey, LongChainsOfOrAndNotNeedNoDepth)
    {
        std::string chain, negations;
        for (int i = 0; i < 2000; ++i) {
            chain += "OR UID " + std::to_string(i + 1) + " ";
            negations += "NOT ";
        }
        auto const program = parse(chain + "SEEN");
        ASSERT_TRUE(program);
        ASSERT_EQ(1u, program->root.keys.size());
        EXPECT_EQ(2001u, program->root.keys[0].keys.size());
        Message message;
        EXPECT_EQ('0', message.match(negations + "SEEN"));
        EXPECT_EQ('1', message.match("NOT " + negations + "SEEN"));
    }

    TEST(ImapSearchKey, FlagsAndKeywords)
    {
        Message message;
        message.hot.flags.system = storage::Flags::seen | storage::Flags::draft;
        message.hot.flags.keywords[0] = 2;
        for (auto const* yes :
            { "ALL", "SEEN", "seen", "DRAFT", "UNANSWERED", "UNDELETED", "UNFLAGGED", "OLD",
                "KEYWORD work", "KEYWORD WORK", "UNKEYWORD $forwarded", "UNKEYWORD unknown",
                "NOT NEW", "NOT RECENT", "(SEEN DRAFT)", "OR FLAGGED SEEN", "NOT (SEEN FLAGGED)",
                "SEEN  DRAFT ", "NOT OR FLAGGED DELETED", "OR (SEEN DRAFT) FLAGGED" })
            EXPECT_EQ('1', message.match(yes)) << yes;
        for (auto const* no : { "UNSEEN", "UNDRAFT", "ANSWERED", "DELETED", "FLAGGED", "NEW",
                 "RECENT", "KEYWORD $Forwarded", "KEYWORD unknown", "UNKEYWORD work",
                 "SEEN FLAGGED", "NOT (SEEN DRAFT)", "NOT ALL" })
            EXPECT_EQ('0', message.match(no)) << no;
    }

    TEST(ImapSearchKey, Sets)
    {
        Message message;
        for (auto const* yes : { "3", "1:3", "3:1", "2:*", "*:1", "UID 30", "UID 25:35", "UID 1:*",
                 "NOT 4", "1,3", "UID 30 3", "3:3000" })
            EXPECT_EQ('1', message.match(yes)) << yes;
        for (auto const* no : { "4", "*", "1:2", "UID 3", "UID 40:*", "UID *", "UID 31:39", "NOT 3",
                 "UID 99", "NOT UID 1:99", "UID 300:*" })
            EXPECT_EQ('0', message.match(no)) << no;
        EXPECT_EQ('R', message.match("5"));
        EXPECT_EQ('R', message.match("NOT 5:6"));
    }

    TEST(ImapSearchKey, SizesAndModSeqs)
    {
        Message message;
        message.hot.size = 1000;
        message.hot.mod_seq = storage::ModSeq { 77 };
        for (auto const* yes : { "LARGER 999", "SMALLER 1001", "LARGER 0", "MODSEQ 77", "MODSEQ 0",
                 "MODSEQ \"/flags/\\\\draft\" all 70", "NOT MODSEQ 78" })
            EXPECT_EQ('1', message.match(yes)) << yes;
        for (auto const* no :
            { "LARGER 1000", "SMALLER 1000", "MODSEQ 78", "LARGER 9223372036854775807" })
            EXPECT_EQ('0', message.match(no)) << no;
    }

    TEST(ImapSearchKey, DatesDisregardTimeAndZone)
    {
        Message message; // 23:30 on the 14th in its own zone, the 15th in UTC
        message.hot.internal_date = { 1'594'780'200, -180 }; // 2020-07-15 02:30:00 UTC
        message.header = "Date: Tue, 30 Jun 2020 00:30:00 +0200\r\n\r\n";
        for (auto const* yes :
            { "ON 14-Jul-2020", "ON \"14-Jul-2020\"", "SINCE 14-Jul-2020", "BEFORE 15-Jul-2020",
                "NOT BEFORE 14-Jul-2020", "NOT ON 15-Jul-2020", "SENTON 30-Jun-2020",
                "SENTSINCE 30-Jun-2020", "SENTBEFORE 1-Jul-2020", "NOT SENTON 29-Jun-2020" })
            EXPECT_EQ('1', message.match(yes)) << yes;
        for (auto const* no : { "SINCE 15-Jul-2020", "BEFORE 14-Jul-2020", "SENTBEFORE 30-Jun-2020",
                 "SENTSINCE 1-Jul-2020" })
            EXPECT_EQ('0', message.match(no)) << no;
        message.header = "Subject: no date\r\n\r\n";
        for (auto const* no :
            { "SENTON 30-Jun-2020", "SENTSINCE 1-Jan-1970", "SENTBEFORE 1-Jan-2030" })
            EXPECT_EQ('0', message.match(no)) << no;
    }

    TEST(ImapSearchKey, FieldsAreDecodedAndComparedWithoutCase)
    {
        Message message;
        message.header = "From: =?utf-8?q?J=C3=BCrgen_M=C3=BCller?= <jm@example.org>\r\nTo: "
                         "a@example.org,\r\n bob@example.net\r\n"
                         "Cc: Carol <c@example.com>\r\nSubject: =?iso-8859-1?q?Stra=DFe?= nach "
                         "Rom\r\nX-Tag: One\r\nX-Tag: Two words\r\n"
                         "Message-ID: <Id.1@example.org>\r\nX-Empty:\r\n\r\n";
        for (auto const* yes : { "FROM \"J\xc3\xbcrgen\"", "FROM \"J\xc3\x9cRGEN\"",
                 "FROM jm@EXAMPLE.org", "TO bob", "TO \"a@example\"", "CC carol",
                 "SUBJECT \"stra\xc3\x9f"
                 "e\"",
                 "SUBJECT \"STRA\xc3\x9f"
                 "E\"",
                 "SUBJECT \"\"", "HEADER X-Tag two", "HEADER x-tag \"\"", "HEADER X-Empty \"\"",
                 "HEADER Message-ID <id.1@example.org>", "HEADER Subject Rom",
                 "HEADER FROM m\xc3\xbcller", "NOT BCC \"x\"", "HEADER BCC \"\" OR ALL ALL",
                 "NOT HEADER X-Other \"\"" }) {
            if (std::string_view(yes).starts_with("HEADER BCC"))
                EXPECT_EQ('0', message.match(yes)) << yes; // there is no such field
            else
                EXPECT_EQ('1', message.match(yes)) << yes;
        }
        for (auto const* no :
            { "FROM bob", "TO carol", "CC alice", "SUBJECT Roma", "HEADER X-Tag three",
                "HEADER X-Empty x", "HEADER X-Ta \"\"", "BCC x", "HEADER To carol" })
            EXPECT_EQ('0', message.match(no)) << no;
    }

    TEST(ImapSearchKey, PatternsAreInTheirCharset)
    {
        Message message;
        auto const latin = parse("SUBJECT {6}\r\nStra\xdf"
                                 "e",
            "ISO-8859-1");
        ASSERT_TRUE(latin);
        EXPECT_EQ("STRA\xc3\x9f"
                  "E",
            latin->root.keys.at(0).text);
        EXPECT_EQ("STRA\xc3\x9f"
                  "E",
            parse("SUBJECT \"Stra\xc3\x9f"
                  "e\"",
                "utf-8")
                ->root.keys.at(0)
                .text);
        EXPECT_EQ("STRA\xc3\x9f"
                  "E",
            parse("SUBJECT \"Stra\xdf"
                  "e\"")
                ->root.keys.at(0)
                .text);
    }

    TEST(ImapSearchKey, CheapEvidenceDecidesWhereItSuffices)
    {
        Message message;
        message.hot.flags.system = storage::Flags::seen;
        message.header = "From: alice@example.org\r\n\r\n";
        EXPECT_EQ('0', message.match("BODY x UNSEEN", Evidence::hot));
        EXPECT_EQ('1', message.match("OR BODY x SEEN", Evidence::hot));
        EXPECT_EQ('0', message.match("NOT (OR TEXT x SEEN)", Evidence::hot));
        EXPECT_EQ('?', message.match("FROM alice SEEN", Evidence::hot));
        EXPECT_EQ('?', message.match("NOT FROM alice", Evidence::hot));
        EXPECT_EQ('?', message.match("OR BODY x FROM bob", Evidence::cold));
        EXPECT_EQ('1', message.match("OR BODY x FROM alice", Evidence::cold));
        EXPECT_EQ('?', message.match("HEADER X-A b", Evidence::cold));
        EXPECT_EQ('?', message.match("BODY x", Evidence::header));
        std::vector<bool> const found { true, false };
        EXPECT_EQ('1', message.match("BODY x NOT TEXT y", Evidence::header, &found));
        EXPECT_EQ('0', message.match("BODY x TEXT y", Evidence::header, &found));
    }

    TEST(ImapSearchKey, DearKeysComeLast)
    {
        auto program = parse("TEXT a HEADER X b FROM c SEEN (BODY d FLAGGED)");
        ASSERT_TRUE(program);
        ASSERT_TRUE(make_ready(*program, map_of({ 1 }), {}));
        std::vector<Evidence> order;
        for (auto const& key : program->root.keys)
            order.push_back(key.needs);
        EXPECT_TRUE(std::ranges::is_sorted(order));
        EXPECT_EQ(SearchKey::Kind::flag, program->root.keys.front().kind);
        EXPECT_EQ(2u, program->patterns.size());
        EXPECT_TRUE(program->needs(Evidence::header));
    }

    TEST(ImapSearchKey, SetsNarrowWhatIsLookedAt)
    {
        auto const map = map_of({ 10, 20, 30, 40 });
        auto const look = [&](std::string_view keys) {
            auto program = parse(keys);
            EXPECT_TRUE(make_ready(*program, map, {}));
            std::string text;
            candidates(*program, map.uids()).for_each([&](Uid uid) {
                text += std::to_string(uid.value) + " ";
            });
            return text;
        };
        EXPECT_EQ("10 20 30 40 ", look("SEEN"));
        EXPECT_EQ("20 30 ", look("2:3 BODY x"));
        EXPECT_EQ("30 ", look("(UID 30:99 SEEN) 1:3"));
        EXPECT_EQ("10 20 30 40 ", look("NOT 2"));
        EXPECT_EQ("10 20 30 40 ", look("OR 2 3"));
    }

} // namespace
} // namespace mail::imap
