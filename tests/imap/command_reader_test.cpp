// Cuts input into commands, whatever pieces it comes in.
#include "protocol/imap/command_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace mail::imap {
namespace {

    /// What a reader says about input that comes in pieces; literals are accepted up to 10 octets,
    /// skipped when they are larger and not synchronizing, else refused.
    std::vector<std::string> read(std::vector<std::string> const& pieces, std::size_t limit = 100)
    {
        CommandReader reader(limit);
        std::vector<std::string> said;
        for (auto const& piece : pieces) {
            std::string_view bytes = piece;
            for (;;) {
                auto const step = reader.feed(bytes);
                if (std::holds_alternative<CommandReader::NeedMore>(step)) {
                    EXPECT_TRUE(bytes.empty());
                    break;
                }
                if (auto const* complete = std::get_if<CommandReader::Complete>(&step)) {
                    said.push_back("complete " + std::string(complete->command));
                } else if (auto const* dropped = std::get_if<CommandReader::Dropped>(&step)) {
                    said.push_back((dropped->too_long ? "too long " : "dropped ")
                        + std::string(dropped->command));
                } else if (auto const* literal = std::get_if<CommandReader::NeedLiteral>(&step)) {
                    said.push_back("literal " + std::to_string(literal->octets)
                        + (literal->synchronizing ? "" : "+"));
                    if (literal->octets <= 10)
                        reader.accept_literal();
                    else if (literal->synchronizing)
                        reader.refuse_literal();
                    else
                        reader.skip_literal(literal->octets);
                }
            }
        }
        return said;
    }

    using Said = std::vector<std::string>;

    TEST(ImapCommandReader, GivesOutLinesWithoutTheirEnds)
    {
        EXPECT_EQ(read({ "a NOOP\r\nb NOOP\nc NOOP\r\r\n\r\n" }),
            (Said { "complete a NOOP", "complete b NOOP", "complete c NOOP\r", "complete " }));
    }

    TEST(ImapCommandReader, KeepsLiteralsInPlace)
    {
        EXPECT_EQ(read({ "a LOGIN {5}\r\nal\r\nc {3+}\r\n{1}\r\n" }),
            (Said { "literal 5", "literal 3+", "complete a LOGIN {5}\r\nal\r\nc {3+}\r\n{1}" }));
        EXPECT_EQ(read({ "a X {0}\r\n\r\nb\r\n" }),
            (Said { "literal 0", "complete a X {0}\r\n", "complete b" }));
        EXPECT_EQ(read({ "a X ({2}\nab)\n" }), (Said { "literal 2", "complete a X ({2}\r\nab)" }));
        EXPECT_EQ(
            read({ "a X ~{2}\r\nab\r\n" }), (Said { "literal 2", "complete a X ~{2}\r\nab" }));
    }

    TEST(ImapCommandReader, TakesNoLiteralWhereNoneMayStand)
    {
        EXPECT_EQ(read({ "a LOGIN x{3}\r\nb}\r\n{3}\r\nc {}\r\nd {+}\r\ne {3 }\r\nf {-1}\r\n" }),
            (Said { "complete a LOGIN x{3}", "complete b}", "complete {3}", "complete c {}",
                "complete d {+}", "complete e {3 }", "complete f {-1}" }));
    }

    TEST(ImapCommandReader, ForgetsACommandWhoseLiteralIsRefused)
    {
        EXPECT_EQ(read({ "a X {11}\r\nb NOOP\r\n" }), (Said { "literal 11", "complete b NOOP" }));
    }

    TEST(ImapCommandReader, SkipsLiteralsAndTheRestOfTheirCommand)
    {
        EXPECT_EQ(read({ "a X {11+}\r\nhello\r\n1234 y {2+}\r\nab z\r\nb NOOP\r\n" }),
            (Said { "literal 11+", "dropped a X {11+}", "complete b NOOP" }));
        // A synchronizing literal in what is dropped is not sent: the client waits.
        EXPECT_EQ(read({ "a X {11+}\r\nhello world {4}\r\nb NOOP\r\n" }),
            (Said { "literal 11+", "dropped a X {11+}", "complete b NOOP" }));
    }

    TEST(ImapCommandReader, PassesOverNumbersThatAreTooLarge)
    {
        CommandReader reader(100);
        std::string_view bytes = "a X {99999999999999999999999+}\r\n";
        auto const step = reader.feed(bytes);
        ASSERT_TRUE(std::holds_alternative<CommandReader::NeedLiteral>(step));
        EXPECT_EQ(std::get<CommandReader::NeedLiteral>(step).octets, UINT64_MAX);
    }

    TEST(ImapCommandReader, ResynchronisesAtTheEndOfALineThatIsTooLong)
    {
        auto const filler = std::string(200, 'x');
        EXPECT_EQ(read({ "a1 " + std::string(97, 'x') + "\r\n" }),
            (Said { "complete a1 " + std::string(97, 'x') }));
        auto const said = read({ "a1 " + filler + "\r\nb NOOP\r\n" });
        ASSERT_EQ(said.size(), 2u);
        EXPECT_TRUE(said[0].starts_with("too long a1 x")) << said[0];
        EXPECT_EQ(said[1], "complete b NOOP");
        // Its literal must not be taken for commands.
        EXPECT_EQ(
            read({ "a1 " + filler + " {8+}\r\nb NOOP\r\n\r\nc NOOP\r\n" })[1], "complete c NOOP");
        EXPECT_EQ(read({ "a1 " + filler + " {0+}\r\nrest\r\nc NOOP\r\n" })[1], "complete c NOOP");
        // Lines between literals count together: else their number would not be bounded.
        auto const half = std::string(60, 'x');
        EXPECT_TRUE(
            read({ "a1 " + half + " {2+}\r\nab" + half + "\r\n" })[1].starts_with("too long"));
    }

    TEST(ImapCommandReader, HoldsNoMoreThanItsLimits)
    {
        CommandReader reader(1000);
        std::string const piece(100'000, 'y');
        for (int i = 0; i < 20; ++i) {
            std::string_view bytes = piece;
            EXPECT_TRUE(std::holds_alternative<CommandReader::NeedMore>(reader.feed(bytes)));
            EXPECT_LE(reader.text().size(), 1002u);
        }
    }

    TEST(ImapCommandReader, LeavesAStreamedLiteralToItsCaller)
    {
        CommandReader reader(100);
        std::string_view bytes = "a APPEND x {3}\r\nabc (more)\r\n";
        ASSERT_TRUE(std::holds_alternative<CommandReader::NeedLiteral>(reader.feed(bytes)));
        EXPECT_EQ(reader.text(), "a APPEND x {3}");
        bytes.remove_prefix(3);
        reader.stream_literal();
        auto const step = reader.feed(bytes);
        ASSERT_TRUE(std::holds_alternative<CommandReader::Complete>(step));
        EXPECT_EQ(std::get<CommandReader::Complete>(step).command, " (more)");
    }

    TEST(ImapCommandReader, CountsAnewBehindAStreamedLiteral)
    {
        CommandReader reader(20);
        for (int i = 0; i < 100; ++i) {
            std::string_view bytes = "0123456789 {3}\r\nabc";
            ASSERT_TRUE(std::holds_alternative<CommandReader::NeedLiteral>(reader.feed(bytes)));
            reader.stream_literal();
            EXPECT_EQ(reader.text(), "");
        }
        std::string_view rest = std::string_view("0123456789012345678901234\r\n");
        EXPECT_TRUE(std::holds_alternative<CommandReader::Dropped>(reader.feed(rest)));
    }

    TEST(ImapCommandReader, SaysTheSameHoweverTheInputIsCut)
    {
        std::vector<std::string> const inputs {
            "a NOOP\r\nb LOGIN {5}\r\nal\r\nc \"x\"\r\nc X {3+}\r\nabc {0}\r\n\r\n",
            "a X {11+}\r\nhello\r\n1234 y {2+}\r\nab z\r\nb NOOP\n\n",
            "a1 " + std::string(130, 'x') + " {8+}\r\nb NOOP\r\n\r\nc NOOP\r\nd {20}\r\ne\r\n",
            "a1 " + std::string(91, 'x') + " {8+}\r\nb NOOP\r\n\r\nc NOOP\r\n",
            "a1 " + std::string(93, 'x') + " {8+}\r\nb NOOP\r\n\r\nc NOOP\r\n",
        };
        for (auto const& input : inputs) {
            auto const whole = read({ input });
            for (std::size_t cut = 0; cut <= input.size(); ++cut)
                EXPECT_EQ(read({ input.substr(0, cut), input.substr(cut) }), whole) << cut;
            std::vector<std::string> octets;
            for (char const c : input)
                octets.emplace_back(1, c);
            EXPECT_EQ(read(octets), whole);
        }
    }

} // namespace
} // namespace mail::imap
