// Deflate both ways: however the octets are cut, whenever memory is given back, whatever comes in.
#include "protocol/deflate.h"
#include "protocol/deflate_stream.h"
#include "tests/support/deflate_client.h"
#include "tests/support/memory_stream.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <random>

namespace mail::test {
namespace {

    std::string text(std::size_t octets, unsigned seed = 1)
    {
        std::mt19937 random(seed);
        std::string result;
        while (result.size() < octets)
            result += "* " + std::to_string(random() % 1000) + " FETCH (UID "
                + std::to_string(random()) + " FLAGS (\\Seen))\r\n";
        return result;
    }

    /// All that the octets expand to, read into pieces of `piece` octets.
    std::string expand(Inflater& inflater, std::string_view octets, std::size_t piece = 100)
    {
        std::string result;
        std::string part(piece, '\0');
        do {
            auto const size = inflater.expand(octets, part);
            result.append(part, 0, size);
            if (size == 0 && octets.empty())
                break;
        } while (!inflater.is_over());
        return result;
    }

    TEST(Deflater, WritesWhatCanBeReadAtOnce)
    {
        Deflater deflater;
        DeflateClient client;
        std::size_t octets = 0;
        for (unsigned i = 0; i < 50; ++i) {
            auto const words = text(i * i * 20 + 1, i);
            std::string compressed;
            deflater.compress(words, compressed);
            EXPECT_EQ(client.expand(compressed), words);
            octets += compressed.size();
            if (i % 7 == 0)
                deflater.rest();
        }
        EXPECT_LT(octets, 400'000U) << "it should be smaller";
        std::string last;
        Deflater::store("* BYE\r\n", last);
        deflater.end(last);
        EXPECT_EQ(client.expand(last), "* BYE\r\n");
        EXPECT_TRUE(client.has_ended);
    }

    TEST(Deflater, StoresLongOctetsInSeveralBlocks)
    {
        auto const words = text(200'000);
        std::string stored;
        Deflater::store(words, stored);
        DeflateClient client;
        EXPECT_EQ(client.expand(stored), words);
        EXPECT_FALSE(client.is_damaged);
    }

    TEST(Inflater, ReadsInputHoweverItIsCut)
    {
        DeflateClient client;
        std::string wire;
        std::string wanted;
        for (unsigned i = 0; i < 20; ++i) {
            wanted += text(300, i);
            wire += client.compress(text(300, i));
        }
        wire += client.compress(text(70'000, 99)); // beyond the window
        wanted += text(70'000, 99);
        for (std::size_t cut : { 1, 2, 3, 7, 100, 5000 }) {
            Inflater inflater;
            std::string got;
            for (std::size_t at = 0; at < wire.size(); at += cut)
                got += expand(inflater, std::string_view(wire).substr(at, cut), cut * 3);
            EXPECT_EQ(got, wanted) << cut;
            EXPECT_TRUE(inflater.is_between_blocks());
        }
    }

    TEST(Inflater, GoesOnAfterEachRest)
    {
        for (int const flush : { Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_PARTIAL_FLUSH, Z_BLOCK }) {
            DeflateClient client;
            Inflater inflater;
            std::string wanted;
            std::string got;
            for (unsigned i = 0; i < 300; ++i) {
                auto const words = text(i % 17 * 40 + 1, i % 5);
                wanted += words;
                got += expand(inflater, client.compress(words, flush));
                inflater.rest();
            }
            got += expand(inflater, client.compress({}, Z_FINISH));
            EXPECT_EQ(got, wanted) << flush;
            EXPECT_TRUE(inflater.is_over());
        }
    }

    TEST(Inflater, StopsWhereTheOtherSideFlushed)
    {
        DeflateClient client;
        auto wire = client.compress("first\r\n");
        auto const first = wire.size();
        wire += "plain";
        Inflater inflater;
        std::string_view in = wire;
        std::string out(100, '\0');
        std::string got;
        while (in.size() > wire.size() - first)
            got.append(out, 0, inflater.expand(in, out));
        EXPECT_EQ(got, "first\r\n");
        EXPECT_EQ(in, "plain");
        EXPECT_TRUE(inflater.is_between_blocks());
    }

    TEST(Inflater, RefusesWhatIsNoStream)
    {
        std::mt19937 random(7);
        int refused = 0;
        for (int i = 0; i < 200; ++i) {
            std::string noise(200, '\0');
            for (char& c : noise)
                c = static_cast<char>(random());
            Inflater inflater;
            try {
                expand(inflater, noise);
            } catch (std::invalid_argument const&) {
                ++refused;
            }
        }
        EXPECT_GT(refused, 150);
    }

    TEST(Inflater, ExpandsABombPieceByPiece)
    {
        DeflateClient client;
        auto const bomb = client.compress(std::string(20'000'000, 'a'));
        EXPECT_LT(bomb.size(), 40'000U);
        Inflater inflater;
        std::string_view in = bomb;
        std::string out(1000, '\0');
        std::size_t octets = 0;
        for (std::size_t size = 1; size != 0 || !in.empty(); octets += size) {
            size = inflater.expand(in, out);
            ASSERT_LE(size, out.size());
        }
        EXPECT_EQ(octets, 20'000'000U);
    }

    class CompressedConnection : public testing::Test {
    protected:
        boost::asio::io_context io { 1 };
        MemoryStream below { io };
        DeflateStream stream { below };
        DeflateClient client;

        /// Runs it to its end; false when it still waits for the client.
        bool run(std::function<awaitable<void>()> const& work)
        {
            auto const ended = std::make_shared<bool>(false);
            auto const failure = std::make_shared<std::exception_ptr>();
            boost::asio::co_spawn(io, work, [=](std::exception_ptr thrown) {
                *failure = std::move(thrown);
                *ended = true;
            });
            io.restart();
            while (!*ended && io.run_one_for(std::chrono::milliseconds(200)) != 0) { }
            if (*failure)
                std::rethrow_exception(*failure);
            return *ended;
        }
        static awaitable<void> read_into(DeflateStream& from, std::string& buffer)
        {
            auto const size = co_await from.read_some(buffer);
            buffer.resize(size);
        }
        std::string read_from(DeflateStream& from, std::size_t most)
        {
            std::string buffer(most, '\0');
            EXPECT_TRUE(run([&] { return read_into(from, buffer); })) << "it waits";
            return buffer;
        }
        std::string read(std::size_t most = 1000) { return read_from(stream, most); }
        void write(std::string_view octets)
        {
            run([&] { return stream.write(octets); });
        }
        static awaitable<void> note_wake(
            DeflateStream& from, std::optional<ByteStream::Wake>& woken)
        {
            auto const wake = co_await from.wait_input();
            woken = wake;
        }
        static awaitable<void> devour(DeflateStream& from, std::size_t octets, bool& done)
        {
            std::string buffer(16 * 1024, '\0');
            while (octets > 0)
                octets -= co_await from.read_some(buffer);
            done = true;
        }
        static awaitable<void> count_turns(
            boost::asio::io_context& io, int& turns, bool const& done)
        {
            for (; !done; ++turns)
                co_await boost::asio::post(io, boost::asio::use_awaitable);
        }
    };

    TEST_F(CompressedConnection, PassesEverythingThroughBeforeItStarts)
    {
        below.push("a1 NOOP\r\n");
        EXPECT_EQ(read(), "a1 NOOP\r\n");
        write("a1 OK\r\n");
        EXPECT_EQ(below.take_output(), "a1 OK\r\n");
        EXPECT_EQ(stream.wrap("* BYE\r\n"), "* BYE\r\n");
        EXPECT_FALSE(stream.is_compressing());
    }

    TEST_F(CompressedConnection, CompressesBothWays)
    {
        auto const early = client.compress("a2 NOOP\r\n");
        stream.start(std::string_view(early).substr(0, 3));
        below.push(early.substr(3));
        std::string line;
        while (!line.ends_with('\n'))
            line += read();
        EXPECT_EQ(line, "a2 NOOP\r\n");
        write(text(100'000));
        EXPECT_EQ(client.expand(below.take_output()), text(100'000));
        below.push(stream.is_compressing() ? client.compress("a3 NOOP\r\n") : "");
        EXPECT_EQ(read(2), "a3");
        EXPECT_EQ(read(), " NOOP\r\n");
        EXPECT_EQ(client.expand(stream.wrap("* BYE\r\n")), "* BYE\r\n");
    }

    TEST_F(CompressedConnection, WakesForOctetsAndNotForAFlush)
    {
        stream.start({});
        std::optional<ByteStream::Wake> woken;
        boost::asio::co_spawn(io, note_wake(stream, woken), boost::asio::detached);
        auto const turn = [&] {
            io.restart();
            io.run_for(std::chrono::milliseconds(20));
        };
        below.push(client.compress("", Z_FULL_FLUSH));
        turn();
        EXPECT_FALSE(woken);
        below.push(client.compress("DONE\r\n"));
        turn();
        EXPECT_EQ(woken, ByteStream::Wake::input);
        EXPECT_EQ(read(1), "D");
        EXPECT_EQ(read(), "ONE\r\n");
        woken.reset();
        boost::asio::co_spawn(io, note_wake(stream, woken), boost::asio::detached);
        turn();
        stream.interrupt();
        turn();
        EXPECT_EQ(woken, ByteStream::Wake::interrupted);
    }

    TEST_F(CompressedConnection, SaysThatInputIsDamaged)
    {
        stream.start({});
        below.push("a1 NOOP\r\n"); // plain
        EXPECT_THROW(read(), DamagedInput);
    }

    TEST_F(CompressedConnection, TakesNoEndThatNobodyAskedFor)
    {
        stream.start({});
        below.push(client.compress("a1 NOOP\r\n", Z_FINISH));
        EXPECT_EQ(read(), "a1 NOOP\r\n");
        EXPECT_THROW(read(), DamagedInput);
    }

    TEST_F(CompressedConnection, EndsBehindTheLastOctetThatWasRead)
    {
        for (int const flush : { Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH }) {
            for (std::size_t length = 1; length < 40; ++length) { // some blocks end on an octet
                DeflateClient each;
                stream.start({});
                std::string const command = std::string(length, 'x') + "\r\n";
                below.push(each.compress(command, flush) + "b LOGIN\r\n");
                EXPECT_EQ(read(), command);
                write("a OK\r\n");
                run([&] { return stream.finish(); });
                write("b OK\r\n");
                EXPECT_EQ(each.expand(below.take_output()), "a OK\r\nb OK\r\n");
                EXPECT_TRUE(each.has_ended);
                EXPECT_EQ(read(), "b LOGIN\r\n") << length;
                below.push("c NOOP\r\n");
                EXPECT_EQ(read(), "c NOOP\r\n");
            }
        }
    }

    TEST_F(CompressedConnection, EndsAlsoWhenTheFlushComesLater)
    {
        stream.start({});
        auto const wire = client.compress("a UNAUTHENTICATE\r\n");
        for (std::size_t cut = 0; cut < wire.size(); ++cut)
            below.push(std::string_view(wire).substr(cut, 1));
        below.largest_read = 1;
        std::string got;
        while (!got.ends_with("\n"))
            got += read();
        run([&] { return stream.finish(); });
        EXPECT_FALSE(stream.is_compressing());
        below.push("b NOOP\r\n");
        EXPECT_EQ(read(1), "b");
        stream.start("early"); // again, before all of the plain octets were read
        EXPECT_TRUE(stream.is_compressing());
    }

    TEST_F(CompressedConnection, ManyConnectionsTakeTurnsInMemory)
    {
        struct Other {
            explicit Other(boost::asio::io_context& io)
                : below(io)
                , stream(below)
            {
            }
            MemoryStream below;
            DeflateStream stream;
            DeflateClient client;
        };
        std::vector<std::unique_ptr<Other>> others;
        for (int i = 0; i < 100; ++i)
            others.emplace_back(std::make_unique<Other>(io))->stream.start({});
        for (unsigned round = 0; round < 5; ++round)
            for (auto& other : others) { // the first ones were put to rest by the last ones
                auto const words = text(3000, round % 2);
                other->below.push(other->client.compress(words));
                std::string got;
                while (got.size() < words.size())
                    got += read_from(other->stream, 500);
                ASSERT_EQ(got, words);
                run([&] { return other->stream.write(words); });
                ASSERT_EQ(other->client.expand(other->below.take_output()), words);
            }
    }

    TEST_F(CompressedConnection, ABombGivesWayToOthers)
    {
        stream.start({});
        below.push(client.compress(std::string(10'000'000, 'a')));
        int turns = 0;
        bool done = false;
        boost::asio::co_spawn(io, devour(stream, 10'000'000, done), boost::asio::detached);
        boost::asio::co_spawn(io, count_turns(io, turns, done), boost::asio::detached);
        io.restart();
        io.run_for(std::chrono::seconds(10));
        EXPECT_TRUE(done);
        EXPECT_GT(turns, 20);
    }

} // namespace
} // namespace mail::test
