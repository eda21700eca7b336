// Surrogates of messages with UTF-8 in their headers (RFC 6858).
#include "protocol/mime/surrogate.h"

#include "protocol/mime/encoded_word.h"
#include "protocol/mime/header.h"
#include "protocol/mime/reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace mail::mime {
namespace {

    bool is_ascii(std::string_view text)
    {
        return std::ranges::all_of(text, [](char c) { return (c & 0x80) == 0; });
    }

    std::string field(std::string_view header, std::string_view name)
    {
        auto const value = find_field(header, name);
        return value ? unfold(*value) : "(none)";
    }

    TEST(Surrogate, LeavesAsciiAlone)
    {
        std::string const block = "From: a@b\r\nSubject: =?utf-8?q?x?=\n folded\r\ngarbage\r\n\r\n";
        EXPECT_EQ(downgrade_header(block), block);
        EXPECT_EQ(downgrade_header(""), "");
    }

    TEST(Surrogate, EncodesText)
    {
        auto const header = downgrade_header(
            "Subject: Grüße aus\r\n Köln\r\nX-Note: naïve\r\nContent-Description: é\r\n\r\n");
        EXPECT_TRUE(is_ascii(header)) << header;
        EXPECT_EQ(decode_text(field(header, "Subject")), "Grüße aus Köln");
        EXPECT_EQ(decode_text(field(header, "X-Note")), "naïve");
        EXPECT_TRUE(header.ends_with("\r\n\r\n"));

        // Octets that are not UTF-8 are read as everywhere else.
        EXPECT_EQ(decode_text(field(downgrade_header("Subject: f\xfcr\n\n"), "Subject")), "für");

        std::string text;
        for (int i = 0; i < 100; ++i)
            text += "日本語";
        auto const longer = downgrade_header("Subject: " + text + "\r\n\r\n");
        EXPECT_EQ(decode_text(field(longer, "Subject")), text);
        for (std::size_t at = 0; at < longer.size();) {
            auto const end = longer.find("\r\n", at);
            EXPECT_LE(end - at, 84u);
            at = end + 2;
        }
    }

    TEST(Surrogate, ReplacesAddressesThatCannotBeWritten)
    {
        auto const header
            = downgrade_header("From: José <josé@exämple.com>\r\n"
                               "To: plain@example.org, Zoë <zoe@example.org>, 用户@例子.广告\r\n"
                               "Cc: Böse Leute: a@b.de, \"x y\"@c.de;, last@d.de\r\n\r\n");
        EXPECT_TRUE(is_ascii(header)) << header;
        auto const from = field(header, "From");
        EXPECT_EQ(decode_text(from),
            "José <josé@exämple.com> <invalid@internationalized-address.invalid>");
        auto const to = field(header, "To");
        EXPECT_TRUE(to.starts_with("<plain@example.org>,")) << to;
        EXPECT_NE(to.find("<zoe@example.org>"), to.npos) << to;
        EXPECT_TRUE(to.ends_with("<invalid@internationalized-address.invalid>")) << to;
        EXPECT_EQ(
            decode_text(field(header, "Cc")), "Böse Leute: <a@b.de>, <\"x y\"@c.de>;, <last@d.de>");
    }

    TEST(Surrogate, LetsNothingEndItsField)
    {
        // The encoded word of the second address hides a line end.
        auto const header
            = downgrade_header("To: ö <a@b.de>, =?utf-8?q?x=0D=0AEvil:_1?= <c@d.de>\r\n\r\n");
        EXPECT_EQ(header.find("\r\nEvil"), header.npos) << header;
        EXPECT_EQ(field(header, "Evil"), "(none)");
    }

    TEST(Surrogate, KeepsParametersAndWhatIsNeeded)
    {
        auto const header = downgrade_header(
            "Content-Type: multipart/mixed; boundary=\"=_b\"; name=\"Übersicht.txt\"\r\n"
            "Content-Disposition: attachment; filename=Ü.pdf\r\n"
            "Date: Tue, 1 Jul 2003 10:52:37 +0200 (Mitteleurop\xe4ische Zeit)\r\n"
            "Message-ID: <é@example>\r\nReceived: from é\r\nÜnknown: x\r\n\r\n");
        EXPECT_TRUE(is_ascii(header)) << header;
        EXPECT_EQ(field(header, "Content-Type"),
            "multipart/mixed; boundary=\"=_b\"; name*=utf-8''%C3%9Cbersicht.txt");
        EXPECT_EQ(field(header, "Content-Disposition"), "attachment; filename*=utf-8''%C3%9C.pdf");
        EXPECT_EQ(field(header, "Date"), "Tue, 1 Jul 2003 10:52:37 +0200 (Mitteleurop?ische Zeit)");
        for (auto const* left_out : { "Message-ID", "Received" })
            EXPECT_EQ(field(header, left_out), "(none)");
    }

    std::string surrogate(std::string_view message, std::size_t piece)
    {
        Surrogate filter(header_ranges(encode_structure(read_message(message))));
        std::string out;
        for (std::size_t at = 0; at < message.size(); at += piece)
            filter.write(message.substr(at, piece), out);
        filter.end(out);
        EXPECT_EQ(filter.is_changed(), out != message);
        return out;
    }

    std::string const nested = "Subject: ä\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                               "prologue ä\r\n--b\r\nContent-Description: ö\r\n\r\ntext ö\r\n"
                               "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: ü\r\n\r\ntext "
                               "ü\r\n--b--\r\nepilogue\r\n";

    TEST(Surrogate, IsMadeOfHeadersOfPartsToo)
    {
        auto const whole = surrogate(nested, nested.size());
        auto const part = [&](std::string_view text) { return whole.find(text) != whole.npos; };
        EXPECT_TRUE(
            part("prologue ä\r\n--b\r\nContent-Description: =?utf-8?B?w7Y=?=\r\n\r\ntext ö\r\n"))
            << whole;
        EXPECT_TRUE(part("rfc822\r\n\r\nSubject: =?utf-8?B?w7w=?=\r\n\r\ntext ü\r\n--b--\r\n"))
            << whole;
        for (std::size_t piece = 1; piece < nested.size(); ++piece)
            EXPECT_EQ(surrogate(nested, piece), whole);
        auto const plain = std::string("A: b\r\n\r\nbody ä\r\n");
        EXPECT_EQ(surrogate(plain, 3), plain);
    }

    TEST(Surrogate, HoldsNoMoreThanItMust)
    {
        // Many fields, then one that is longer than all that may be held.
        std::string message;
        for (int i = 0; i < 20'000; ++i)
            message += "X-Field: ü " + std::to_string(i) + "\r\n";
        message += "X-Long: " + std::string(3 * Surrogate::most_held, 'x') + "é\r\n\r\nbody é\r\n";
        Surrogate filter({ { 0, message.size() - 9 } });
        std::string out;
        std::size_t most_behind = 0;
        for (std::size_t at = 0; at < message.size(); at += 1000) {
            auto const before = at > out.size() ? at - out.size() : 0;
            most_behind = std::max(most_behind, before);
            filter.write(std::string_view(message).substr(at, 1000), out);
        }
        filter.end(out);
        EXPECT_LT(most_behind, Surrogate::most_held + 2000);
        EXPECT_TRUE(out.ends_with("\r\n\r\nbody é\r\n"));
        EXPECT_TRUE(is_ascii(std::string_view(out).substr(0, out.size() - 9)));
        EXPECT_EQ(decode_text(field(out, "X-Field")), "ü 0");
    }

    TEST(Surrogate, TakesAnyOctets)
    {
        std::mt19937 random(11);
        std::string const alphabet = "\r\n: ;,<>@\"()=\\\xc3\xa4\xff-bFTCS";
        for (int round = 0; round < 3000; ++round) {
            std::string block = round % 2 ? "From: " : "Content-Type: ";
            for (auto left = random() % 60; left > 0; --left)
                block += alphabet[random() % alphabet.size()];
            ASSERT_TRUE(is_ascii(downgrade_header(block))) << block;
        }
    }

} // namespace
} // namespace mail::mime
