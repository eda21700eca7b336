// The program of SEARCH: grammar, limits, order of evaluation, and single keys against known facts.
#include "protocol/imap/parser.h"
#include "protocol/imap/search_match.h"
#include "protocol/imap/search_parser.h"
#include "protocol/imap/search_program.h"
#include "protocol/imap/search_target.h"
#include "protocol/imap/search_text.h"
#include "protocol/mime/search_fields.h"

#include <gtest/gtest.h>

#include <map>

namespace mail::imap {
namespace {

    using storage::Uid;

    Agreement all_terms()
    {
        Agreement terms;
        terms.offered.set();
        return terms;
    }
    Agreement const everything = all_terms();

    Result<SearchProgram> parse(std::string_view text, std::string_view charset = {})
    {
        Parser in(text, everything);
        SearchGrammar grammar;
        grammar.charset = charset;
        auto program = parse_search_keys(in, grammar);
        return in.finish(std::move(program));
    }

    SearchTarget target_with(std::initializer_list<std::uint32_t> uids)
    {
        storage::UidSet set;
        for (auto const uid : uids)
            set.add(Uid { uid });
        SearchTarget target;
        target.map = std::make_shared<session::UidMap const>(set);
        target.saved.add(Uid { 30 });
        return target;
    }

    constexpr std::int64_t now = 1'800'000'000;

    /// What is known of the one message that the keys are tried on: UID 30, the third of 10, 20,
    /// 30, 40.
    struct Message {
        storage::HotRecord hot { .uid = Uid { 30 } };
        std::string header;
        std::vector<std::string> keywords { "$Forwarded", "work" };

        char match(std::string_view keys, Evidence evidence = Evidence::header,
            std::vector<std::uint8_t> const* found = nullptr) const
        {
            auto program = parse(keys);
            if (!program)
                return 'B';
            make_ready(*program, target_with({ 10, 20, 30, 40 }), keywords, now);
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
            storage::ColdRecord cold;
            cold.email_id.value = 0xabc;
            cold.thread_id = 7;
            if (evidence >= Evidence::cold)
                known.cold = &cold;
            if (found)
                known.found = *found;
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

    TEST(ImapSearchProgram, RefusesWhatIsNoKey)
    {
        for (auto const* keys : { "", " ", "FOO", "FROM", "FROM ", "FROM a b", "KEYWORD",
                 "KEYWORD (a)", "LARGER", "LARGER x", "LARGER -1", "ON", "ON 32-Jan-2020",
                 "ON 1-Foo-2020", "SINCE 1-Jan", "HEADER a", "OR", "OR SEEN", "OR SEEN ", "NOT",
                 "NOT ", "(", "()", "(SEEN", "SEEN)", "(SEEN))", "UID", "UID x", "UID 0", "0", "1:",
                 "1,", "MODSEQ", "MODSEQ x", "MODSEQ \"/flags/a\" 1", "MODSEQ \"/flags/a\" none 1",
                 "SEEN SEEN FOO", "SEEN,SEEN", "NOTSEEN", "FROM {3}\r\nab" })
            EXPECT_FALSE(parse(keys)) << keys;
    }

    TEST(ImapSearchProgram, BoundsNestingAndNumberOfKeys)
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

    TEST(ImapSearchProgram, LongChainsOfOrAndNotNeedNoDepth)
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

    TEST(ImapSearchProgram, FlagsAndKeywords)
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

    TEST(ImapSearchProgram, Sets)
    {
        Message message;
        for (auto const* yes : { "3", "1:3", "3:1", "2:*", "*:1", "UID 30", "UID 25:35", "UID 1:*",
                 "NOT 4", "1,3", "UID 30 3", "3:3000" })
            EXPECT_EQ('1', message.match(yes)) << yes;
        for (auto const* no : { "4", "*", "1:2", "UID 3", "UID 40:*", "UID *", "UID 31:39", "NOT 3",
                 "UID 99", "NOT UID 1:99", "UID 300:*" })
            EXPECT_EQ('0', message.match(no)) << no;
        // Beyond the last message there is nothing, and that is no error (RFC 7377 §2).
        EXPECT_EQ('0', message.match("5"));
        EXPECT_EQ('1', message.match("NOT 5:6"));
        for (auto const* saved : { "$", "UID $", "$,1", "OR 4 $" })
            EXPECT_EQ('1', message.match(saved)) << saved;
    }

    TEST(ImapSearchProgram, SizesAndModSeqs)
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

    TEST(ImapSearchProgram, DatesDisregardTimeAndZone)
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

    TEST(ImapSearchProgram, FieldsAreDecodedAndComparedWithoutCase)
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

    TEST(ImapSearchProgram, PatternsAreInTheirCharset)
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

    TEST(ImapSearchProgram, CheapEvidenceDecidesWhereItSuffices)
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
        std::vector<std::uint8_t> const found { 100, 0 };
        EXPECT_EQ('1', message.match("BODY x NOT TEXT y", Evidence::header, &found));
        EXPECT_EQ('0', message.match("BODY x TEXT y", Evidence::header, &found));
    }

    TEST(ImapSearchProgram, DearKeysComeLast)
    {
        auto program = parse("TEXT a HEADER X b FROM c SEEN (BODY d FLAGGED)");
        ASSERT_TRUE(program);
        make_ready(*program, target_with({ 1 }), {}, now);
        std::vector<Evidence> order;
        for (auto const& key : program->root.keys)
            order.push_back(key.needs);
        EXPECT_TRUE(std::ranges::is_sorted(order));
        EXPECT_EQ(SearchKey::Kind::flag, program->root.keys.front().kind);
        EXPECT_EQ(2u, program->patterns.size());
        EXPECT_TRUE(program->needs(Evidence::header));
    }

    TEST(ImapSearchProgram, SetsNarrowWhatIsLookedAt)
    {
        auto const target = target_with({ 10, 20, 30, 40 });
        auto const look = [&](std::string_view keys) {
            auto program = parse(keys);
            make_ready(*program, target, {}, now);
            std::string text;
            candidates(*program, target.map->uids()).for_each([&](Uid uid) {
                text += std::to_string(uid.value) + " ";
            });
            return text;
        };
        EXPECT_EQ("10 20 30 40 ", look("SEEN"));
        EXPECT_EQ("20 30 ", look("2:3 BODY x"));
        EXPECT_EQ("30 ", look("(UID 30:99 SEEN) 1:3"));
        EXPECT_EQ("10 20 30 40 ", look("NOT 2"));
        EXPECT_EQ("10 20 30 40 ", look("OR 2 3"));
        EXPECT_EQ("30 40 ", look("UIDAFTER 20"));
        EXPECT_EQ("10 ", look("UIDBEFORE 20"));
        EXPECT_EQ("", look("UIDBEFORE 1"));
        EXPECT_EQ("", look("UIDAFTER 4294967295"));
        EXPECT_EQ("30 ", look("$ ALL"));
    }

    TEST(ImapSearchProgram, TimesAndIds)
    {
        Message message;
        message.hot.internal_date = { now - 3600, 0 };
        message.hot.save_date = 1'594'780'200; // 2020-07-15 02:30:00 UTC
        for (auto const* yes : { "OLDER 3600", "YOUNGER 3600", "OLDER 1", "YOUNGER 4294967295",
                 "NOT OLDER 3601", "SAVEDON 15-Jul-2020", "SAVEDSINCE 15-Jul-2020",
                 "SAVEDBEFORE 16-Jul-2020", "SAVEDATESUPPORTED", "EMAILID Mabc", "THREADID T7",
                 "NOT EMAILID Mdef", "NOT EMAILID nonsense", "UIDAFTER 29", "UIDBEFORE 31" })
            EXPECT_EQ('1', message.match(yes)) << yes;
        for (auto const* no : { "OLDER 3601", "YOUNGER 3599", "SAVEDON 14-Jul-2020",
                 "SAVEDBEFORE 15-Jul-2020", "SAVEDSINCE 16-Jul-2020", "EMAILID MABC", "EMAILID T7",
                 "THREADID T8", "THREADID x", "UIDAFTER 30", "UIDBEFORE 30" })
            EXPECT_EQ('0', message.match(no)) << no;
        for (auto const* bad :
            { "OLDER", "OLDER 0", "YOUNGER x", "YOUNGER -1", "SAVEDON", "EMAILID", "EMAILID (a)",
                "THREADID \"T7\"", "UIDAFTER", "UIDAFTER *", "UIDAFTER 0", "UIDBEFORE 1:2" })
            EXPECT_FALSE(parse(bad)) << bad;
        EXPECT_TRUE(parse("OLDER 5")->depends_on_time);
        EXPECT_FALSE(parse("BEFORE 1-Jan-2020")->depends_on_time);
    }

    TEST(ImapSearchProgram, BindsAgainWhatMayChange)
    {
        auto program = parse("OR 1 $ UID 20:* KEYWORD new YOUNGER 10");
        ASSERT_TRUE(program);
        make_ready(*program, target_with({ 10, 20, 30 }), {}, now);
        storage::HotRecord hot { .uid = Uid { 30 } };
        hot.internal_date.seconds = now + 100;
        EXPECT_EQ(Truth::no, match(program->root, { hot })); // there is no such keyword
        hot.flags.keywords[0] = 1;
        std::vector<std::string> const keywords { "NEW" };
        auto later = target_with({ 20, 30, 40 });
        later.saved = {};
        make_ready(*program, later, keywords, now + 105, Binding::all_but_numbers);
        EXPECT_EQ(Truth::yes, match(program->root, { hot })); // "$" and 1 are what they were
        make_ready(*program, later, keywords, now + 111, Binding::all_but_numbers);
        EXPECT_EQ(Truth::no, match(program->root, { hot })); // but time went on
        make_ready(*program, later, keywords, now + 105, Binding::everything);
        EXPECT_EQ(Truth::no, match(program->root, { hot }));
    }

    TEST(ImapSearchProgram, NamesNoNumbersWithUidsOnly)
    {
        auto terms = everything;
        terms.enabled.set(static_cast<std::size_t>(Capability::uidonly));
        auto const code = [&](std::string_view keys) {
            Parser in(keys, terms);
            parse_search_keys(in, {});
            auto const read = in.finish();
            return read ? "" : read.error().code().text();
        };
        EXPECT_EQ("UIDREQUIRED", code("1:100 SEEN"));
        EXPECT_EQ("UIDREQUIRED", code("NOT (SEEN *)"));
        EXPECT_EQ("", code("UID 1:*"));
        EXPECT_EQ("", code("$"));
        EXPECT_EQ("UIDREQUIRED", code("$,1"));
    }

    TEST(ImapSearchProgram, FuzzyKeysTolerateSlips)
    {
        Message message;
        message.header = "Subject: The broken IMAP server of Gothenburg\r\n"
                         "X-Place: Gotenburg\r\n\r\n";
        message.hot.size = 1000;
        message.hot.internal_date = { 1'594'780'200, 0 };
        for (auto const* yes : { "FUZZY SUBJECT \"IMAP broke\"", "FUZZY SUBJECT gothemburg",
                 "FUZZY (SUBJECT \"imap nothing\")", "NOT FUZZY SUBJECT sendmail",
                 "FUZZY HEADER X-Place Gothenburg", "FUZZY LARGER 1200", "FUZZY SMALLER 900",
                 "FUZZY SINCE 20-Jul-2020", "FUZZY ON 10-Jul-2020", "FUZZY OR SEEN SUBJECT servr",
                 "FUZZY NOT FUZZY SEEN" })
            EXPECT_EQ('1', message.match(yes)) << yes;
        for (auto const* no :
            { "SUBJECT gothemburg", "FUZZY SUBJECT xyz", "FUZZY SUBJECT imp", "FUZZY LARGER 2000",
                "FUZZY SINCE 23-Jul-2020", "FUZZY SEEN", "FUZZY SUBJECT \"imap nothing else\"" })
            EXPECT_EQ('0', message.match(no)) << no;
        EXPECT_FALSE(parse("FUZZY"));
        EXPECT_TRUE(parse("FUZZY SEEN")->is_fuzzy);
        EXPECT_FALSE(parse("SEEN")->is_fuzzy);
    }

    TEST(ImapSearchProgram, RelevancyIsOfTheFuzzyKeys)
    {
        auto const relevancy_of = [](std::string_view keys, std::string_view subject) {
            auto program = parse(keys);
            make_ready(*program, target_with({ 30 }), {}, now);
            auto const blob = mime::encode_search_fields(
                mime::read_header_keys("Subject: " + std::string(subject) + "\n"));
            storage::HotRecord const hot { .uid = Uid { 30 } };
            Known known { hot };
            known.fields.emplace(blob);
            EXPECT_EQ(Truth::yes, match(program->root, known)) << keys;
            return relevancy(*program, known);
        };
        EXPECT_EQ(100U, relevancy_of("FUZZY SUBJECT \"two words\"", "these two words"));
        EXPECT_EQ(95U, relevancy_of("FUZZY SUBJECT \"two words\"", "words, two"));
        EXPECT_EQ(71U, relevancy_of("FUZZY SUBJECT \"two words\"", "two wurds"));
        EXPECT_EQ(47U, relevancy_of("FUZZY SUBJECT words", "wors"));
        EXPECT_EQ(47U, relevancy_of("UNSEEN FUZZY SUBJECT words", "wors"));
        EXPECT_EQ(73U, relevancy_of("FUZZY (SUBJECT words UNSEEN SUBJECT wor)", "wors"));
        EXPECT_EQ(100U, relevancy_of("FUZZY OR SUBJECT words SUBJECT wor", "wors"));
        EXPECT_EQ(100U, relevancy_of("UNSEEN", "x"));
    }

    TEST(ImapSearchProgram, OtherCollationsCompareOtherwise)
    {
        auto const parse_by = [](std::string_view keys, mime::Collation collation) {
            Parser in(keys, everything);
            SearchGrammar grammar;
            grammar.collation = collation;
            auto program = parse_search_keys(in, grammar);
            make_ready(program, target_with({ 30 }), {}, now);
            return program;
        };
        auto const program = parse_by("FROM a SUBJECT b", mime::Collation::octet);
        EXPECT_EQ("a", program.root.keys[0].text);
        EXPECT_EQ(Evidence::header, program.root.keys[0].needs);
        EXPECT_EQ("A\xc3\xa9",
            parse_by("FROM \"a\xc3\xa9\"", mime::Collation::ascii_casemap).root.keys[0].text);
    }

    TEST(ImapSearchProgram, FiltersAreInsertedAsTheyAre)
    {
        std::map<std::string, std::string, std::less<>> const filters { { "one", "SEEN" },
            { "two", "SEEN FLAGGED" }, { "or", "OR SMALLER 5000 FROM \"boss@example.com\"" },
            { "nested", "FILTER two DRAFT" }, { "loop", "FILTER pool" }, { "pool", "FILTER loop" },
            { "half", "OR SMALLER" }, { "open", "(SEEN" }, { "close", "SEEN)" }, { "empty", "" },
            { "unknown", "FILTER nowhere" }, { "literal", "SUBJECT {2}\r\nab" } };
        auto const parse_with = [&](std::string_view keys, std::string_view charset = {}) {
            Parser in(keys, everything);
            SearchGrammar grammar;
            grammar.charset = charset;
            grammar.find_filter = [&](std::string_view name) -> std::optional<std::string> {
                auto const found = filters.find(name);
                return found == filters.end() ? std::nullopt : std::optional(found->second);
            };
            auto program = parse_search_keys(in, grammar);
            return in.finish(std::move(program));
        };
        auto const shape = [](Result<SearchProgram> const& program) {
            std::string text;
            auto const write = [&](auto const& self, SearchKey const& key) -> void {
                text += key.negated ? "-" : "";
                text += key.kind == SearchKey::Kind::both ? "&"
                    : key.kind == SearchKey::Kind::either ? "|"
                                                          : std::to_string(key.number);
                text += key.keys.empty() ? " " : "(";
                for (auto const& each : key.keys)
                    self(self, each);
                text += key.keys.empty() ? "" : ")";
            };
            if (program)
                write(write, program->root);
            return program ? text : program.error().code().text();
        };
        auto const equal = [&](std::string_view with, std::string_view without) {
            EXPECT_EQ(shape(parse_with(without)), shape(parse_with(with))) << with;
        };
        equal("FILTER one", "SEEN");
        equal(
            "FILTER or SINCE 3-Dec-2002", "OR SMALLER 5000 FROM boss@example.com SINCE 3-Dec-2002");
        equal("NOT FILTER two DELETED", "NOT SEEN FLAGGED DELETED");
        equal("OR FILTER two DELETED", "OR SEEN FLAGGED DELETED");
        equal("OR (FILTER two) DELETED", "OR (SEEN FLAGGED) DELETED");
        equal("(FILTER nested) FILTER nested", "(SEEN FLAGGED DRAFT) SEEN FLAGGED DRAFT");
        equal("FILTER literal", "SUBJECT ab");
        equal("FILTER one FILTER one", "SEEN SEEN");
        EXPECT_EQ("UNDEFINED-FILTER nowhere", shape(parse_with("FILTER nowhere")));
        EXPECT_EQ("UNDEFINED-FILTER nowhere", shape(parse_with("FILTER unknown")));
        EXPECT_EQ("UNDEFINED-FILTER loop", shape(parse_with("FILTER loop")));
        for (auto const* broken : { "half", "open", "close", "empty" })
            EXPECT_EQ("UNDEFINED-FILTER " + std::string(broken),
                shape(parse_with("FILTER " + std::string(broken))));
        auto const charset = parse_with("FILTER one", "ISO-8859-1");
        ASSERT_FALSE(charset);
        EXPECT_EQ(Status::bad, charset.error().status());
        EXPECT_EQ("BADCHARSET (UTF-8 US-ASCII)", charset.error().code().text());
        EXPECT_TRUE(parse_with("FILTER one", "utf-8"));
        EXPECT_FALSE(parse_with("FILTER"));
        EXPECT_FALSE(parse_with("FILTER a/b"));
        std::string many;
        for (int i = 0; i < 51; ++i)
            many += "FILTER one ";
        EXPECT_EQ("LIMIT", shape(parse_with(many)));
    }

    TEST(ImapSearchProgram, BoundsThePatternsOfBodies)
    {
        std::string many;
        for (int i = 0; i < 100; ++i)
            many += "TEXT a ";
        EXPECT_TRUE(parse(many));
        auto const refused = parse(many + "BODY b");
        ASSERT_FALSE(refused);
        EXPECT_EQ("LIMIT", refused.error().code().text());
    }

    /// A client may name a set 5,000 times, and a mailbox may have 100,000 messages that are no
    /// neighbours.
    TEST(SearchProgram, BindsSetsForNoMoreThanTheyAreLong)
    {
        storage::UidSet even;
        for (std::uint32_t uid = 2; uid <= 2000; uid += 2)
            even.add(Uid { uid });
        SearchTarget target;
        target.map = std::make_shared<session::UidMap const>(even);
        target.saved = even;
        auto program = parse("1:* UID 1:* $ 2,999:5000 NOT $,3");
        ASSERT_TRUE(program);
        make_ready(*program, target, {}, now);
        auto const& keys = program->root.keys;
        ASSERT_EQ(keys.size(), 5U);
        using storage::UidRange;
        using storage::UidSet;
        EXPECT_EQ(keys[0].uids, UidSet(UidRange { Uid { 2 }, Uid { 2000 } }));
        EXPECT_EQ(keys[1].uids, UidSet(UidRange { Uid { 1 }, Uid { 2000 } }));
        EXPECT_TRUE(keys[2].uids.empty());
        ASSERT_TRUE(keys[2].saved);
        EXPECT_EQ(*keys[2].saved, even);
        UidSet few(Uid { 4 });
        few.add(UidRange { Uid { 1998 }, Uid { 2000 } });
        EXPECT_EQ(keys[3].uids, few);
        EXPECT_EQ(keys[4].uids, UidSet(Uid { 6 }));
        EXPECT_EQ(keys[4].saved, keys[2].saved) << "one copy for all";
    }

} // namespace
} // namespace mail::imap
