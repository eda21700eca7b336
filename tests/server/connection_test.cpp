// A connection over a real socket pair with an OpenSSL client at the other end.
#include "server/connection.h"

#include "server/tls/context.h"
#include "tests/server/tls_client.h"
#include "tests/support/test_services.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <sys/socket.h>

#include <thread>

using namespace mail;
using namespace mail::server;
using namespace std::chrono_literals;

namespace {

using Step = std::function<void(test::Client&)>;
using Body = awaitable<void> (*)(Connection&, std::string&);

class ConnectionTest : public testing::Test {
protected:
    ConnectionTest()
    {
        settings.certificates = { test::make_certificate(folder.path()) };
        credentials = tls::Context(settings).get();
    }

    /// Runs `body` on the server's end and `client` on a thread at the other. Returns the error
    /// that ended the body, if any; what it noted is in `noted`.
    boost::system::error_code run(Body body, Step client,
        std::function<void(boost::asio::io_context&, Connection&)> meanwhile = {})
    {
        int sockets[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
        EXPECT_EQ(::fcntl(sockets[0], F_SETFL, O_NONBLOCK), 0);
        boost::asio::io_context io { 1 };
        Socket socket(io, boost::asio::generic::stream_protocol(AF_UNIX, 0), sockets[0]);
        Connection connection(
            std::move(socket), peer, protocol, credentials, Connection::StartTls::offered);
        boost::system::error_code error;
        bool done = false;
        noted.clear();
        boost::asio::co_spawn(io, body(connection, noted), [&](std::exception_ptr failure) {
            done = true;
            try {
                if (failure)
                    std::rethrow_exception(failure);
            } catch (boost::system::system_error const& thrown) {
                error = thrown.code();
            }
            if (error != boost::asio::error::timed_out)
                connection.close();
        });
        std::thread other([&] {
            test::Client other_end(sockets[1]);
            client(other_end);
        });
        if (meanwhile) {
            io.run_for(50ms);
            meanwhile(io, connection);
        }
        auto const deadline = Clock::now() + 20s;
        while (!done && Clock::now() < deadline) {
            io.restart();
            io.run_one_for(100ms);
        }
        EXPECT_TRUE(done);
        connection.close();
        other.join();
        return error;
    }

    test::TemporaryDirectory folder;
    config::TlsSettings settings;
    Connection::Credentials credentials;
    Peer peer { "local", 0, true };
    config::Protocol protocol = config::Protocol::imap;
    std::string noted;
};

awaitable<std::string> read_one(Connection& c, std::size_t most = 4096)
{
    std::string block(most, '\0');
    auto const got = co_await c.read_some(std::span(block));
    block.resize(got);
    co_return block;
}

awaitable<void> echo(Connection& c, std::string& noted)
{
    for (;;) {
        auto const text = co_await read_one(c);
        noted += text;
        co_await c.write(text);
    }
}

awaitable<void> echo_tls(Connection& c, std::string& noted)
{
    co_await c.start_tls();
    co_await echo(c, noted);
}

awaitable<void> facts(Connection& c, std::string& noted)
{
    noted = std::string(c.is_encrypted() ? "tls " : "plain ")
        + (c.may_start_tls() ? "may " : "may not ");
    co_await c.start_tls();
    auto const now = c.tls_facts();
    noted += now.version + " " + std::to_string(now.bits) + (c.is_encrypted() ? " tls" : "")
        + (c.may_start_tls() ? " may" : " may not");
    co_await c.write(now.cipher + "\n");
}

} // namespace

TEST_F(ConnectionTest, MovesOctetsBothWaysUntilTheClientIsGone)
{
    auto const error = run(echo, [](test::Client& client) {
        EXPECT_TRUE(client.send("hello\n"));
        EXPECT_EQ(client.read_line(), "hello\n");
    });
    EXPECT_EQ(error, boost::asio::error::eof);
    EXPECT_EQ(noted, "hello\n");
}

namespace {

/// Works on without reading, until nobody waits for it.
awaitable<void> work_without_end(Connection& c, std::string& noted)
{
    c.fail_if_gone();
    noted = "began";
    co_await c.write("go\n");
    boost::asio::steady_timer timer(c.executor());
    for (;;) {
        timer.expires_after(std::chrono::milliseconds(1));
        co_await timer.async_wait(boost::asio::use_awaitable);
        c.fail_if_gone();
    }
}

} // namespace

TEST_F(ConnectionTest, WorkEndsWhenTheClientIsGone)
{
    auto const error = run(work_without_end, [](test::Client& client) {
        EXPECT_EQ(client.read_line(), "go\n");
        EXPECT_TRUE(client.send("more\n")); // octets that nobody reads are no reason to go on
    });
    EXPECT_EQ(error, boost::asio::error::eof);
    EXPECT_EQ(noted, "began");
}

TEST_F(ConnectionTest, SpeaksTls12AndTls13)
{
    for (auto const& [version, name] :
        { std::pair(TLS1_2_VERSION, "TLSv1.2"), std::pair(TLS1_3_VERSION, "TLSv1.3") }) {
        run(facts, [version = version](test::Client& client) {
            ASSERT_TRUE(client.start_tls(version));
            EXPECT_NE(client.read_line(), "");
            EXPECT_EQ(client.read_all(), "");
            EXPECT_TRUE(client.saw_close_notify());
        });
        EXPECT_TRUE(noted == std::string("plain may ") + name + " 128 tls may not"
            || noted == std::string("plain may ") + name + " 256 tls may not")
            << noted;
    }
}

TEST_F(ConnectionTest, RefusesOldTlsAndGarbage)
{
    auto error
        = run(facts, [](test::Client& client) { EXPECT_FALSE(client.start_tls(TLS1_1_VERSION)); });
    EXPECT_EQ(error, boost::system::errc::protocol_error);
    error = run(facts, [](test::Client& client) {
        EXPECT_TRUE(client.send("a1 LOGIN alice secret\r\na2 NOOP\r\n"));
        client.read_all();
    });
    EXPECT_EQ(error, boost::system::errc::protocol_error);
    settings.only_tls13 = true;
    credentials = tls::Context(settings).get();
    error
        = run(facts, [](test::Client& client) { EXPECT_FALSE(client.start_tls(TLS1_2_VERSION)); });
    EXPECT_EQ(error, boost::system::errc::protocol_error);
}

TEST_F(ConnectionTest, ResumesSessionsByTicket)
{
    for (int const version : { TLS1_2_VERSION, TLS1_3_VERSION }) {
        std::shared_ptr<SSL_SESSION> ticket;
        run(echo_tls, [&](test::Client& client) {
            ASSERT_TRUE(client.start_tls(version));
            EXPECT_TRUE(client.send("x"));
            EXPECT_EQ(client.read(1), "x"); // TLS 1.3 sends the ticket with the first data
            EXPECT_FALSE(client.is_resumed());
            ticket = client.session();
        });
        run(echo_tls, [&](test::Client& client) {
            ASSERT_TRUE(client.start_tls(version, ticket.get()));
            EXPECT_TRUE(client.send("x"));
            EXPECT_EQ(client.read(1), "x");
            EXPECT_TRUE(client.is_resumed());
        });
    }
}

namespace {

awaitable<void> starttls_as_protocols_do(Connection& c, std::string& noted)
{
    noted = co_await read_one(c); // the caller forgets all that came with it
    noted += "|";
    co_await c.write("go ahead\n");
    co_await c.start_tls();
    noted += co_await read_one(c);
}

awaitable<void> write_a_lot(Connection& c, std::string&)
{
    co_await c.start_tls();
    std::string text;
    for (int i = 0; text.size() < 3'000'000; ++i)
        text += std::to_string(i);
    co_await c.write(text);
}

awaitable<void> read_slowly(Connection& c, std::string& noted)
{
    co_await c.start_tls();
    noted = co_await read_one(c, 1);
    for (int i = 0; i < 2; ++i) {
        noted += co_await c.wait_input() == ByteStream::Wake::input ? '!' : '?';
        noted += co_await read_one(c, 1);
    }
}

} // namespace

TEST_F(ConnectionTest, ForgetsWhatCameBeforeTheHandshake)
{
    run(starttls_as_protocols_do, [](test::Client& client) {
        EXPECT_TRUE(client.send("STARTTLS\r\nINJECTED\r\n"));
        EXPECT_EQ(client.read_line(), "go ahead\n");
        ASSERT_TRUE(client.start_tls());
        EXPECT_TRUE(client.send("first"));
        client.read_all();
    });
    EXPECT_EQ(noted, "STARTTLS\r\nINJECTED\r\n|first");
}

TEST_F(ConnectionTest, WritesMoreThanTheSocketTakesAtOnce)
{
    auto const error = run(write_a_lot, [](test::Client& client) {
        ASSERT_TRUE(client.start_tls());
        std::this_thread::sleep_for(100ms);
        auto const text = client.read_all();
        EXPECT_GE(text.size(), 3'000'000u);
        std::string expected;
        for (int i = 0; expected.size() < text.size(); ++i)
            expected += std::to_string(i);
        EXPECT_TRUE(text == expected);
    });
    EXPECT_FALSE(error) << error.message();
}

namespace {

awaitable<void> end_and_wait(Connection& c, std::string& noted)
{
    co_await c.start_tls();
    c.end_with_next_write();
    co_await c.write("* BYE\r\n");
    noted = co_await read_one(c);
}

} // namespace

TEST_F(ConnectionTest, CloseNotifyGoesWithTheLastWriteAndOnlyOnce)
{
    auto const error = run(end_and_wait, [](test::Client& client) {
        ASSERT_TRUE(client.start_tls());
        EXPECT_EQ(client.read_line(), "* BYE\r\n");
        EXPECT_EQ(client.read_all(), "");
        EXPECT_TRUE(client.saw_close_notify()) << "the server waits still, and has not closed";
        EXPECT_TRUE(client.send("seen"));
        char more = 0;
        EXPECT_EQ(::recv(client.socket(), &more, 1, 0), 0);
    });
    EXPECT_FALSE(error) << error.message();
    EXPECT_EQ(noted, "seen");
}

TEST_F(ConnectionTest, SeesInputThatTlsHasAlreadyTaken)
{
    auto const error = run(read_slowly, [](test::Client& client) {
        ASSERT_TRUE(client.start_tls());
        EXPECT_TRUE(client.send("abc"));
        client.read_all();
    });
    EXPECT_FALSE(error) << error.message();
    EXPECT_EQ(noted, "a!b!c");
}

// --- time limits

TEST_F(ConnectionTest, EndsReadsAndHandshakesThatTakeTooLong)
{
    auto const late = [](boost::asio::io_context&, Connection& c) {
        c.check_deadlines(Clock::now() + 29s);
        c.check_deadlines(Clock::now() + 61s);
    };
    auto error = run(
        echo,
        [](test::Client& client) { EXPECT_EQ(client.read_all(), "") << "closed by the server"; },
        late);
    EXPECT_EQ(error, boost::asio::error::timed_out);
    error = run(
        facts, [](test::Client& client) { EXPECT_EQ(client.read_all(), ""); }, late);
    EXPECT_EQ(error, boost::asio::error::timed_out);
}

TEST_F(ConnectionTest, SaysALastLineAfterATimeLimit)
{
    auto const error = run(
        echo, [](test::Client& client) { EXPECT_EQ(client.read_all(), "* BYE\r\n"); },
        [](boost::asio::io_context& io, Connection& c) {
            c.check_deadlines(Clock::now() + 61s);
            io.restart();
            io.run_for(20ms);
            c.say_goodbye("* BYE\r\n");
        });
    EXPECT_EQ(error, boost::asio::error::timed_out);
}

namespace {

awaitable<void> write_to_a_sleeper(Connection& c, std::string& noted)
{
    std::string const text(10'000'000, 'x');
    try {
        co_await c.write(text);
    } catch (boost::system::system_error const&) {
        noted = "ended";
        c.say_goodbye("must not land within the response");
        throw;
    }
}

awaitable<void> wait_three_times(Connection& c, std::string& noted)
{
    for (int i = 0; i < 3; ++i)
        noted += co_await c.wait_input() == ByteStream::Wake::input ? "input " : "interrupted ";
    noted += co_await read_one(c);
}

awaitable<void> wait_after_stop(Connection& c, std::string& noted)
{
    try {
        co_await c.wait_input();
    } catch (boost::system::system_error const& error) {
        noted += error.code() == boost::asio::error::operation_aborted ? "aborted " : "? ";
    }
    co_await c.write("last reply\n");
    co_await read_one(c);
}

} // namespace

TEST_F(ConnectionTest, EndsWritesThatTheClientDoesNotRead)
{
    auto const error = run(
        write_to_a_sleeper,
        [](test::Client& client) {
            std::this_thread::sleep_for(300ms);
            auto const text = client.read_all();
            EXPECT_EQ(text.find_first_not_of('x'), text.npos);
        },
        [](boost::asio::io_context&, Connection& c) { c.check_deadlines(Clock::now() + 61s); });
    EXPECT_EQ(error, boost::asio::error::timed_out);
    EXPECT_EQ(noted, "ended");
}

// --- interruption and shutdown

TEST_F(ConnectionTest, AnInterruptWakesTheWaitUnderWayOrTheNext)
{
    auto const error = run(
        wait_three_times,
        [](test::Client& client) {
            std::this_thread::sleep_for(200ms);
            client.send("data");
            client.read_all();
        },
        [](boost::asio::io_context& io, Connection& c) {
            c.interrupt();
            c.interrupt(); // twice is once
            io.restart();
            io.run_for(20ms);
            c.interrupt();
        });
    EXPECT_FALSE(error);
    EXPECT_EQ(noted, "interrupted interrupted input data");
}

TEST_F(ConnectionTest, AnInterruptDoesNotDisturbAReadOrWrite)
{
    auto const error = run(
        echo,
        [](test::Client& client) {
            std::this_thread::sleep_for(100ms);
            client.send("data");
            EXPECT_EQ(client.read(4), "data");
        },
        [](boost::asio::io_context&, Connection& c) { c.interrupt(); });
    EXPECT_EQ(error, boost::asio::error::eof);
    auto const other = run(
        write_a_lot,
        [](test::Client& client) {
            ASSERT_TRUE(client.start_tls());
            std::this_thread::sleep_for(150ms);
            EXPECT_GE(client.read_all().size(), 3'000'000u);
        },
        [](boost::asio::io_context&, Connection& c) { c.interrupt(); });
    EXPECT_FALSE(other);
}

TEST_F(ConnectionTest, StoppingEndsReadsAndLetsTheLastReplyOut)
{
    auto const error = run(
        wait_after_stop,
        [](test::Client& client) {
            EXPECT_EQ(client.read_line(), "last reply\n");
            client.read_all();
        },
        [](boost::asio::io_context&, Connection& c) { c.stop(2s); });
    EXPECT_EQ(error, boost::asio::error::operation_aborted) << "later reads end at once";
    EXPECT_EQ(noted, "aborted ");
}

// --- behind a proxy

namespace {

std::string text_of(ProxyHeader::Source source)
{
    return source == ProxyHeader::Source::client ? "client"
        : source == ProxyHeader::Source::proxy   ? "proxy"
                                                 : "unknown";
}

awaitable<void> meet_then_echo(Connection& c, std::string& noted)
{
    auto const header = co_await c.read_proxy_header();
    noted = text_of(header.source) + " " + c.peer().address + ":" + std::to_string(c.peer().port)
        + (c.peer().is_loopback ? " loopback" : "") + (c.is_encrypted() ? " encrypted" : "")
        + (c.may_start_tls() ? " may start" : "") + "|";
    co_await echo(c, noted);
}

awaitable<void> meet_then_echo_tls(Connection& c, std::string& noted)
{
    co_await c.read_proxy_header();
    co_await echo_tls(c, noted);
}

constexpr auto v2_of_ssl
    = "\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x1e\xcb\x00\x71\x05\x0a\x00\x00\x01\x9c\xbb\x03\xe1"
      "\x20\x00\x0f\x01\x00\x00\x00\x00\x21\x00\x07TLSv1.3";

} // namespace

TEST_F(ConnectionTest, BelievesAProxyWhoItsClientIs)
{
    struct Case {
        std::string header;
        char const* noted;
    };
    for (auto const& [header, expected] : {
             Case { "PROXY TCP4 203.0.113.5 10.0.0.1 40123 993\r\n",
                 "client 203.0.113.5:40123 may start|hello\n" },
             Case { "PROXY TCP4 127.0.0.9 10.0.0.1 1 993\r\n",
                 "client 127.0.0.9:1 loopback may start|hello\n" },
             Case { "PROXY UNKNOWN\r\n", "unknown local:0 may start|hello\n" },
             Case { std::string(v2_of_ssl, 46), "client 203.0.113.5:40123 encrypted|hello\n" },
         }) {
        for (bool const at_once : { true, false }) {
            auto const error = run(meet_then_echo, [&, h = header](test::Client& client) {
                if (at_once) {
                    EXPECT_TRUE(client.send(h + "hello\n"));
                } else {
                    for (char const c : h) {
                        EXPECT_TRUE(client.send(std::string_view(&c, 1)));
                        std::this_thread::sleep_for(1ms);
                    }
                    EXPECT_TRUE(client.send("hello\n"));
                }
                EXPECT_EQ(client.read_line(), "hello\n");
            });
            EXPECT_EQ(error, boost::asio::error::eof);
            EXPECT_EQ(noted, expected);
        }
    }
}

TEST_F(ConnectionTest, TheProxysHeaderComesBeforeTls)
{
    run(meet_then_echo_tls, [](test::Client& client) {
        EXPECT_TRUE(client.send("PROXY TCP4 203.0.113.5 10.0.0.1 40123 993\r\n"));
        ASSERT_TRUE(client.start_tls());
        EXPECT_TRUE(client.send("hello\n"));
        EXPECT_EQ(client.read_line(), "hello\n");
    });
}

TEST_F(ConnectionTest, EndsConnectionsWithoutTheProxysHeader)
{
    auto error = run(meet_then_echo, [](test::Client& client) {
        EXPECT_TRUE(client.send("a1 NOOP\r\n"));
        EXPECT_EQ(client.read_all(), "");
    });
    EXPECT_EQ(error, boost::system::errc::protocol_error);
    error = run(
        meet_then_echo,
        [](test::Client& client) {
            EXPECT_TRUE(client.send("PROXY TCP4 "));
            client.read_all();
        },
        [](boost::asio::io_context&, Connection& c) { c.check_deadlines(Clock::now() + 1h); });
    EXPECT_EQ(error, boost::asio::error::timed_out);
}
