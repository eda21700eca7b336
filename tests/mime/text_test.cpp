// Text out of mail: encoded words, charsets, transfer encodings, folding, search.

#include "protocol/mime/base_subject.h"
#include "protocol/mime/charset.h"
#include "protocol/mime/encoded_word.h"
#include "protocol/mime/fold.h"
#include "protocol/mime/search_fields.h"
#include "protocol/mime/sort_keys.h"
#include "protocol/mime/text_decoder.h"
#include "protocol/mime/transfer.h"
#include "tests/mime/support.h"

#include <array>
#include <chrono>

#include <gtest/gtest.h>

using namespace mail::mime;

namespace {

std::string decoded(TransferEncoding encoding, std::string_view octets, std::size_t step)
{
    std::string out;
    TransferDecoder decoder(encoding);
    for (std::size_t at = 0; at < octets.size(); at += step)
        decoder.decode(octets.substr(at, step), out);
    decoder.finish(out);
    return out;
}

std::string base(std::string_view subject)
{
    auto base = base_subject(decode_text(subject));
    return base.is_reply_or_forward ? base.text.append("|reply") : base.text;
}

} // namespace

TEST(MimeEncodedWord, DecodesWhatTheRfcShows)
{
    EXPECT_EQ(decode_text("=?ISO-8859-1?Q?a?="), "a");
    EXPECT_EQ(decode_text("=?ISO-8859-1?Q?a?= b"), "a b");
    EXPECT_EQ(decode_text("=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?="), "ab");
    EXPECT_EQ(decode_text("=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?="), "ab");
    EXPECT_EQ(decode_text("=?ISO-8859-1?Q?a_b?="), "a b");
    EXPECT_EQ(decode_text("=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?="), "a b");
    EXPECT_EQ(decode_text("=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\n "
                          "=?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?="),
        "If you can read this you understand the example.");
    EXPECT_EQ(decode_text("=?US-ASCII*EN?Q?Keith_Moore?= <x@y>"), "Keith Moore <x@y>");
}

TEST(MimeEncodedWord, JoinsCharactersThatWereCut)
{
    EXPECT_EQ(
        decode_text("=?utf-8?B?w6Q=?= =?utf-8?Q?=C3?= =?UTF-8?Q?=A4!?="), "\xC3\xA4\xC3\xA4!");
}

TEST(MimeEncodedWord, LeavesWhatIsNone)
{
    for (auto const* text : { "=?", "=?utf-8?Q?open", "=?utf-8?X?a?=", "a =?b? c",
             "=?utf-8?Q?a =?utf-8", "1 =? 2 ?= 3" })
        EXPECT_EQ(decode_text(text), text);
    EXPECT_EQ(decode_text("=?utf-8?Q?blanks in it?="), "blanks in it");
    EXPECT_EQ(decode_text("caf\xC3\xA9"), "caf\xC3\xA9");
    EXPECT_EQ(decode_text("caf\xE9 \x80"), "caf\xC3\xA9 \xE2\x82\xAC");
    EXPECT_EQ(decode_text("=?nonsense?Q?=E9?="), "\xC3\xA9");
    EXPECT_EQ(decode_text("=?utf-8?Q?a=0D=0Ab=00?="), "a b");
}

TEST(MimeEncodedWord, TakesTimeInProportionToTheLength)
{
    for (std::string_view const piece : { "=?a?q?", "=?a?q?b?=", "?=", "=?", "=?a?b?=?" }) {
        std::string text;
        while (text.size() < 1'000'000)
            text += piece;
        auto const begin = std::chrono::steady_clock::now();
        decode_text(text);
        EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << piece;
    }
}

TEST(MimeParameters, AreJoinedAndDecoded)
{
    EXPECT_EQ(param_value(Params { { "NAME", "plain" } }, "name"), "plain");
    EXPECT_EQ(
        param_value(
            Params { { "name*", "us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A" } }, "name"),
        "This is ***fun***");
    EXPECT_EQ(param_value(Params { { "name*2", "isn't it!" }, { "name*0*", "iso-8859-1'en'%E9%20" },
                              { "name*1*", "%2A" } },
                  "name"),
        "\xC3\xA9 *isn't it!");
    EXPECT_EQ(param_value(Params { { "name", "=?utf-8?Q?=C3=A4?=" } }, "name"), "\xC3\xA4");
    EXPECT_EQ(param_value(Params { { "names", "x" }, { "name*x", "y" } }, "name"), std::nullopt);
    EXPECT_EQ(decode_extended_value("100%"), "100%");
}

TEST(MimeCharset, KnowsNamesAndAliases)
{
    for (auto const* name : { "utf-8", "UTF8", "us-ascii", "iso-8859-1", "ISO-8859-15",
             "windows-1251", "koi8-r", "gb2312", "Big5", "EUC-JP", "iso-2022-jp", "shift_jis",
             "ks_c_5601-1987", "utf-7", "iso-8859-8-i" })
        EXPECT_TRUE(is_supported_charset(name)) << name;
    for (auto const* name : { "", "x-nonsense", "../etc/passwd", "utf-8,version=0", "a b\n" })
        EXPECT_FALSE(is_supported_charset(name)) << name;
}

TEST(MimeCharset, DecodesToUtf8)
{
    EXPECT_EQ(to_utf8("iso-8859-1", "\xE9\x80"), "\xC3\xA9\xE2\x82\xAC");
    EXPECT_EQ(to_utf8("koi8-r", "\xC1"), "\xD0\xB0");
    EXPECT_EQ(to_utf8("iso-2022-jp", "\x1b$BF|\x1b(B"), "\xE6\x97\xA5");
    EXPECT_EQ(
        to_utf8("gb18030", "\x94\x39\xDA\x33"), "\xF0\x9F\x92\xA9"); // a surrogate pair inside ICU
    EXPECT_EQ(to_utf8("utf-8", "a\xFF\xE2\x82z"), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
    EXPECT_EQ(to_utf8("utf-8", "\xE2\x82"), "\xEF\xBF\xBD");
    EXPECT_EQ(to_utf8("us-ascii", "\xC3\xA9 \xE9"), "\xC3\xA9 \xC3\xA9");
    EXPECT_EQ(to_utf8("no-such-charset", "\x93q\x94"), "\xE2\x80\x9Cq\xE2\x80\x9D");
    EXPECT_FALSE(is_utf8("\xED\xA0\x80"));
    EXPECT_TRUE(is_utf8("\xF0\x9F\x92\xA9"));
}

TEST(MimeCharset, KeepsItsStateBetweenChunksAndForgetsItAfterwards)
{
    {
        CharsetDecoder left_open("iso-2022-jp");
        std::string out;
        left_open.decode("\x1b$BF", out); // in the middle of a character, in the Japanese state
    }
    std::string out;
    CharsetDecoder decoder("iso-2022-jp");
    for (char const c : std::string_view("a\x1b$BF|\x1b(Bb"))
        decoder.decode(std::string_view(&c, 1), out);
    decoder.finish(out);
    EXPECT_EQ(out,
        "a\xE6\x97\xA5"
        "b");
}

TEST(MimeTransfer, DecodesBase64WithGarbage)
{
    for (std::size_t const step : { 1U, 3U, 100U }) {
        EXPECT_EQ(decoded(TransferEncoding::base64, "SGVs\r\nbG8=\r\n", step), "Hello");
        EXPECT_EQ(decoded(TransferEncoding::base64, "S!G-V s bG8", step), "Hello");
        EXPECT_EQ(decoded(TransferEncoding::base64, "SGVsbG8=SGVsbG8=", step), "HelloHello");
        EXPECT_EQ(decoded(TransferEncoding::base64, "====", step), "");
    }
}

TEST(MimeTransfer, DecodesQuotedPrintableWithGarbage)
{
    for (std::size_t const step : { 1U, 2U, 100U }) {
        EXPECT_EQ(decoded(TransferEncoding::quoted_printable, "a=3Db=\r\nc=\nd= \t\r\ne", step),
            "a=bcde");
        EXPECT_EQ(
            decoded(TransferEncoding::quoted_printable, "trailing \t\r\nx", step), "trailing\r\nx");
        EXPECT_EQ(decoded(TransferEncoding::quoted_printable, "=3d=XY=4=", step), "==XY=4");
        EXPECT_EQ(decoded(TransferEncoding::quoted_printable, "a b\rc", step), "a b\rc");
        std::string const blanks(5000, ' ');
        EXPECT_EQ(decoded(TransferEncoding::quoted_printable, blanks + "x", step), blanks + "x");
    }
    EXPECT_EQ(transfer_encoding("BASE64"), TransferEncoding::base64);
    EXPECT_EQ(transfer_encoding("x-uuencode"), TransferEncoding::identity);
    EXPECT_FALSE(is_known_encoding("x-uuencode"));
    EXPECT_TRUE(is_known_encoding("8BIT"));
}

TEST(MimeFold, PreparesEachCharacterAsRfc5051Says)
{
    EXPECT_EQ(fold("HeLLo, [world] {z}"), "HELLO, [WORLD] {Z}");
    // The RFC's example: U+01C4, by its titlecase U+01C5, to D, z, caron.
    EXPECT_EQ(fold("\xC7\x84"), "Dz\xCC\x8C");
    EXPECT_EQ(fold("\xC7\x86"), "Dz\xCC\x8C");
    // What has no titlecase of a single character stays as it is.
    EXPECT_EQ(fold("Stra\xC3\x9F"
                   "e"),
        "STRA\xC3\x9F"
        "E");
    EXPECT_EQ(fold("e\xCC\x81"), "E\xCC\x81");
    EXPECT_EQ(fold("\xC3\xA9"), "E\xCC\x81"); // with its accent apart
    EXPECT_EQ(fold("\xD0\xB6"), "\xD0\x96");
    EXPECT_EQ(fold("\xEF\xAC\x81"), "fi"); // a ligature: titlecase comes first, and is itself
    EXPECT_EQ(fold("\xEF\xBD\x81"), "A"); // full width
    EXPECT_EQ(fold("\xEA\xB0\x81"), "\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8"); // Hangul
    EXPECT_EQ(fold("\xF0\x90\x90\xA8"), "\xF0\x90\x90\x80"); // beyond the first plane
    // Marks are not put in order: each character is prepared by itself.
    EXPECT_EQ(fold("a\xCC\x81\xCC\xA3"), "A\xCC\x81\xCC\xA3");
    EXPECT_EQ(fold("a\xFF\xE2\x82"), "A\xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_TRUE(contains(fold("Gr\xC3\xBC\xC3\x9F"
                              "e aus K\xC3\x96LN"),
        fold("\xC3\x9C\xC3\x9F"
             "E AUS k\xC3\xB6")));
    EXPECT_TRUE(contains(fold("caf\xC3\xA9"), fold("Cafe"))); // without the accent, too
    EXPECT_TRUE(contains("", ""));
    EXPECT_FALSE(contains("ab", "abc"));
}

TEST(MimeFold, KnowsOtherCollations)
{
    EXPECT_EQ(fold("aZ\xC3\xA9", Collation::ascii_casemap), "AZ\xC3\xA9");
    EXPECT_EQ(fold("aZ\xC3\xA9", Collation::octet), "aZ\xC3\xA9");
}

TEST(MimeFold, FindsAPatternAcrossChunks)
{
    std::string_view const text = "the needle is in the haystack";
    for (std::size_t step = 1; step < text.size(); ++step) {
        SubstringMatcher matcher("needle is");
        SubstringMatcher missing("needles");
        for (std::size_t at = 0; at < text.size(); at += step) {
            matcher.feed(text.substr(at, step));
            missing.feed(text.substr(at, step));
        }
        EXPECT_TRUE(matcher.found()) << step;
        EXPECT_FALSE(missing.found()) << step;
    }
    SubstringMatcher matcher("ab");
    matcher.feed("a");
    matcher.restart();
    EXPECT_FALSE(matcher.feed("b"));
    EXPECT_TRUE(SubstringMatcher("").found());
}

TEST(MimeTextDecoder, FoldsThroughEncodingAndCharset)
{
    std::string text;
    for (int i = 0; i < 200; ++i)
        text += "Gr=C3=9C=C3=9Fe e=CC=81 ";
    std::string expected;
    for (int i = 0; i < 200; ++i)
        expected += "GRU\xCC\x88\xC3\x9F"
                    "E E\xCC\x81 ";
    for (std::size_t const step : { 1U, 5U, 64U, 10'000U }) {
        TextDecoder decoder("Quoted-Printable", "utf-8");
        std::string out;
        for (std::size_t at = 0; at < text.size(); at += step)
            decoder.feed(std::string_view(text).substr(at, step), out);
        decoder.finish(out);
        expected.resize(expected.find_last_not_of(' ') + 1);
        EXPECT_EQ(out.substr(0, out.find_last_not_of(' ') + 1), expected) << step;
    }
    TextDecoder decoder("", "koi8-r");
    std::string out;
    decoder.feed(std::string(100'000, '\xE1'), out);
    EXPECT_GT(out.size(), 190'000U); // little is held back
    decoder.finish(out);
    EXPECT_EQ(out.size(), 200'000U);
}

TEST(MimeBaseSubject, IsWhatTheRfcLeaves)
{
    EXPECT_EQ(base("Re: hello"), "hello|reply");
    EXPECT_EQ(base("Hello"), "Hello");
    EXPECT_EQ(base("RE:  fwd: [list] Re[2]: a   b (fwd) (FWD) "), "a b|reply");
    EXPECT_EQ(base("[list] hello"), "hello");
    EXPECT_EQ(base("[list]"), "[list]");
    EXPECT_EQ(base("[a] [b]"), "[b]");
    EXPECT_EQ(base("[FWD: Re: hello]"), "hello|reply");
    EXPECT_EQ(base("Regarding: x"), "Regarding: x");
    EXPECT_EQ(base("Re hello"), "Re hello");
    EXPECT_EQ(base("fW [x] : y"), "y|reply");
    EXPECT_EQ(base("=?utf-8?Q?Re:_=C3=84?="), "\xC3\x84|reply");
    EXPECT_EQ(base("\xEF\xBC\xB2\xEF\xBC\xA5: x"), "\xEF\xBC\xB2\xEF\xBC\xA5: x"); // not "RE:"
    EXPECT_EQ(base(""), "");
    EXPECT_EQ(base("re:"), "|reply");
}

TEST(MimeHeaderKeys, KeepWhatSortThreadAndSearchNeed)
{
    auto const header
        = read_header_keys("Date: Fri, 21 Nov 1997 09:55:06 -0600\r\nFrom: =?utf-8?Q?=C3=84da?= "
                           "<Ada@B.test>, c@d.test\r\n"
                           "To: List: X <x@y.test>;\r\nTo: second@y.test\r\nCc: "
                           "plain@y.test\r\nBcc: h@y.test\r\nSubject: Re: T\xC3\x96st\r\n"
                           "Message-ID: <Id@b>\r\nIn-Reply-To: your message <p@b> of "
                           "today\r\nReferences: <o@b>\r\n <\"p q\" @b><broken\r\n\r\n");
    ASSERT_TRUE(header.sent);
    EXPECT_EQ(header.sent->zone_minutes, -360);
    EXPECT_EQ(header.message_id, "Id@b");
    EXPECT_EQ(header.in_reply_to, "p@b");
    EXPECT_EQ(header.references, (std::vector<std::string> { "o@b", "pq@b" }));

    auto const keys = encode_sort_keys(header);
    SubjectKey const subject(keys[0]);
    EXPECT_EQ(subject.base, "TO\xCC\x88ST");
    EXPECT_TRUE(subject.is_reply_or_forward);
    NameKeys const names(keys[1]);
    EXPECT_EQ(names.from, "ADA");
    EXPECT_EQ(names.from_display,
        "A\xCC\x88"
        "DA");
    EXPECT_EQ(names.to, "LIST");
    EXPECT_EQ(names.to_display, "LIST");
    EXPECT_EQ(names.cc, "PLAIN");
    IdKeys const ids(keys[2]);
    EXPECT_EQ(ids.own(), hash_message_id("Id@b"));
    ASSERT_EQ(ids.reference_count(), 2U);
    EXPECT_EQ(ids.reference(0), hash_message_id("o@b"));
    EXPECT_EQ(ids.reference(1), hash_message_id("pq@b"));

    auto const blob = encode_search_fields(header);
    SearchFields const fields(blob);
    EXPECT_EQ(fields.from,
        "A\xCC\x88"
        "DA <ADA@B.TEST>, C@D.TEST");
    EXPECT_TRUE(contains(fields.to, "SECOND@"));
    EXPECT_EQ(fields.bcc, "H@Y.TEST");
    EXPECT_EQ(fields.subject, "RE: TO\xCC\x88ST");
}

TEST(MimeHeaderKeys, IdsAreEqualHoweverTheyAreQuoted)
{
    auto const id = [](std::string_view field) { return read_header_keys(field).message_id; };
    EXPECT_EQ(
        id("Message-ID: <\"01KF8JCEOCBS0045PS\"@xxx.yyy.com>\n"), "01KF8JCEOCBS0045PS@xxx.yyy.com");
    EXPECT_EQ(id("Message-ID: <\"a\\\"b\"@c>\n"), "a\"b@c");
    EXPECT_EQ(id("Message-ID: bare@c\n"), "bare@c");
    EXPECT_EQ(id("Message-ID: two words\n"), "");
    EXPECT_EQ(id("Message-ID: <>\n"), "");
}

TEST(MimeHeaderKeys, InReplyToStandsInForReferences)
{
    auto const header = read_header_keys("In-Reply-To: <a@b> <c@d>\nReferences: none\n");
    auto const keys = encode_sort_keys(header);
    IdKeys const ids(keys[2]);
    EXPECT_EQ(ids.own(), 0U);
    ASSERT_EQ(ids.reference_count(), 1U);
    EXPECT_EQ(ids.reference(0), hash_message_id("a@b"));
}

TEST(MimeHeaderKeys, WhatCannotBeConvertedSortsBehindAllElse)
{
    // RFC 5255 §4.6: (4) (2) (3) (1).
    std::array<std::string, 4> const subjects { "=?utf-8?Q?=D0=C0=D0=BD=D0=B4=D1=80=D0=B5=D0=B9?=",
        "=?utf-8?Q?=D1=81=D0=95=D0=A0=D0=93=D0=95=D0=99?=",
        "=?utf-8?Q?=D0=92=D0=B0=D1=81=D0=B8=D0=BB=D0=B8=FF=B9?=",
        "=?koi8-r?Q?=E1=CC=C5=CB=D3=C5=CA?=" };
    std::array<std::string, 4> keys;
    for (std::size_t i = 0; i < 4; ++i)
        keys[i] = encode_sort_keys(read_header_keys("Subject: " + subjects[i] + "\n"))[0];
    EXPECT_LT(keys[3], keys[1]);
    EXPECT_LT(keys[1], keys[2]);
    EXPECT_LT(keys[2], keys[0]);
    EXPECT_EQ(keys[2].substr(1, 3), "\xFF\xD0\x92"); // octets as they are
    auto const unknown = encode_sort_keys(read_header_keys("Subject: =?x-none?Q?re:_abc?=\n"))[0];
    EXPECT_EQ(SubjectKey(unknown).base,
        "\xFF"
        "abc");
    EXPECT_TRUE(SubjectKey(unknown).is_reply_or_forward);
}

TEST(MimeHeaderKeys, AreBounded)
{
    std::string block = "Subject: ";
    block.append(500'000, 's')
        .append("\nFrom: \"")
        .append(100'000, 'f')
        .append("\" <a@b>\nReferences:");
    for (int i = 0; i < 5'000; ++i)
        block += " <" + std::to_string(i) + "@b>\n";
    auto const header = read_header_keys(block);
    EXPECT_LT(encode_search_fields(header).size(), 256U * 1024);
    auto const keys = encode_sort_keys(header);
    EXPECT_LT(keys[0].size() + keys[1].size() + keys[2].size(), 8U * 1024);
    ASSERT_EQ(header.references.size(), 200U);
    EXPECT_EQ(header.references[0], "0@b");
    EXPECT_EQ(header.references[1], "4801@b");
    EXPECT_EQ(header.references.back(), "4999@b");
}

TEST(MimeHeaderKeys, ReadDamagedBlobsAsNone)
{
    auto const header = read_header_keys(
        "From: a@b.test\nSubject: x\nReferences: <a@b> <c@d>\nDate: 1 Jan 2001\n");
    auto const blob = encode_search_fields(header);
    for (std::size_t size = 0; size < blob.size(); ++size)
        EXPECT_EQ(SearchFields(std::string_view(blob).substr(0, size)).subject, "") << size;
    EXPECT_EQ(SearchFields(blob).subject, "X");
    EXPECT_EQ(SubjectKey("").base, "");
    EXPECT_EQ(NameKeys("\x7f").from, "");
    EXPECT_EQ(IdKeys("short").reference_count(), 0U);
}
