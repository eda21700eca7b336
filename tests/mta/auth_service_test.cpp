// The authentication service as Postfix and Exim use it, and as nobody should.
#include "protocol/mta/auth_service.h"
#include "tests/mta/client.h"
#include "tests/support/scram_client.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <regex>

using namespace std::string_literals;
using namespace std::chrono_literals;
using mail::test::decoded;
using mail::test::encoded;

namespace mail::mta {
namespace {

    constexpr bool with_tls_only = false;
    constexpr bool without_tls_too = true;

    std::string plain(
        std::string const& name, std::string const& password, std::string const& authzid = {})
    {
        return encoded(authzid + '\0' + name + '\0' + password);
    }

    std::string auth(int id, std::string const& mechanism, std::string const& more)
    {
        return "AUTH\t" + std::to_string(id) + "\t" + mechanism
            + "\tservice=smtp\tnologin\trip=198.51.100.7\t" + more + "\n";
    }

    std::string plain_auth(int id, std::string const& name, std::string const& password)
    {
        return auth(id, "PLAIN", "secured\tresp=" + plain(name, password));
    }

    struct AuthServiceTest : ::testing::Test {
        test::TestServices services;

        std::unique_ptr<Client<AuthService>> mta(
            std::string const& version = "1\t0", bool allows_plain_text = with_tls_only)
        {
            auto client = std::make_unique<Client<AuthService>>(
                services, services.services, allows_plain_text);
            client->listen();
            EXPECT_EQ(client->say("VERSION\t" + version + "\nCPID\t4711\n"), "");
            return client;
        }
    };

    TEST_F(AuthServiceTest, GreetsAtOnceWithAllThatItSpeaks)
    {
        services.authenticator.has_keys = true;
        Client<AuthService> first(services, services.services, with_tls_only);
        auto const greeting = first.listen();
        std::regex const form("VERSION\t1\t2\n"
                              "MECH\tSCRAM-SHA-512\tmutual-auth\n"
                              "MECH\tSCRAM-SHA-256\tmutual-auth\n"
                              "MECH\tSCRAM-SHA-1\tmutual-auth\n"
                              "MECH\tPLAIN\tplaintext\n"
                              "MECH\tLOGIN\tplaintext\n"
                              "SPID\t[0-9]+\nCUID\t[0-9]+\nCOOKIE\t[0-9a-f]{32}\nDONE\n");
        EXPECT_TRUE(std::regex_match(greeting, form)) << greeting;
        services.authenticator.has_keys = false;
        Client<AuthService> second(services, services.services, with_tls_only);
        auto const another = second.listen();
        EXPECT_TRUE(another.starts_with("VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\t"))
            << another;
        EXPECT_NE(greeting.substr(greeting.find("CUID")), another.substr(another.find("CUID")));
    }

    TEST_F(AuthServiceTest, ChecksAPasswordOverTls)
    {
        auto const client = mta();
        EXPECT_EQ(client->say(plain_auth(1, "alice", "secret")), "OK\t1\tuser=alice\n");
        EXPECT_EQ(client->say(plain_auth(2, "alice", "wrong")),
            "FAIL\t2\tuser=alice\treason=Wrong name or password\n");
        EXPECT_EQ(client->say(plain_auth(2, "no\tbody", "secret")),
            "FAIL\t2\tuser=no\001tbody\treason=Wrong name or password\n");
        EXPECT_EQ(services.journal.lines,
            (std::vector<std::string> {
                "login smtp alice PLAIN", "refused smtp alice", "refused smtp no\tbody" }));
        EXPECT_EQ(client->service.logins(), 1U);
        EXPECT_EQ(client->service.refused(), 2U);
    }

    TEST_F(AuthServiceTest, AsksForNameAndPasswordByLogin)
    {
        auto const client = mta();
        EXPECT_EQ(client->say(auth(1, "login", "secured\tresp=")), "CONT\t1\tVXNlcm5hbWU6\n");
        EXPECT_EQ(client->say("CONT\t1\t" + encoded("bob") + "\n"), "CONT\t1\tUGFzc3dvcmQ6\n");
        EXPECT_EQ(client->say("CONT\t1\t" + encoded("secret") + "\n"), "OK\t1\tuser=bob\n");
        EXPECT_EQ(client->say(auth(1, "LOGIN", "secured\tresp=" + encoded("bob"))),
            "CONT\t1\tUGFzc3dvcmQ6\n")
            << "the id is free again";
    }

    TEST_F(AuthServiceTest, TellsNoInitialResponseFromAnEmptyOne)
    {
        auto const exim = mta("1\t0");
        EXPECT_EQ(exim->say(auth(1, "PLAIN", "secured\tresp=")), "CONT\t1\t\n");
        EXPECT_EQ(exim->say("CONT\t1\t" + plain("alice", "secret") + "\n"), "OK\t1\tuser=alice\n");
        EXPECT_EQ(exim->say(auth(2, "PLAIN", "secured")), "CONT\t2\t\n");
        EXPECT_TRUE(exim->say(auth(3, "PLAIN", "secured\tresp==")).starts_with("FAIL\t3\t"));
        auto const newer = mta("1\t2");
        EXPECT_TRUE(newer->say(auth(1, "PLAIN", "secured\tresp=")).starts_with("FAIL\t1\t"));
        EXPECT_EQ(newer->say(auth(2, "PLAIN", "secured")), "CONT\t2\t\n");
    }

    TEST_F(AuthServiceTest, RunsScramWithTheServersSignatureAsAChallenge)
    {
        auto const client = mta();
        test::ScramClient const scram;
        auto said = client->say(auth(9, "SCRAM-SHA-256", "resp=" + encoded(scram.first())));
        ASSERT_TRUE(said.starts_with("CONT\t9\t")) << said;
        auto const challenge = decoded(said.substr(7, said.size() - 8));
        said = client->say("CONT\t9\t" + encoded(scram.last(challenge)) + "\n");
        ASSERT_TRUE(said.starts_with("CONT\t9\t")) << said;
        EXPECT_TRUE(decoded(said.substr(7, said.size() - 8)).starts_with("v="));
        EXPECT_EQ(client->say("CONT\t9\t\n"), "OK\t9\tuser=alice\n") << "no TLS is needed for it";

        test::ScramClient wrong;
        wrong.password = "wrong";
        said = client->say(auth(10, "SCRAM-SHA-256", "resp=" + encoded(wrong.first())));
        auto const last = wrong.last(decoded(said.substr(8, said.size() - 9)));
        EXPECT_EQ(client->say("CONT\t10\t" + encoded(last) + "\n"),
            "FAIL\t10\tuser=alice\treason=Wrong name or password\n");
    }

    TEST_F(AuthServiceTest, TakesPasswordsWithoutTlsOnlyWhereThatIsConfigured)
    {
        auto const strict = mta();
        auto const open = auth(1, "PLAIN", "resp=" + plain("alice", "secret"));
        auto const refusal = strict->say(open);
        EXPECT_TRUE(refusal.starts_with("FAIL\t1\treason=Passwords are taken over TLS only"))
            << refusal;
        EXPECT_TRUE(strict->say(auth(2, "LOGIN", "")).starts_with("FAIL\t2\treason=Passwords are"));
        auto const lax = mta("1\t0", without_tls_too);
        EXPECT_EQ(lax->say(open), "OK\t1\tuser=alice\n");
    }

    TEST_F(AuthServiceTest, TellsOtherRefusalsApartFromWrongPasswords)
    {
        auto const client = mta();
        auto const as_bob = auth(1, "PLAIN", "secured\tresp=" + plain("alice", "secret", "bob"));
        EXPECT_EQ(client->say(as_bob),
            "FAIL\t1\tuser=alice\tauthz\tcode=authz_fail\treason=You may not log in as somebody "
            "else\n");
        EXPECT_EQ(client->say(auth(2, "PLAIN", "secured\tresp=????")),
            "FAIL\t2\tcode=invalid_base64\treason=That is not base64, or too long: send one "
            "encoded response\n");
        EXPECT_EQ(client->say(auth(3, "PLAIN", "secured\tresp=" + encoded("alice"))),
            "FAIL\t3\treason=PLAIN takes identity NUL name NUL password\n");
        EXPECT_EQ(client->say(auth(4, "CRAM-MD5", "secured")),
            "FAIL\t4\treason=This mechanism is not spoken here\n");
        EXPECT_EQ(client->say(auth(5, "SCRAM-SHA-256-PLUS", "secured")),
            "FAIL\t5\treason=This mechanism is not spoken here\n");
        EXPECT_EQ(client->say("AUTH\t6\tPLAIN\tresp=" + plain("alice", "secret") + "\n"),
            "FAIL\t6\treason=AUTH names no service\n");
        EXPECT_EQ(client->say(auth(7, "PLAIN", "secured\tresp=AGE=\tx")),
            "FAIL\t7\treason=The response holds a TAB: resp= comes last\n");
        EXPECT_EQ(client->say(auth(8, "LOGIN", "secured") + "CONT\t8\t*\n"),
            "CONT\t8\tVXNlcm5hbWU6\n"
            "FAIL\t8\treason=Login cancelled as asked\n");
        EXPECT_FALSE(client->has_ended);
    }

    TEST_F(AuthServiceTest, TellsTroubleAsTemporary)
    {
        services.authenticator.is_down = true;
        auto const newer = mta("1\t2");
        EXPECT_EQ(newer->say(plain_auth(1, "alice", "secret")),
            "FAIL\t1\ttemp\tcode=temp_fail\treason=Logins cannot be checked now: try again "
            "later\n");
        EXPECT_FALSE(newer->has_ended);
        // To those who take every FAIL for a wrong password, it is told by hanging up.
        auto const postfix = mta("1\t0");
        EXPECT_EQ(postfix->say(plain_auth(1, "alice", "secret")), "");
        EXPECT_TRUE(postfix->has_hung_up());
        EXPECT_EQ(postfix->service.problem(), "");
    }

    TEST_F(AuthServiceTest, RunsLoginsSideBySide)
    {
        auto const client = mta();
        EXPECT_EQ(client->say(auth(1, "LOGIN", "secured") + auth(2, "LOGIN", "secured")
                      + plain_auth(3, "carol", "secret")),
            "CONT\t1\tVXNlcm5hbWU6\nCONT\t2\tVXNlcm5hbWU6\nOK\t3\tuser=carol\n");
        EXPECT_EQ(
            client->say("CONT\t2\t" + encoded("bob") + "\nCONT\t1\t" + encoded("alice") + "\n"),
            "CONT\t2\tUGFzc3dvcmQ6\nCONT\t1\tUGFzc3dvcmQ6\n");
        EXPECT_EQ(client->say("CANCEL\t2\nCANCEL\t99\nCONT\t1\t" + encoded("secret") + "\n"),
            "OK\t1\tuser=alice\n");
        EXPECT_EQ(client->say(auth(2, "LOGIN", "secured")), "CONT\t2\tVXNlcm5hbWU6\n");
    }

    /// Takes some time for each password.
    struct SlowAuthenticator : test::FixedAuthenticator {
        explicit SlowAuthenticator(boost::asio::io_context& io)
            : io_(io)
        {
        }
        awaitable<boost::system::result<session::User, session::Refusal>> check_password(
            session::Attempt attempt, std::string name, std::string password) override
        {
            most = std::max(most, ++at_once);
            boost::asio::steady_timer timer(io_, name == "alice" ? 100ms : 10ms);
            co_await timer.async_wait(boost::asio::use_awaitable);
            --at_once;
            if (breaks)
                throw std::runtime_error("broken");
            auto user = co_await FixedAuthenticator::check_password(
                std::move(attempt), std::move(name), std::move(password));
            if (user) {
                auto const release = [this](void*) { ++places_given_back; };
                user->place = std::shared_ptr<void>(this, release);
            }
            co_return user;
        }
        unsigned at_once = 0;
        unsigned most = 0;
        unsigned places_given_back = 0;
        bool breaks = false;

    private:
        boost::asio::io_context& io_;
    };

    struct SlowAuthService : AuthServiceTest {
        SlowAuthenticator slow { services.io };
        session::Services around { services.store(), services.hub, slow, services.journal,
            services.settings, services.services.workers };
        std::unique_ptr<Client<AuthService>> slow_mta()
        {
            auto client = std::make_unique<Client<AuthService>>(services, around, with_tls_only);
            client->listen();
            client->say("VERSION\t1\t0\n");
            return client;
        }
    };

    TEST_F(SlowAuthService, AnswersWhatIsDoneFirst)
    {
        auto const client = slow_mta();
        client->say(plain_auth(1, "alice", "secret") + plain_auth(2, "bob", "secret"));
        EXPECT_EQ(client->listen_for("OK\t1"), "OK\t2\tuser=bob\nOK\t1\tuser=alice\n");
        EXPECT_EQ(slow.places_given_back, 2U) << "no session began";
    }

    TEST_F(SlowAuthService, ChecksSoManyAtOnceAndNoMore)
    {
        auto const client = slow_mta();
        std::string all;
        for (int id = 0; id < 60; ++id)
            all += plain_auth(id, "bob", "secret");
        client->stream.push(all);
        ASSERT_TRUE(services.run_until([&] { return client->service.logins() == 60; }));
        EXPECT_EQ(slow.most, AuthService::max_running);
        EXPECT_EQ(slow.places_given_back, 60U);
    }

    TEST_F(SlowAuthService, AnswersNothingThatIsCancelled)
    {
        auto const client = slow_mta();
        client->say(
            plain_auth(1, "alice", "secret") + "CANCEL\t1\n" + plain_auth(1, "bob", "wrong"));
        EXPECT_EQ(client->listen_for("FAIL"), "FAIL\t1\tuser=bob\treason=Wrong name or password\n");
        ASSERT_TRUE(services.run_until([&] { return slow.at_once == 0; }));
        EXPECT_EQ(client->listen(), "");
    }

    TEST_F(SlowAuthService, EndsOnlyWhenAllThatRunsHasEnded)
    {
        auto client = slow_mta();
        client->say(plain_auth(1, "alice", "secret"));
        client->stream.hang_up();
        EXPECT_FALSE(client->has_ended);
        ASSERT_TRUE(services.run_until([&] { return client->has_ended; }));
        EXPECT_EQ(slow.at_once, 0U);
        EXPECT_EQ(slow.places_given_back, 1U);
        client.reset();

        client = slow_mta();
        EXPECT_EQ(
            client->say(plain_auth(1, "alice", "secret") + "CONT\t1\t\n"), "OK\t1\tuser=alice\n");
        EXPECT_TRUE(client->has_hung_up());
        EXPECT_EQ(client->service.problem(), "CONT before a challenge");
    }

    TEST_F(SlowAuthService, EndsWithWhatWentWrong)
    {
        auto const client = slow_mta();
        slow.breaks = true;
        client->say(plain_auth(1, "bob", "secret"));
        ASSERT_TRUE(services.run_until([&] { return client->has_ended; }));
        EXPECT_THROW(std::rethrow_exception(client->ended_by), std::runtime_error);
    }

    TEST_F(AuthServiceTest, ForgetsTheOldestOfTooManyOpenLogins)
    {
        auto const client = mta("1\t2");
        for (int id = 0; id <= static_cast<int>(AuthService::max_open); ++id)
            client->say(auth(id, "LOGIN", "secured"));
        EXPECT_EQ(client->say("CONT\t0\t" + encoded("alice") + "\n"),
            "FAIL\t0\ttemp\tcode=temp_fail\treason=The login took too long: try again\n");
        EXPECT_EQ(client->say("CONT\t1\t" + encoded("alice") + "\n"), "CONT\t1\tUGFzc3dvcmQ6\n");
    }

    TEST_F(AuthServiceTest, HangsUpOnWhatBreaksTheProtocol)
    {
        auto const ends = [&](std::string const& lines) {
            Client<AuthService> client(services, services.services, with_tls_only);
            client.listen();
            EXPECT_EQ(client.say(lines), "") << lines;
            EXPECT_TRUE(client.has_hung_up()) << lines;
            return std::string(client.service.problem());
        };
        EXPECT_EQ(ends("VERSION\t2\t0\n"), "another major version");
        EXPECT_EQ(ends(plain_auth(1, "alice", "secret")), "AUTH before VERSION");
        EXPECT_EQ(ends("VERSION\t1\t0\nEHLO there\n"), "an unknown command");
        EXPECT_EQ(
            ends("VERSION\t1\t0\nAUTH\tone\tPLAIN\n"), "AUTH takes a number of 32 bits first");
        EXPECT_EQ(ends("VERSION\t1\t0\n" + std::string(AuthService::max_line + 1, 'x') + "\n"),
            "a line is too long");
        EXPECT_EQ(ends("VERSION\t1\t0\nCONT\t5\t\n"), "") << "a login that took too long";
        auto const twice = mta();
        EXPECT_EQ(twice->say(auth(1, "LOGIN", "secured") + auth(1, "LOGIN", "secured")),
            "CONT\t1\tVXNlcm5hbWU6\n");
        EXPECT_TRUE(twice->has_hung_up());
        EXPECT_EQ(twice->service.problem(), "the id of a login that is under way");
    }

    TEST_F(AuthServiceTest, LetsNobodyInByCutLines)
    {
        auto const whole = plain_auth(1, "alice", "secret");
        auto const client = mta();
        for (char const c : whole.substr(0, whole.size() - 1))
            ASSERT_EQ(client->say(std::string(1, c)), "");
        EXPECT_EQ(client->say("\n"), "OK\t1\tuser=alice\n");
    }

} // namespace
} // namespace mail::mta
