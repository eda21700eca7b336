// SCRAM: the RFCs' own examples, whole logins, and what an attacker would try.
#include "protocol/sasl/exchange.h"
#include "protocol/sasl/scram.h"
#include "tests/support/memory_stream.h"
#include "tests/support/scram_client.h"
#include "tests/support/test_services.h"

#include <boost/asio/co_spawn.hpp>

#include <gtest/gtest.h>

namespace mail::sasl {
namespace {

    using test::decoded;
    using test::encoded;

    struct Example {
        ScramHash hash;
        std::string client_nonce, server_nonce, salt, proof, signature;
    };

    class ScramExample : public ::testing::TestWithParam<Example> { };

    TEST_P(ScramExample, IsAsTheRfcHasIt)
    {
        auto const& example = GetParam();
        Scram scram(example.hash, {}, example.server_nonce);
        auto const first = scram.feed("n,,n=user,r=" + example.client_nonce);
        ASSERT_TRUE(std::holds_alternative<KeysWanted>(first));
        EXPECT_EQ(std::get<KeysWanted>(first).name, "user");
        auto const challenge = scram.take_keys(
            derive_scram_keys(example.hash, "pencil", decoded(example.salt), 4096));
        auto const nonce = example.client_nonce + example.server_nonce;
        EXPECT_EQ(
            std::get<Challenge>(challenge).octets, "r=" + nonce + ",s=" + example.salt + ",i=4096");
        auto const last = scram.feed("c=biws,r=" + nonce + ",p=" + example.proof);
        ASSERT_TRUE(std::holds_alternative<Challenge>(last));
        EXPECT_EQ(std::get<Challenge>(last).octets, "v=" + example.signature);
        auto const proven = scram.feed("");
        ASSERT_TRUE(std::holds_alternative<Proven>(proven));
        EXPECT_EQ(std::get<Proven>(proven).name, "user");
        EXPECT_TRUE(std::holds_alternative<Malformed>(scram.feed(""))) << "it is over";
    }

    INSTANTIATE_TEST_SUITE_P(Rfc, ScramExample,
        ::testing::Values(
            Example { ScramHash::sha1, "fyko+d2lbbFgONRv9qkxdawL", "3rfcNHYJY1ZVvWVs7j",
                "QSXCR+Q6sek8bf92",
                "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "rmF9pqV8S7suAoZWja4dJRkFsKQ=" }, // RFC 5802 §5
            Example { ScramHash::sha256, "rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
                "W22ZaJ0SNY7soEsUEjb6gQ==", "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=" })); // RFC 7677 §3

    using Client = test::ScramClient;

    class ScramLogin : public ::testing::Test {
    protected:
        void SetUp() override
        {
            services.account("alice");
            services.authenticator.has_keys = true;
        }

        Reply run(std::string_view mechanism, Client const& client)
        {
            std::optional<Reply> last;
            boost::asio::co_spawn(
                services.io, go(mechanism, client, last), [](std::exception_ptr failure) {
                    if (failure)
                        std::rethrow_exception(failure);
                });
            EXPECT_TRUE(services.run_until([&] { return last.has_value(); }));
            return last.value_or(Reply {});
        }
        awaitable<void> go(
            std::string_view mechanism, Client const& client, std::optional<Reply>& out)
        {
            Exchange exchange(session.login(), *find_mechanism(mechanism));
            auto const first = encoded(client.first());
            auto reply = co_await exchange.start(first);
            if (reply.kind == Reply::Kind::challenge) {
                auto const final_message = encoded(client.last(decoded(reply.text)));
                reply = co_await exchange.answer(final_message);
            }
            if (reply.kind == Reply::Kind::challenge) {
                signature = decoded(reply.text);
                reply = co_await exchange.answer("");
            }
            if (reply.kind == Reply::Kind::done)
                co_await session.enter(reply.user, reply.attempt);
            out = reply;
        }

        std::string offered()
        {
            std::string names;
            for (auto const* row : offered_mechanisms(session.login()))
                names.append(names.empty() ? "" : " ").append(row->name);
            return names;
        }

        test::TestServices services;
        test::MemoryStream stream { services.io };
        session::Session session { services.services, stream, session::Session::Protocol::imap };
        std::string signature;
    };

    TEST_F(ScramLogin, EveryMechanismLogsIn)
    {
        struct Row {
            std::string name;
            ScramHash hash;
        };
        for (auto const& row :
            { Row { "SCRAM-SHA-1", ScramHash::sha1 }, Row { "SCRAM-SHA-256", ScramHash::sha256 },
                Row { "SCRAM-SHA-512", ScramHash::sha512 } }) {
            EXPECT_EQ(run(row.name, { .hash = row.hash }).kind, Reply::Kind::done) << row.name;
            EXPECT_EQ(session.account().name, "alice");
            session.log_out();
            for (std::string const type : { "tls-exporter", "tls-server-end-point" }) {
                EXPECT_EQ(run(row.name + "-PLUS",
                              { .hash = row.hash,
                                  .header = "p=" + type + ",,",
                                  .binding = "bound by " + type })
                              .kind,
                    Reply::Kind::done)
                    << row.name << ' ' << type;
                session.log_out();
            }
        }
        EXPECT_EQ(services.journal.lines.back(), "login imap alice SCRAM-SHA-512-PLUS");
        EXPECT_EQ(run("SCRAM-SHA-256", { .header = "n,a=alice," }).kind, Reply::Kind::done);
    }

    TEST_F(ScramLogin, TheServerProvesItselfToo)
    {
        Client const client;
        ASSERT_EQ(run("SCRAM-SHA-256", client).kind, Reply::Kind::done);
        EXPECT_EQ(signature.substr(0, 2), "v=");
        EXPECT_EQ(decoded(signature.substr(2)).size(), key_size(ScramHash::sha256));
    }

    TEST_F(ScramLogin, WrongPasswordsAndUnknownUsersAreToldAlike)
    {
        for (auto const& client : { Client { .password = "wrong" }, Client { .name = "nobody" } }) {
            auto const reply = run("SCRAM-SHA-256", client);
            EXPECT_EQ(reply.kind, Reply::Kind::refused);
            EXPECT_EQ(reply.why, session::Refusal::wrong_credentials);
            EXPECT_EQ(services.journal.lines.back(), "refused imap " + client.name);
        }
        EXPECT_FALSE(session.is_logged_in());
    }

    TEST_F(ScramLogin, ASourceThatIsDownIsNoWrongPassword)
    {
        services.authenticator.is_down = true;
        EXPECT_EQ(run("SCRAM-SHA-256", {}).why, session::Refusal::unavailable);
        EXPECT_EQ(services.journal.lines.back(), "refused imap alice");
    }

    TEST_F(ScramLogin, NobodyActsAsAnother)
    {
        EXPECT_EQ(run("SCRAM-SHA-256", { .header = "n,a=bob," }).why, session::Refusal::disabled);
        EXPECT_FALSE(session.is_logged_in());
    }

    TEST_F(ScramLogin, WhoeverStandsInBetweenIsFound)
    {
        // The client saw another certificate, or another connection, than the server has.
        EXPECT_EQ(run("SCRAM-SHA-256-PLUS",
                      { .header = "p=tls-exporter,,", .binding = "bound by another" })
                      .kind,
            Reply::Kind::malformed);
        EXPECT_EQ(run("SCRAM-SHA-256-PLUS", { .header = "p=tls-unique,,", .binding = "x" }).kind,
            Reply::Kind::malformed)
            << "TLS 1.3 has no such binding";
    }

    TEST_F(ScramLogin, ABindingThatIsNotThereIsRefused)
    {
        auto const none = [](std::string_view) { return std::string {}; };
        Scram scram(
            ScramHash::sha256, { .is_bound = true, .could_bind = false, .binding = none }, "nonce");
        EXPECT_TRUE(std::holds_alternative<Malformed>(scram.feed("p=tls-exporter,,n=alice,r=abc")));
    }

    TEST_F(ScramLogin, DowngradesAreRefused)
    {
        // "y": the client could bind, and was told that the server could not.
        EXPECT_EQ(run("SCRAM-SHA-256", { .header = "y,," }).kind, Reply::Kind::malformed);
        EXPECT_EQ(run("SCRAM-SHA-256-PLUS", { .header = "n,," }).kind, Reply::Kind::malformed);
        EXPECT_EQ(run("SCRAM-SHA-256-PLUS", { .header = "y,," }).kind, Reply::Kind::malformed);
        EXPECT_EQ(
            run("SCRAM-SHA-256", { .header = "p=tls-exporter,," }).kind, Reply::Kind::malformed);
        Scram scram(ScramHash::sha256, {}, "nonce"); // nothing to bind to: the client is right
        EXPECT_TRUE(std::holds_alternative<KeysWanted>(scram.feed("y,,n=alice,r=abc")));
    }

    TEST_F(ScramLogin, NoncesAreCheckedAndNeverTwiceTheSame)
    {
        EXPECT_EQ(run("SCRAM-SHA-256", { .changes_nonce = true }).kind, Reply::Kind::malformed);

        // What was sent in one exchange is worth nothing in the next.
        Client const client;
        auto const keys = derive_scram_keys(ScramHash::sha256, "secret", "salt", 4096);
        auto const begin = [&](Mechanism& mechanism) {
            (void)mechanism.feed(client.first());
            return std::get<Challenge>(mechanism.take_keys(keys)).octets;
        };
        auto const one = make_scram<ScramHash::sha256, Binds::no>(stream);
        auto const challenge = begin(*one);
        auto const recorded = client.last(challenge);
        EXPECT_TRUE(std::holds_alternative<Challenge>(one->feed(recorded)));
        auto const another = make_scram<ScramHash::sha256, Binds::no>(stream);
        EXPECT_NE(begin(*another), challenge);
        EXPECT_TRUE(std::holds_alternative<Malformed>(another->feed(recorded)));
    }

    TEST_F(ScramLogin, WhatIsNoScramIsMalformed)
    {
        for (std::string const wrong : { "", "n", "n,", "nx,,n=alice,r=abc", "yes,,n=alice,r=abc",
                 "x,,n=alice,r=abc", "n,,r=abc", "n,,n=alice", "n,,n=,r=abc", "n,,n=al=ice,r=abc",
                 "n,,n=alice,r=", "n,,m=ext,n=alice,r=abc", "n,b=x,n=alice,r=abc",
                 "n,a=,n=alice,r=abc", "n,,n=\xff,r=abc", "n,,n=alice,r=a\x7f" }) {
            Scram scram(ScramHash::sha256, {}, "nonce");
            EXPECT_TRUE(std::holds_alternative<Malformed>(scram.feed(wrong))) << wrong;
            EXPECT_TRUE(std::holds_alternative<Malformed>(scram.feed("c=biws,r=x,p=AA==")));
        }
        for (std::string const wrong : { "", "c=biws", "c=biws,r=abcnonce", "c=!,r=abcnonce,p=AA==",
                 "r=abcnonce,p=AA==", "c=biws,r=abcnonce,p=", "c=biws,r=abcnonce,p=AA==" }) {
            Scram scram(ScramHash::sha256, {}, "nonce");
            (void)scram.feed("n,,n=alice,r=abc");
            (void)scram.take_keys(derive_scram_keys(ScramHash::sha256, "secret", "salt", 4096));
            EXPECT_TRUE(std::holds_alternative<Malformed>(scram.feed(wrong))) << wrong;
        }
    }

    TEST_F(ScramLogin, NamesWithCommasAreRead)
    {
        Scram scram(ScramHash::sha1, {}, "nonce");
        auto const step = scram.feed("n,a=x=3Dy,n=a=2Cb,r=abc");
        ASSERT_TRUE(std::holds_alternative<KeysWanted>(step));
        EXPECT_EQ(std::get<KeysWanted>(step).name, "a,b");
    }

    TEST_F(ScramLogin, IsOfferedWhereEveryAccountHasKeys)
    {
        EXPECT_EQ(offered(),
            "SCRAM-SHA-512-PLUS SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-512 SCRAM-SHA-256 "
            "SCRAM-SHA-1 PLAIN LOGIN");
        services.authenticator.has_keys = false;
        EXPECT_EQ(offered(), "PLAIN LOGIN");
        services.authenticator.has_keys = true;
        test::MemoryStream plain(services.io, false);
        session::Session open(services.services, plain, session::Session::Protocol::imap);
        std::string names;
        for (auto const* row : offered_mechanisms(open.login()))
            names.append(row->name).append(" ");
        EXPECT_EQ(names, "SCRAM-SHA-512 SCRAM-SHA-256 SCRAM-SHA-1 ") << "nothing to bind to";
    }

} // namespace
} // namespace mail::sasl
