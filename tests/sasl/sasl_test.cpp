// Base64, the mechanisms, and a whole login as IMAP and POP3 run it.
#include "protocol/sasl/base64.h"
#include "protocol/sasl/exchange.h"
#include "protocol/sasl/mechanism.h"
#include "protocol/sasl/saslprep.h"
#include "tests/support/memory_stream.h"
#include "tests/support/scram_client.h"
#include "tests/support/test_services.h"

#include <boost/asio/co_spawn.hpp>

#include <gtest/gtest.h>

using namespace std::string_literals;
using namespace std::string_view_literals;

namespace mail::sasl {
namespace {

    using mail::test::encoded;

    TEST(Saslprep, GivesNamesOneSpelling)
    {
        EXPECT_EQ(saslprep("user@example.org"), "user@example.org");
        EXPECT_EQ(saslprep(""), "");
        // RFC 4013 §3.
        EXPECT_EQ(saslprep("I\xc2\xadX"), "IX");
        EXPECT_EQ(saslprep("USER"), "USER");
        EXPECT_EQ(saslprep("\xc2\xaa"), "a");
        EXPECT_EQ(saslprep("\xe2\x85\xa8"), "IX");
        EXPECT_EQ(saslprep("\x07"), std::nullopt);
        EXPECT_EQ(saslprep("\xd8\xa7"
                           "1"),
            std::nullopt);
        EXPECT_EQ(saslprep("u\xcc\x88"), "\xc3\xbc");
        EXPECT_EQ(saslprep("a\xc2\xa0"
                           "b"),
            "a b");
        EXPECT_EQ(saslprep("\xc2\xad"), "");
        EXPECT_EQ(saslprep("\xff"), std::nullopt);
        EXPECT_EQ(saslprep("\xf0\x9f\x90\xb1"), "\xf0\x9f\x90\xb1") << "younger than the profile";
        EXPECT_EQ(saslprep(std::string(5000, 'x')), std::nullopt);
        auto const longest = saslprep([] { // one character that becomes eighteen
            std::string text;
            for (int i = 0; i < 1000; ++i)
                text += "\xef\xb7\xba";
            return text;
        }());
        ASSERT_TRUE(longest);
        EXPECT_GT(longest->size(), 18'000U);
    }

    TEST(Base64, RefusesWhatIsNotCanonical)
    {
        for (std::string_view const wrong : { "A"sv, "AA"sv, "AAA"sv, "AAAAA"sv, "="sv, "===="sv,
                 "A==="sv, "AA=A"sv, "AB=="sv, "AAB="sv, "AA ="sv, " AAA"sv, "AAAA\n"sv,
                 "AA==AAAA"sv, "AA-_"sv, "AAA\xff"sv, "AA=\0"sv, "QQ==QQ=="sv })
            EXPECT_FALSE(decode_base64(wrong, 100)) << wrong;
    }

    TEST(Base64, DecodesWhatItEncodes)
    {
        EXPECT_EQ(encoded(""), "");
        EXPECT_EQ(encoded("f"), "Zg==");
        EXPECT_EQ(encoded("fo"), "Zm8=");
        EXPECT_EQ(encoded("foo"), "Zm9v");
        EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
        std::string octets;
        for (int i = 0; i < 600; ++i) {
            ASSERT_EQ(decode_base64(encoded(octets), octets.size()), octets) << i;
            if (!octets.empty()) {
                ASSERT_FALSE(decode_base64(encoded(octets), octets.size() - 1)) << i;
            }
            octets += static_cast<char>(i * 37);
        }
    }

    class Sasl : public ::testing::Test {
    protected:
        Step feed(std::string_view mechanism, std::vector<std::string> const& responses)
        {
            auto const made = find_mechanism(mechanism)->make(stream);
            Step step = responses.empty() ? made->begin() : Step {};
            for (auto const& response : responses)
                step = made->feed(response);
            return step;
        }
        static std::string claim(Step const& step)
        {
            auto const* claim = std::get_if<PasswordClaim>(&step);
            return claim ? claim->authzid + "|" + claim->name + "|" + claim->password : "none";
        }

        test::TestServices services;
        test::MemoryStream stream { services.io };
    };

    TEST_F(Sasl, FindsMechanismsInAnyCase)
    {
        EXPECT_EQ(find_mechanism(""), nullptr);
        EXPECT_EQ(find_mechanism("PLAI"), nullptr);
        EXPECT_EQ(find_mechanism("PLAINX"), nullptr);
        EXPECT_EQ(find_mechanism("plain")->name, "PLAIN");
        EXPECT_EQ(find_mechanism("Login")->name, "LOGIN");
        EXPECT_EQ(mechanisms().front().name, "EXTERNAL") << "the strongest first";
        EXPECT_EQ(mechanisms().back().name, "ANONYMOUS") << "the weakest last";
    }

    TEST_F(Sasl, PlainRefusesWhatItsGrammarDoesNotHave)
    {
        for (auto const& wrong : { ""s, "alice"s, "\0alice"s, "\0\0"s, "\0alice\0"s, "\0\0secret"s,
                 "\0alice\0sec\0ret"s, "a\0b\0c\0"s })
            EXPECT_TRUE(std::holds_alternative<Malformed>(feed("PLAIN", { wrong }))) << wrong;
    }

    TEST_F(Sasl, PlainReadsItsThreeParts)
    {
        EXPECT_EQ(std::get<Challenge>(feed("PLAIN", {})).octets, "");
        EXPECT_EQ(claim(feed("PLAIN", { "\0alice\0s e\xc3\xa9"s })), "|alice|s e\xc3\xa9");
        EXPECT_EQ(claim(feed("PLAIN", { "bob\0alice\0secret"s })), "bob|alice|secret");
    }

    TEST_F(Sasl, LoginAsksTwice)
    {
        EXPECT_EQ(std::get<Challenge>(feed("LOGIN", {})).octets, "Username:");
        EXPECT_EQ(std::get<Challenge>(feed("LOGIN", { "alice" })).octets, "Password:");
        EXPECT_EQ(claim(feed("LOGIN", { "alice", "secret" })), "|alice|secret");
        EXPECT_TRUE(std::holds_alternative<Malformed>(feed("LOGIN", { "" })));
        EXPECT_TRUE(std::holds_alternative<Malformed>(feed("LOGIN", { "alice", "" })));
        EXPECT_TRUE(std::holds_alternative<Malformed>(feed("LOGIN", { "al\0ice"s })));
    }

    class SaslExchange : public Sasl {
    protected:
        void SetUp() override { services.account("alice"); }

        /// Runs start() with the first of `lines`, answer() with the others. "-" as first: no
        /// initial response.
        Reply run(std::string_view mechanism, std::vector<std::string> lines)
        {
            std::optional<Reply> last;
            boost::asio::co_spawn(
                services.io, go(mechanism, lines, last), [](std::exception_ptr failure) {
                    if (failure)
                        std::rethrow_exception(failure);
                });
            EXPECT_TRUE(services.run_until([&] { return last.has_value(); }));
            return *last;
        }
        awaitable<void> go(
            std::string_view mechanism, std::vector<std::string>& lines, std::optional<Reply>& last)
        {
            Exchange exchange(session.login(), *find_mechanism(mechanism));
            std::optional<std::string_view> initial;
            if (lines.front() != "-")
                initial = lines.front();
            Reply reply = co_await exchange.start(initial);
            for (std::size_t i = 1; i < lines.size() && reply.kind == Reply::Kind::challenge; ++i)
                reply = co_await exchange.answer(lines[i]);
            if (reply.kind == Reply::Kind::done)
                co_await session.enter(reply.user, reply.attempt);
            last = reply;
        }

        session::Session session { services.services, stream, session::Session::Protocol::imap };
    };

    TEST_F(SaslExchange, RefusesAndSaysWhy)
    {
        EXPECT_EQ(run("PLAIN", { "!" }).kind, Reply::Kind::malformed);
        EXPECT_EQ(run("PLAIN", { "=" }).kind, Reply::Kind::malformed);
        EXPECT_EQ(run("PLAIN", { encoded(std::string(max_response + 1, 'x')) }).kind,
            Reply::Kind::malformed);
        EXPECT_EQ(run("PLAIN", { "-", "*" }).kind, Reply::Kind::cancelled);
        EXPECT_EQ(run("PLAIN", { "-", "AA" }).kind, Reply::Kind::malformed);
        EXPECT_EQ(
            run("PLAIN", { encoded("\0alice\0wrong"s) }).why, session::Refusal::wrong_credentials);
        EXPECT_EQ(run("PLAIN", { encoded("\0nobody\0secret"s) }).why,
            session::Refusal::wrong_credentials);
        EXPECT_EQ(run("PLAIN", { encoded("bob\0alice\0secret"s) }).why, session::Refusal::disabled);
        services.authenticator.is_down = true;
        EXPECT_EQ(run("PLAIN", { encoded("\0alice\0secret"s) }).why, session::Refusal::unavailable);
        EXPECT_FALSE(session.is_logged_in());
    }

    TEST_F(SaslExchange, LogsIn)
    {
        EXPECT_EQ(run("PLAIN", { encoded("\0alice\0secret"s) }).kind, Reply::Kind::done);
        EXPECT_EQ(session.account().name, "alice");
        session.log_out();
        EXPECT_EQ(run("PLAIN", { "-" }).text, "");
        EXPECT_EQ(run("PLAIN", { "-", encoded("alice\0alice\0secret"s) }).kind, Reply::Kind::done);
        session.log_out();
        EXPECT_EQ(run("LOGIN", { "-" }).text, encoded("Username:"));
        EXPECT_EQ(run("LOGIN", { encoded("alice"), encoded("secret") }).kind, Reply::Kind::done);
        session.log_out();
        EXPECT_EQ(
            run("LOGIN", { "-", encoded("alice"), encoded("secret") }).kind, Reply::Kind::done);
        EXPECT_EQ(services.journal.lines.back(), "login imap alice LOGIN");
    }

    TEST_F(SaslExchange, EmptyLinesAndCancellationEndNothingElse)
    {
        EXPECT_EQ(run("PLAIN", { "-", "" }).kind, Reply::Kind::malformed);
        EXPECT_EQ(run("LOGIN", { "=" }).kind, Reply::Kind::malformed);
        EXPECT_EQ(run("LOGIN", { "-", "" }).kind, Reply::Kind::malformed);
        EXPECT_EQ(run("LOGIN", { "-", encoded("alice"), "" }).kind, Reply::Kind::malformed);
        EXPECT_EQ(run("LOGIN", { encoded("alice"), "*" }).kind, Reply::Kind::cancelled);
        EXPECT_EQ(run("LOGIN", { "-", "*" }).kind, Reply::Kind::cancelled);
        EXPECT_TRUE(services.journal.lines.empty()) << "none of these is a wrong password";
    }

    // RFC 4013: one name and one password, however a client composes them.
    constexpr char composed[] = "\xc3\xbc"; // u with diaeresis
    constexpr char decomposed[] = "u\xcc\x88";
    constexpr char fullwidth[] = "\xef\xbd\x81\xef\xbd\x8c\xef\xbd\x89\xef\xbd\x83\xef\xbd\x85";

    TEST_F(SaslExchange, PreparesNamesAndPasswords)
    {
        auto& passwords = services.authenticator.passwords;
        passwords["j"s + composed + "rgen"] = "gr"s + composed + "n";
        auto const plain = [&](std::string const& name, std::string const& password) {
            auto const kind = run("PLAIN", { encoded('\0' + name + '\0' + password) }).kind;
            session.log_out();
            return kind == Reply::Kind::done;
        };
        for (std::string const u : { composed, decomposed })
            for (std::string const other : { composed, decomposed })
                EXPECT_TRUE(plain("j" + u + "rgen", "gr" + other + "n"));
        EXPECT_TRUE(plain(fullwidth, "secret"));
        EXPECT_TRUE(plain("alice",
            "s\xc2\xad"
            "ecret"))
            << "a soft hyphen is nothing";
        EXPECT_FALSE(plain("j"s + composed + "rgen", "grun"));
        EXPECT_FALSE(plain("j\xffrgen", "secret"));
        EXPECT_TRUE(
            run("LOGIN", { encoded(fullwidth), encoded("secret") }).kind == Reply::Kind::done);
        EXPECT_EQ(session.account().name, "alice");
    }

    TEST_F(SaslExchange, TriesWhatCannotBePreparedAsItCame)
    {
        auto& passwords = services.authenticator.passwords;
        passwords["alice"] = "caf\xe9"; // ISO 8859-1, as an older server hashed it
        passwords["bob"] = decomposed;
        passwords["carol"] = "";
        services.account("bob");
        EXPECT_EQ(run("PLAIN", { encoded("\0alice\0caf\xe9"s) }).kind, Reply::Kind::done);
        session.log_out();
        EXPECT_EQ(run("PLAIN", { encoded("\0bob\0"s + decomposed) }).kind, Reply::Kind::done);
        session.log_out();
        EXPECT_EQ(run("PLAIN", { encoded("\0carol\0\xc2\xad"s) }).why,
            session::Refusal::wrong_credentials)
            << "what is prepared to nothing is no empty password";
        EXPECT_EQ(run("PLAIN", { encoded("\0alice\0caf\xc3\xa9"s) }).why,
            session::Refusal::wrong_credentials);
        EXPECT_EQ(services.journal.lines.back(), "refused imap alice");
        EXPECT_EQ(std::ranges::count(services.journal.lines, "refused imap alice"), 1)
            << "two tries are one attempt";
    }

    TEST_F(SaslExchange, TakesNoPasswordWithoutTls)
    {
        test::MemoryStream plain(services.io, false);
        session::Session open(services.services, plain, session::Session::Protocol::imap);
        Exchange exchange(open.login(), *find_mechanism("PLAIN"));
        std::optional<Reply> reply;
        boost::asio::co_spawn(
            services.io, exchange.start(std::nullopt), [&](std::exception_ptr failure, Reply r) {
                if (!failure)
                    reply = std::move(r);
            });
        ASSERT_TRUE(services.run_until([&] { return reply.has_value(); }));
        EXPECT_EQ(reply->kind, Reply::Kind::refused);
        EXPECT_EQ(reply->why, session::Refusal::needs_tls);
    }

} // namespace
} // namespace mail::sasl
