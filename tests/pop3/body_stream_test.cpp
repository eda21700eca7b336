// Dot-stuffing and the cut of TOP, with the input cut at every octet.
#include "protocol/pop3/body_stream.h"

#include <gtest/gtest.h>

#include <random>

namespace mail::pop3 {
namespace {

    /// What a client sees that takes lines at LF, as poplib, fetchmail and others do.
    std::string unstuffed(std::string_view response)
    {
        std::string message;
        while (!response.empty()) {
            auto line = response.substr(0, response.find('\n') + 1);
            response.remove_prefix(line.size());
            if (line == ".\r\n" || line == ".\n")
                break;
            if (line.starts_with('.'))
                line.remove_prefix(1);
            message += line;
        }
        EXPECT_EQ(response, "") << "the response ended early";
        return message;
    }

    std::string stuffed(std::string_view octets, std::size_t cut, std::size_t again)
    {
        DotStuffer stuffer;
        std::string out;
        stuffer.write(octets.substr(0, cut), out);
        stuffer.write(octets.substr(cut, again - cut), out);
        stuffer.write(octets.substr(again), out);
        stuffer.end(out);
        return out;
    }

    TEST(Pop3DotStuffer, StuffsEachLine)
    {
        auto const whole = [](std::string_view octets) { return stuffed(octets, 0, 0); };
        EXPECT_EQ(whole(""), ".\r\n");
        EXPECT_EQ(whole("a\r\n"), "a\r\n.\r\n");
        EXPECT_EQ(whole("a"), "a\r\n.\r\n");
        EXPECT_EQ(whole("a\n"), "a\n\r\n.\r\n");
        EXPECT_EQ(whole("a\r"), "a\r\r\n.\r\n");
        EXPECT_EQ(whole(".\r\n..\r\n...\r\nx.y\r\n."), "..\r\n...\r\n....\r\nx.y\r\n..\r\n.\r\n");
        EXPECT_EQ(whole("a\n.\nb\r\n"), "a\n..\nb\r\n.\r\n"); // no end for clients that cut at LF
    }

    TEST(Pop3DotStuffer, RoundTripsWhereverTheInputIsCut)
    {
        std::mt19937 random(7);
        for (int round = 0; round < 60; ++round) {
            std::string octets;
            auto const length = random() % 24;
            for (unsigned i = 0; i < length; ++i)
                octets += std::string_view("..\r\n\nax")[random() % 7];
            auto const expected = stuffed(octets, 0, 0);
            auto const message = unstuffed(expected);
            EXPECT_EQ(
                message, octets.ends_with("\r\n") || octets.empty() ? octets : octets + "\r\n");
            for (std::size_t cut = 0; cut <= octets.size(); ++cut)
                for (std::size_t again = cut; again <= octets.size(); ++again)
                    ASSERT_EQ(stuffed(octets, cut, again), expected)
                        << octets << cut << " " << again;
        }
    }

    std::string top(std::string_view octets, std::uint64_t lines, std::size_t piece)
    {
        TopCut cut(lines);
        std::string out;
        for (std::size_t i = 0; i < octets.size(); i += piece) {
            auto const part = octets.substr(i, piece);
            out += part.substr(0, cut.take(part));
        }
        return out;
    }

    TEST(Pop3TopCut, TakesHeaderAndSoManyLines)
    {
        std::string const header = "A: 1\r\nB: 2\r\n\r\n";
        std::string const message = header + "one\r\n\r\nthree\r\nfour";
        for (std::size_t piece = 1; piece <= message.size(); ++piece) {
            EXPECT_EQ(top(message, 0, piece), header);
            EXPECT_EQ(top(message, 1, piece), header + "one\r\n");
            EXPECT_EQ(top(message, 2, piece), header + "one\r\n\r\n");
            EXPECT_EQ(top(message, 4, piece), message);
            EXPECT_EQ(top(message, 99999999, piece), message);
            EXPECT_EQ(top("A: 1\nB: 2\n\nbody\n", 0, piece), "A: 1\nB: 2\n\n");
            EXPECT_EQ(top("A: 1\r\nno body", 0, piece), "A: 1\r\nno body");
            EXPECT_EQ(top("\r\nbody\r\nmore\r\n", 1, piece), "\r\nbody\r\n");
            EXPECT_EQ(top("A: 1\n\r\nbody", 0, piece), "A: 1\n\r\n");
        }
    }

} // namespace
} // namespace mail::pop3
