// EXTERNAL, ANONYMOUS, OAUTHBEARER and XOAUTH2: their messages, and whole logins.
#include "protocol/sasl/exchange.h"
#include "tests/support/memory_stream.h"
#include "tests/support/scram_client.h"
#include "tests/support/test_services.h"

#include <boost/asio/co_spawn.hpp>

#include <gtest/gtest.h>

using namespace std::string_literals;

namespace mail::sasl {
namespace {

    using session::Refusal;
    using test::decoded;
    using test::encoded;
    using Kind = Reply::Kind;

    class OtherProofs : public ::testing::Test {
    protected:
        void SetUp() override
        {
            for (auto const* name : { "alice", "bob", "carol" })
                services.account(name);
            services.authenticator.takes_tokens = true;
        }

        /// start() with the first response, or without one when it is "-", answer() with the
        /// others. Responses are encoded here; "*" stays.
        Reply run(std::string_view mechanism, std::vector<std::string> responses,
            session::Session* with = nullptr)
        {
            std::optional<Reply> last;
            boost::asio::co_spawn(services.io,
                go(with ? *with : session, mechanism, responses, last),
                [](std::exception_ptr failure) {
                    if (failure)
                        std::rethrow_exception(failure);
                });
            EXPECT_TRUE(services.run_until([&] { return last.has_value(); }));
            session.log_out();
            return last.value_or(Reply {});
        }
        awaitable<void> go(session::Session& to, std::string_view mechanism,
            std::vector<std::string>& responses, std::optional<Reply>& last)
        {
            Exchange exchange(to.login(), *find_mechanism(mechanism));
            std::optional<std::string_view> initial;
            auto const first = responses.front().empty() ? "=" : encoded(responses.front());
            if (responses.front() != "-")
                initial = first;
            Reply reply = co_await exchange.start(initial);
            for (std::size_t i = 1; i < responses.size() && reply.kind == Kind::challenge; ++i) {
                heard = decoded(reply.text);
                auto const line = responses[i] == "*" ? "*" : encoded(responses[i]);
                reply = co_await exchange.answer(line);
            }
            if (reply.kind == Kind::challenge)
                heard = decoded(reply.text);
            if (reply.kind == Kind::done) {
                who = reply.user.name;
                co_await to.enter(reply.user, reply.attempt);
            }
            last = reply;
        }

        std::string offered(session::Session& of)
        {
            std::string names;
            for (auto const* row : offered_mechanisms(of.login()))
                names.append(names.empty() ? "" : " ").append(row->name);
            return names;
        }

        test::TestServices services;
        test::MemoryStream stream { services.io };
        test::MemoryStream plain_stream { services.io, false };
        session::Session session { services.services, stream, session::Session::Protocol::imap };
        session::Session plain { services.services, plain_stream,
            session::Session::Protocol::imap };
        std::string heard; ///< the last challenge
        std::string who; ///< came in last
    };

    TEST_F(OtherProofs, EachIsOfferedWhereItCanWork)
    {
        EXPECT_EQ(offered(session), "OAUTHBEARER XOAUTH2 PLAIN LOGIN");
        EXPECT_EQ(offered(plain), "") << "tokens travel over TLS only";
        plain.login().set_allows_plain_text(true);
        EXPECT_EQ(offered(plain), "PLAIN LOGIN");
        services.authenticator.anonymous = "carol";
        EXPECT_EQ(offered(plain), "PLAIN LOGIN ANONYMOUS");
        services.authenticator.takes_tokens = false;
        stream.certified = { "alice" };
        services.authenticator.has_keys = true;
        EXPECT_EQ(offered(session),
            "EXTERNAL SCRAM-SHA-512-PLUS SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-512 "
            "SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN ANONYMOUS");
    }

    TEST_F(OtherProofs, WhatIsNotOfferedIsNoWrongPassword)
    {
        services.authenticator.takes_tokens = false;
        for (auto const* name : { "EXTERNAL", "ANONYMOUS", "OAUTHBEARER", "XOAUTH2" }) {
            auto const reply = run(name, { "" });
            EXPECT_EQ(reply.kind, Kind::not_offered) << name;
            EXPECT_FALSE(reply.text.empty());
        }
        services.authenticator.takes_tokens = true;
        auto const early = run("XOAUTH2", { "-" }, &plain);
        EXPECT_EQ(early.kind, Kind::refused);
        EXPECT_EQ(early.why, Refusal::needs_tls);
        EXPECT_TRUE(services.journal.lines.empty());
    }

    // --- EXTERNAL

    TEST_F(OtherProofs, ExternalIsWhomTheCertificateNames)
    {
        stream.certified = { "nobody", "alice", "bob" };
        EXPECT_EQ(run("EXTERNAL", { "" }).kind, Kind::done);
        EXPECT_EQ(who, "alice") << "the first that is an account";
        EXPECT_EQ(services.journal.lines.back(), "login imap alice EXTERNAL");
        EXPECT_EQ(run("EXTERNAL", { "-", "" }).kind, Kind::done);
        EXPECT_EQ(heard, "");
        EXPECT_EQ(run("EXTERNAL", { "bob" }).kind, Kind::done);
        EXPECT_EQ(who, "bob");
        auto const fullwidth_bob = "\xef\xbd\x82\xef\xbd\x8f\xef\xbd\x82";
        EXPECT_EQ(run("EXTERNAL", { fullwidth_bob }).kind, Kind::done) << "prepared";
    }

    TEST_F(OtherProofs, ExternalRefusesOtherNames)
    {
        stream.certified = { "alice", "bob" };
        EXPECT_EQ(run("EXTERNAL", { "carol" }).why, Refusal::disabled);
        EXPECT_EQ(services.journal.lines.back(), "refused imap alice");
        stream.certified = { "nobody" };
        EXPECT_EQ(run("EXTERNAL", { "" }).why, Refusal::wrong_credentials);
        EXPECT_EQ(run("EXTERNAL", { "alice" }).why, Refusal::wrong_credentials);
        for (auto const& wrong : { "al\0ice"s, "\xff"s, "\xc2\xad"s, "\x07"s })
            EXPECT_EQ(run("EXTERNAL", { wrong }).kind, Kind::malformed) << wrong;
        EXPECT_EQ(run("EXTERNAL", { "-", "*" }).kind, Kind::cancelled);
        services.authenticator.is_down = true;
        stream.certified = { "alice", "bob" };
        EXPECT_EQ(run("EXTERNAL", { "" }).why, Refusal::unavailable);
        EXPECT_EQ(std::ranges::count(services.journal.lines, "refused imap alice"), 2)
            << "one line for an attempt, however many names there are";
    }

    // --- ANONYMOUS

    TEST_F(OtherProofs, AnonymousReadsAndWritesNothing)
    {
        services.authenticator.anonymous = "carol";
        auto const reply = run("ANONYMOUS", { "sirhc" }); // RFC 4505 §4
        EXPECT_EQ(reply.kind, Kind::done);
        EXPECT_EQ(who, "carol");
        EXPECT_TRUE(reply.user.is_read_only);
        EXPECT_TRUE(reply.user.is_anonymous);
        EXPECT_EQ(services.journal.lines.back(), "login imap carol ANONYMOUS trace sirhc");
        EXPECT_EQ(run("ANONYMOUS", { "-", "" }).kind, Kind::done);
        EXPECT_EQ(run("ANONYMOUS", { "" }).kind, Kind::done);
        EXPECT_EQ(run("ANONYMOUS", { "me@example.org" }).kind, Kind::done);
        std::string longest;
        for (int i = 0; i < 255; ++i)
            longest += "\xf0\x9f\x90\xb1";
        EXPECT_EQ(run("ANONYMOUS", { longest }).kind, Kind::done) << "255 characters, not octets";
        EXPECT_EQ(run("ANONYMOUS", { longest + "x" }).kind, Kind::malformed);
        for (auto const& wrong :
            { "\0"s, "a\nb"s, "\x7f"s, "\xc2\x85"s, "\xff"s, "@"s, "me@"s, "@example.org"s })
            EXPECT_EQ(run("ANONYMOUS", { wrong }).kind, Kind::malformed) << wrong;
        EXPECT_EQ(run("ANONYMOUS", { "-", "*" }).kind, Kind::cancelled);
    }

    // --- OAUTHBEARER

    TEST_F(OtherProofs, OauthbearerTakesATokenForItsUser)
    {
        for (auto const& good :
            { "n,a=alice,\1host=mail.example.org\1port=993\1auth=Bearer token-of-alice\1\1"s,
                "n,,\1auth=Bearer token-of-alice\1\1"s, "y,,\1auth=bearer token-of-alice\1\1"s,
                "n,,\1auth=BEARER  token-of-alice\1other=what ever\1qs=\1\1"s,
                "n,a=alice,\1host=[::1]\1auth=Bearer token-of-alice\1\1"s }) {
            who.clear();
            EXPECT_EQ(run("OAUTHBEARER", { good }).kind, Kind::done) << good;
            EXPECT_EQ(who, "alice");
        }
        EXPECT_EQ(services.journal.lines.back(), "login imap alice OAUTHBEARER");
        EXPECT_EQ(
            run("OAUTHBEARER", { "-", "n,,\1auth=Bearer token-of-bob\1\1"s }).kind, Kind::done);
        EXPECT_EQ(who, "bob");
    }

    TEST_F(OtherProofs, OauthbearerRefusesWhatItsGrammarDoesNotHave)
    {
        for (auto const& wrong :
            { ""s, "\1"s, "n,,"s, "n,,\1"s, "n,,\1\1"s, "n,,\1host=h\1\1"s, "n,,auth=Bearer t\1\1"s,
                "x,,\1auth=Bearer t\1\1"s, "p=tls-exporter,,\1auth=Bearer t\1\1"s,
                "F,n,,\1auth=Bearer t\1\1"s, "n,alice,\1auth=Bearer t\1\1"s,
                "n,a=,\1auth=Bearer t\1\1"s, "n,a=a=2,\1auth=Bearer t\1\1"s,
                "n,,\1auth=Bearer t\1"s, "n,,\1auth=Bearer t\1\1x"s, "n,,\1auth=Basic t\1\1"s,
                "n,,\1auth=Bearer\1\1"s, "n,,\1auth=Bearer ===\1\1"s, "n,,\1auth=Bearer a b\1\1"s,
                "n,,\1auth=Bearer t\1auth=Bearer t\1\1"s, "n,,\1port=0993\1auth=Bearer t\1\1"s,
                "n,,\1port=99999\1auth=Bearer t\1\1"s, "n,,\1port=\1auth=Bearer t\1\1"s,
                "n,,\1port=1\1port=1\1auth=Bearer t\1\1"s, "n,,\1host=\1auth=Bearer t\1\1"s,
                "n,,\1host=a b\1auth=Bearer t\1\1"s, "n,,\1k1=x\1auth=Bearer t\1\1"s,
                "n,,\1=x\1auth=Bearer t\1\1"s, "n,,\1x=\x7f\1auth=Bearer t\1\1"s,
                "n,,\1novalue\1auth=Bearer t\1\1"s, "n,,\1x=\0\1auth=Bearer t\1\1"s })
            EXPECT_EQ(run("OAUTHBEARER", { wrong }).kind, Kind::malformed) << wrong;
        EXPECT_EQ(run("OAUTHBEARER", { "-", "*" }).kind, Kind::cancelled);
        EXPECT_TRUE(services.journal.lines.empty());
    }

    TEST_F(OtherProofs, OauthbearerExplainsARefusalAndThenRefuses)
    {
        auto const wrong = "n,a=alice,\1auth=Bearer expired\1\1"s;
        EXPECT_EQ(run("OAUTHBEARER", { wrong }).kind, Kind::challenge);
        EXPECT_EQ(heard,
            "{\"status\":\"invalid_token\",\"scope\":\"mail\",\"openid-configuration\":"
            "\"https://login.example.org/.well-known/openid-configuration\"}");
        // The dummy, a cancellation, and what some clients send instead (RFC 7628 §3.2.3, §4.3).
        for (std::string const end : { "\1", "*", "", "what" }) {
            auto const reply = run("OAUTHBEARER", { wrong, end });
            EXPECT_EQ(reply.kind, Kind::refused) << end;
            EXPECT_EQ(reply.why, Refusal::wrong_credentials);
        }
        EXPECT_EQ(services.journal.lines.back(), "refused imap alice");
        // How a client asks which scope it needs (§4.3).
        EXPECT_EQ(run("OAUTHBEARER", { "n,,\1auth=\1\1"s, "\1" }).why, Refusal::wrong_credentials);
        EXPECT_NE(heard.find("\"scope\":\"mail\""), heard.npos);
        // A token of somebody else.
        EXPECT_EQ(run("OAUTHBEARER", { "n,a=bob,\1auth=Bearer token-of-alice\1\1"s, "\1" }).why,
            Refusal::disabled);
        EXPECT_TRUE(heard.starts_with("{\"status\":\"access_denied\"")) << heard;
        services.authenticator.advice = {};
        services.authenticator.is_down = true;
        EXPECT_EQ(run("OAUTHBEARER", { wrong, "\1" }).why, Refusal::unavailable)
            << "never a wrong password";
        EXPECT_EQ(heard, "{\"status\":\"temporarily_unavailable\"}");
    }

    TEST_F(OtherProofs, TheHostIsComparedWhereItIsKnown)
    {
        auto const with = [](std::string const& host) {
            return "n,,\1host=" + host + "\1auth=Bearer token-of-alice\1\1";
        };
        services.authenticator.advice.hosts = { "mail.example.org", "imap.example.org" };
        EXPECT_EQ(run("OAUTHBEARER", { with("IMAP.example.org") }).kind, Kind::done);
        EXPECT_EQ(run("OAUTHBEARER", { with("mail.example.org.") }).kind, Kind::done);
        EXPECT_EQ(run("OAUTHBEARER", { "n,,\1auth=Bearer token-of-alice\1\1"s }).kind, Kind::done);
        EXPECT_EQ(
            run("OAUTHBEARER", { with("mail.example.com"), "\1" }).why, Refusal::wrong_credentials);
    }

    TEST_F(OtherProofs, LongTokensFit)
    {
        std::string const token(9000, 'x');
        services.authenticator.tokens[token] = "alice";
        EXPECT_EQ(run("XOAUTH2", { "user=alice\1auth=Bearer " + token + "\1\1" }).kind, Kind::done);
        EXPECT_EQ(run("XOAUTH2", { "user=alice\1auth=Bearer " + token + token + "\1\1" }).kind,
            Kind::malformed);
    }

    // --- XOAUTH2

    TEST_F(OtherProofs, Xoauth2NamesItsUser)
    {
        EXPECT_EQ(
            run("XOAUTH2", { "user=alice\1auth=Bearer token-of-alice\1\1"s }).kind, Kind::done);
        EXPECT_EQ(who, "alice");
        EXPECT_EQ(
            run("XOAUTH2", { "-", "user=bob\1auth=Bearer token-of-bob\1\1"s }).kind, Kind::done);
        EXPECT_EQ(services.journal.lines.back(), "login imap bob XOAUTH2");
        for (auto const& wrong : { ""s, "user=alice"s, "user=\1auth=Bearer t\1\1"s,
                 "user=alice\1auth=Bearer t\1"s, "user=alice\1auth=Bearer t"s,
                 "user=alice\1auth=Bearer t\1\1\1"s, "user=alice\1auth=Basic t\1\1"s,
                 "user=alice\1auth=\1\1"s, "auth=Bearer t\1user=alice\1\1"s,
                 "user=al\0ice\1auth=Bearer t\1\1"s, "n,,\1auth=Bearer t\1\1"s })
            EXPECT_EQ(run("XOAUTH2", { wrong }).kind, Kind::malformed) << wrong;
        EXPECT_EQ(run("XOAUTH2", { "user=alice\1auth=Bearer wrong\1\1"s, "" }).why,
            Refusal::wrong_credentials);
        EXPECT_EQ(heard, "{\"status\":\"401\",\"schemes\":\"bearer\",\"scope\":\"mail\"}");
        EXPECT_EQ(run("XOAUTH2", { "user=bob\1auth=Bearer token-of-alice\1\1"s, "" }).why,
            Refusal::disabled);
        services.authenticator.is_down = true;
        EXPECT_EQ(run("XOAUTH2", { "user=alice\1auth=Bearer wrong\1\1"s, "*" }).why,
            Refusal::unavailable);
        EXPECT_TRUE(heard.starts_with("{\"status\":\"503\"")) << heard;
    }

} // namespace
} // namespace mail::sasl
