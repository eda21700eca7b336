// The parts of LMTP that need no store: dots, addresses, messages of local programs.
#include "protocol/lmtp/address.h"
#include "protocol/lmtp/dot_reader.h"
#include "protocol/lmtp/hop_counter.h"
#include "protocol/lmtp/local_input.h"
#include "protocol/lmtp/xtext.h"

#include <gtest/gtest.h>

#include <random>

namespace mail::lmtp {
namespace {

    struct Read {
        std::string message;
        std::string rest; ///< behind the end
        bool done;
        bool operator==(Read const&) const = default;
    };

    Read read(std::string_view data, std::size_t piece)
    {
        DotReader dots;
        Read result;
        for (std::size_t i = 0; i < data.size(); i += piece) {
            auto part = data.substr(i, piece);
            while (!part.empty() && !dots.is_done())
                result.message += dots.next(part);
            if (dots.is_done())
                result.rest += part;
        }
        result.done = dots.is_done();
        return result;
    }

    /// The same, by the words of RFC 5321 §4.5.2.
    Read read_by_the_book(std::string_view data)
    {
        Read result { {}, {}, false };
        while (!data.empty()) {
            auto const end = data.find("\r\n");
            auto line = data.substr(0, end == data.npos ? end : end + 2);
            data.remove_prefix(line.size());
            if (line == ".\r\n") {
                result.rest = data;
                result.done = true;
                break;
            }
            if (line == ".\r" && data.empty())
                break; // not decided yet
            if (line.starts_with('.'))
                line.remove_prefix(1);
            result.message += line;
        }
        return result;
    }

    TEST(LmtpDotReader, FindsTheEndWhereverTheInputIsCut)
    {
        std::mt19937 random(11);
        for (int round = 0; round < 4000; ++round) {
            std::string data;
            auto const length = random() % 20;
            for (unsigned i = 0; i < length; ++i)
                data += std::string_view("..\r\r\n\na")[random() % 7];
            auto const expected = read_by_the_book(data);
            for (std::size_t piece : { 1, 2, 3, 5, 20 })
                ASSERT_EQ(read(data, piece), expected) << ::testing::PrintToString(data) << piece;
        }
        std::string const data = "A: 1\r\n\r\n..\r\n.x\r\n.\r\nNOOP\r\n";
        Read const expected { "A: 1\r\n\r\n.\r\nx\r\n", "NOOP\r\n", true };
        for (std::size_t piece = 1; piece <= data.size(); ++piece)
            EXPECT_EQ(read(data, piece), expected);
    }

    TEST(LmtpAddress, RefusesWhatIsNone)
    {
        for (std::string_view const wrong :
            { std::string_view(""), std::string_view("a@b"), std::string_view("<"),
                std::string_view("<a"), std::string_view("<a@>"), std::string_view("<@b>"),
                std::string_view("<a b@c>"), std::string_view("<a@b c>"),
                std::string_view("<\"a@b>"), std::string_view("<\"a\\\">"),
                std::string_view("<a@b\r\nX: 1>"), std::string_view("<\"a\nb\"@c>"),
                std::string_view("<\xe9@c>"), std::string_view("<a@[>"), std::string_view("<a@[]>"),
                std::string_view("<@r,:a@b>"), std::string_view("<@r a@b>"),
                std::string_view("<a@b@c>"), std::string_view("<a\0b@c>", 8) }) {
            auto in = wrong;
            EXPECT_FALSE(take_path(in)) << wrong;
            EXPECT_EQ(in, wrong);
        }
        std::string const longest = "<" + std::string(max_address - 1, 'a') + "@b>";
        std::string_view in = longest;
        EXPECT_TRUE(take_path(in));
        std::string const longer = "<a" + longest.substr(1);
        in = longer;
        EXPECT_FALSE(take_path(in));
    }

    TEST(LmtpAddress, ReadsAddresses)
    {
        struct Case {
            std::string_view in, text, rest;
        };
        for (auto const& [text, address, rest] :
            { Case { "<>", "", "" }, Case { "<> SIZE=1", "", " SIZE=1" },
                Case { "<a.b+c@Example.Org>", "a.b+c@Example.Org", "" },
                Case { "<postmaster>", "postmaster", "" }, Case { "<\"a.b\"@c>", "a.b@c", "" },
                Case { "<\"a b\"@c>", "\"a b\"@c", "" },
                Case { "<\"a\\\"\\b@x\"@c>x", "\"a\\\"b@x\"@c", "x" },
                Case { "<\"\"@c>", "\"\"@c", "" }, Case { "<a..b.@c>", "a..b.@c", "" },
                Case { "<a@[127.0.0.1]>", "a@[127.0.0.1]", "" },
                Case { "<a@[IPv6:::1]>", "a@[IPv6:::1]", "" },
                Case { "<@r.example,@[10.0.0.1]:a@b>", "a@b", "" },
                Case { "<\xc3\xa9@\xc3\xbc.example>", "\xc3\xa9@\xc3\xbc.example", "" } }) {
            auto in = text;
            auto const path = take_path(in);
            ASSERT_TRUE(path) << text;
            EXPECT_EQ(path->text(), address);
            EXPECT_EQ(in, rest);
        }
    }

    TEST(LmtpAddress, SplitsTheDetail)
    {
        Address address { "a+b+c", "x" };
        EXPECT_FALSE(split_detail(address, ""));
        EXPECT_FALSE(split_detail(address, "-"));
        EXPECT_EQ(split_detail(address, "+")->base.text(), "a@x");
        EXPECT_EQ(split_detail(address, "-+")->detail, "b+c");
        EXPECT_FALSE(split_detail(Address { "+b", "x" }, "+"));
        EXPECT_FALSE(split_detail(Address { "\"a+b \"", "x" }, "+"));
        EXPECT_FALSE(split_detail(Address {}, "+"));
    }

    TEST(LmtpAddress, IsKnownByItsSpellings)
    {
        auto const texts = [](Address const& address) {
            std::vector<std::string> all;
            for (auto const& spelling : spellings_of(address))
                all.push_back(spelling.text());
            return all;
        };
        using Texts = std::vector<std::string>;
        EXPECT_EQ(texts({ "a", "b.example" }), (Texts { "a@b.example" }));
        EXPECT_EQ(texts({ "a", "" }), (Texts { "a" }));
        EXPECT_EQ(texts({ "a",
                      "b\xc3\xbc"
                      "cher.example" }),
            (Texts { "a@b\xc3\xbc"
                     "cher.example",
                "a@xn--bcher-kva.example" }));
        EXPECT_EQ(texts({ "a", "XN--bcher-kva.example" }),
            (Texts { "a@XN--bcher-kva.example",
                "a@b\xc3\xbc"
                "cher.example",
                "a@xn--bcher-kva.example" }));
        // Decomposed: "u" and a combining diaeresis.
        EXPECT_EQ(
            texts({ "ju\xcc\x88rgen", "b" }), (Texts { "ju\xcc\x88rgen@b", "j\xc3\xbcrgen@b" }));
        EXPECT_EQ(texts({ "\xc3\xa9", "[10.0.0.1]" }), (Texts { "\xc3\xa9@[10.0.0.1]" }));
    }

    TEST(LmtpXtext, HidesOctets)
    {
        EXPECT_EQ(decode_xtext(""), "");
        EXPECT_EQ(decode_xtext("e+3Dmc2@x"), "e=mc2@x");
        EXPECT_EQ(decode_xtext("a+2Bb+20c"), "a+b c");
        EXPECT_EQ(decode_xtext("\xc3\xa9"), "\xc3\xa9");
        for (auto const* wrong : { "+", "a+4", "a+4g", "a+4e", "a=b", "a b", "a\tb", "+0D+0A",
                 "+00", "+7F", "+C3+A9", "a\x7f" })
            EXPECT_FALSE(decode_xtext(wrong)) << wrong;
    }

    TEST(LmtpHopCounter, CountsWhereverTheInputIsCut)
    {
        struct Case {
            std::string_view message;
            std::size_t hops;
        };
        for (auto const& [message, hops] :
            { Case { "", 0 }, Case { "Received: a", 1 }, Case { "received:\nRECEIVED:x\r\n", 2 },
                Case { "Received-SPF: a\r\n Received: b\r\nXReceived: c\r\n", 0 },
                Case { "A: 1\r\n\r\nReceived: a\r\n", 0 }, Case { "\r\nReceived: a\r\n", 0 },
                Case { "\nReceived: a\r\n", 0 }, Case { "Receive\r\nReceived: a\r\n", 1 },
                Case { "\rx\r\nReceived: a\r\n\nReceived: b\r\n", 1 } }) {
            for (std::size_t piece = 1; piece <= message.size() + 1; ++piece) {
                HopCounter counter;
                for (std::size_t i = 0; i < message.size(); i += piece)
                    counter.feed(message.substr(i, piece));
                ASSERT_EQ(counter.hops(), hops) << message << piece;
            }
        }
    }

    std::string converted(std::string_view octets, std::size_t piece)
    {
        LocalInput input;
        std::string out;
        for (std::size_t i = 0; i < octets.size(); i += piece)
            input.feed(octets.substr(i, piece), out);
        input.finish(out);
        return out;
    }

    TEST(LmtpLocalInput, BringsMessagesIntoTheFormOfTheWire)
    {
        for (std::size_t piece = 1; piece < 30; ++piece) {
            EXPECT_EQ(converted("", piece), "");
            EXPECT_EQ(converted("Fro", piece), "Fro");
            EXPECT_EQ(converted("From: a\n\nFrom b\n", piece), "From: a\r\n\r\nFrom b\r\n");
            EXPECT_EQ(converted("From a@b Thu Jan 1\nA: 1\n\nx", piece), "A: 1\r\n\r\nx");
            EXPECT_EQ(converted("From a@b\r\nA: 1\r\n\r\nx\ny\rz\r\n", piece),
                "A: 1\r\n\r\nx\r\ny\rz\r\n");
            EXPECT_EQ(converted("\n\n\r\n", piece), "\r\n\r\n\r\n");
        }
    }

} // namespace
} // namespace mail::lmtp
