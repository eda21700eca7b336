// Sections: their octets in a nested message, their grammar, partial ranges.
#include "protocol/imap/fetch_items.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/section.h"
#include "protocol/mime/reader.h"
#include "protocol/mime/structure.h"
#include "tests/imap/nested_message.h"

#include <gtest/gtest.h>

namespace mail::imap {
namespace {

    Result<FetchItems> items_in(std::string_view text)
    {
        Parser in(text);
        auto items = parse_fetch_items(in);
        in.end();
        return in.finish(std::move(items));
    }

    std::string labels(std::string_view text)
    {
        auto const items = items_in(text);
        if (!items)
            return "BAD";
        std::string result;
        for (auto const& item : items->list)
            result += (result.empty() ? "" : " ")
                + (item.label.empty() ? std::to_string(static_cast<int>(item.kind)) : item.label);
        return result;
    }

    TEST(ImapSection, RefusesWhatIsNone)
    {
        for (auto const* text : { "BODY[", "BODY[]<", "BODY[]<0>", "BODY[]<0.0>", "BODY[]<-1.5>",
                 "BODY[]<5.", "BODY[0]", "BODY[1..2]", "BODY[1.]", "BODY[.1]", "BODY[MIME]",
                 "BODY[FIELDS]", "BODY[HEADER.1]", "BODY[TEXT.1]", "BODY[HEADER.FIELDS]",
                 "BODY[HEADER.FIELDS ()]", "BODY[HEADER.FIELDS (\"\")]", "BODY[HEADER.FIELDS (A B]",
                 "BODY[1 ]", "BODY[4294967296]", "BODY.PEEK", "BODYX", "RFC822.", "RFC822.FOO",
                 "RFC822[]", "", "()", "(FLAGS", "(FLAGS))", "(ALL)", "FLAGS UID", "ENVELOPE[]",
                 "BINARY[1.MIME]", "BINARY[TEXT]", "BINARY[1]<0>", "BINARY.SIZE[1]<0.1>", "BINARY",
                 "BINARY.SIZE", "BINARY.PEEK", "BODY[]<18446744073709551615.1>" })
            EXPECT_EQ("BAD", labels(text)) << text;
    }

    TEST(ImapSection, BoundsWhatOneCommandAsksFor)
    {
        std::string deep = "BODY[1";
        for (int i = 0; i < 127; ++i)
            deep += ".1";
        EXPECT_EQ(deep + "]", labels(deep + "]"));
        EXPECT_EQ("BAD", labels(deep + ".1]"));
        std::string many = "(";
        for (int i = 1; i <= 1001; ++i)
            many += "BODY.PEEK[" + std::to_string(i) + "] ";
        many.back() = ')';
        auto const refused = items_in(many);
        ASSERT_FALSE(refused);
        EXPECT_EQ("LIMIT", refused.error().code().text());
    }

    TEST(ImapSection, RepeatsWhatWasAskedInItsOwnSpelling)
    {
        EXPECT_EQ("BODY[]", labels("body[]"));
        EXPECT_EQ("BODY[]<0>", labels("BODY.PEEK[]<0.100>"));
        EXPECT_EQ("BODY[1.2.MIME]<7>", labels("Body.Peek[1.2.mime]<7.1>"));
        EXPECT_EQ("BODY[3.HEADER.FIELDS (Date FROM)]", labels("BODY[3.header.fields (Date FROM)]"));
        EXPECT_EQ("BODY[HEADER.FIELDS.NOT (X-A)]", labels("BODY[HEADER.FIELDS.NOT (\"X-A\")]"));
        EXPECT_EQ("BODY[HEADER.FIELDS (\"a b\")]", labels("BODY[HEADER.FIELDS (\"a b\")]"));
        EXPECT_EQ("RFC822 RFC822.HEADER RFC822.TEXT", labels("(RFC822 RFC822.HEADER RFC822.TEXT)"));
    }

    TEST(ImapSection, KeepsTheOrderButPutsTheUidFirstAndNothingTwice)
    {
        auto const items = items_in("(FLAGS BODY[1] UID FLAGS BODY.PEEK[1] UID)");
        ASSERT_TRUE(items);
        ASSERT_EQ(3u, items->list.size());
        EXPECT_EQ(FetchItem::Kind::uid, items->list[0].kind);
        EXPECT_EQ(FetchItem::Kind::flags, items->list[1].kind);
        EXPECT_TRUE(items->set_seen());
        EXPECT_EQ(2u, items_in("(BODY[]<0.5> BODY[]<0.6>)")->list.size());
        EXPECT_EQ(5u, items_in("full")->list.size());
        EXPECT_FALSE(items_in("(FLAGS UID RFC822.SIZE INTERNALDATE MODSEQ BODY[])")->needs_cold());
        EXPECT_TRUE(items_in("BODY.PEEK[TEXT]")->needs_cold());
        EXPECT_FALSE(items_in("(RFC822.HEADER BODY.PEEK[])")->set_seen());
        EXPECT_TRUE(items_in("RFC822.TEXT")->set_seen());
    }

    /// What locate() finds for a section as it is asked for.
    std::optional<std::string> octets_of(std::string const& section, std::string const& message)
    {
        auto const items = items_in("BODY[" + section + "]");
        auto const blob = mime::encode_structure(mime::read_message(message));
        auto const range
            = locate(items->list.at(0).section, mime::StructureView(blob), message.size());
        if (!range)
            return std::nullopt;
        return message.substr(range->begin, range->size());
    }

    TEST(ImapSection, EverySectionOfANestedMessageIsFoundOctetForOctet)
    {
        auto const message = test::nested_message();
        ASSERT_EQ(39u, message.sections.size());
        for (auto const& [section, octets] : message.sections)
            EXPECT_EQ(octets, octets_of(section, message.octets)) << section;
    }

    TEST(ImapSection, MissingPartsAreNotFound)
    {
        auto const message = test::nested_message().octets;
        for (auto const* section : { "7", "1.1", "1.HEADER", "1.TEXT", "2.HEADER", "3.3",
                 "4.HEADER", "4.TEXT", "4.3", "4.2.3", "4.2.2.3", "4.2.1.1", "5.2", "5.1.1",
                 "5.1.TEXT", "6.1", "99999", "7.MIME", "3.1.HEADER.FIELDS (A)" })
            EXPECT_EQ(std::nullopt, octets_of(section, message)) << section;
    }

    TEST(ImapSection, ASimpleMessageHasOnePart)
    {
        std::string const message = "Subject: one\r\n\r\nbody\r\n";
        EXPECT_EQ("body\r\n", octets_of("1", message));
        EXPECT_EQ("body\r\n", octets_of("TEXT", message));
        EXPECT_EQ("Subject: one\r\n\r\n", octets_of("HEADER", message));
        EXPECT_EQ("Subject: one\r\n\r\n", octets_of("1.MIME", message));
        EXPECT_EQ(std::nullopt, octets_of("2", message));
        EXPECT_EQ(std::nullopt, octets_of("1.1", message));
        EXPECT_EQ("", octets_of("TEXT", "Subject: only a header\r\n"));
        EXPECT_EQ("", octets_of("", ""));
    }

    TEST(ImapSection, WithoutAStructureTheMessageIsThereAsAWhole)
    {
        mime::StructureView const damaged("garbage");
        ASSERT_FALSE(damaged.valid());
        EXPECT_EQ((mime::Range { 0, 10 }), locate({ {}, Section::Text::whole, {} }, damaged, 10));
        EXPECT_EQ((mime::Range { 0, 10 }), locate({ {}, Section::Text::header, {} }, damaged, 10));
        EXPECT_EQ(std::nullopt, locate({ { 1 }, Section::Text::whole, {} }, damaged, 10));
    }

    TEST(ImapSection, PartialRangesAreCutAtTheEnd)
    {
        mime::Range const range { 100, 200 };
        EXPECT_EQ((mime::Range { 100, 110 }), cut(range, { 0, 10 }));
        EXPECT_EQ((mime::Range { 190, 200 }), cut(range, { 90, 11 }));
        EXPECT_EQ((mime::Range { 200, 200 }), cut(range, { 100, 1 }));
        EXPECT_EQ((mime::Range { 200, 200 }), cut(range, { UINT64_MAX, UINT64_MAX }));
        EXPECT_EQ((mime::Range { 101, 200 }), cut(range, { 1, UINT64_MAX }));
    }

} // namespace
} // namespace mail::imap
