// AUTHENTICATE with SCRAM, as IMAP carries it.
#include "tests/support/scram_client.h"
#include "tests/support/transcript.h"

namespace mail::test {
namespace {

    std::shared_ptr<TestServices> world_with_keys()
    {
        auto world = Transcript::make_world({});
        world->authenticator.has_keys = true;
        return world;
    }

    /// The text of the next line, which has to be a continuation.
    std::string challenge(Transcript& imap)
    {
        auto const line = imap.read_line();
        EXPECT_EQ(line.substr(0, 2), "+ ");
        return line.size() < 2 ? line : line.substr(2);
    }

    TEST(ImapScram, LogsInWithEveryMechanism)
    {
        auto const world = world_with_keys();
        struct Row {
            std::string name;
            sasl::ScramHash hash;
        };
        for (auto const& row : { Row { "SCRAM-SHA-1", sasl::ScramHash::sha1 },
                 Row { "SCRAM-SHA-256", sasl::ScramHash::sha256 },
                 Row { "SCRAM-SHA-512", sasl::ScramHash::sha512 } })
            for (bool const binds : { false, true }) {
                ScramClient client { .hash = row.hash };
                if (binds) {
                    client.header = "p=tls-exporter,,";
                    client.binding = "bound by tls-exporter";
                }
                Transcript imap(world, {});
                imap.send("a1 AUTHENTICATE " + row.name + (binds ? "-PLUS" : "") + "\r\n");
                EXPECT_EQ(challenge(imap), "") << "the client begins";
                imap.send(encoded(client.first()) + "\r\n");
                auto const server_first = decoded(challenge(imap));
                imap.send(encoded(client.last(server_first)) + "\r\n");
                EXPECT_EQ(decoded(challenge(imap)).substr(0, 2), "v=");
                imap.send("\r\n").expect("a1 OK [CAPABILITY *] *");
            }
    }

    TEST(ImapScram, TakesAnInitialResponse)
    {
        Transcript imap(world_with_keys(), {});
        ScramClient const client;
        imap.send("a1 AUTHENTICATE SCRAM-SHA-256 " + encoded(client.first()) + "\r\n");
        imap.send(encoded(client.last(decoded(challenge(imap)))) + "\r\n");
        (void)challenge(imap);
        imap.send("\r\n").expect("a1 OK *");
    }

    TEST(ImapScram, RefusesAWrongPasswordAsAnyOtherLogin)
    {
        Transcript imap(world_with_keys(), {});
        for (auto const& client :
            { ScramClient { .password = "wrong" }, ScramClient { .name = "nobody" } }) {
            imap.send("a1 AUTHENTICATE SCRAM-SHA-256 " + encoded(client.first()) + "\r\n");
            imap.send(encoded(client.last(decoded(challenge(imap)))) + "\r\n");
            imap.expect("a1 NO [AUTHENTICATIONFAILED] *");
        }
        imap.play(R"(
            C: a2 AUTHENTICATE SCRAM-SHA-256
            S: + 
            C: *
            S: a2 BAD *
            C: a3 AUTHENTICATE SCRAM-SHA-256 =
            S: a3 BAD *
            C: a4 LOGIN alice secret
            S: a4 OK *
        )");
    }

    TEST(ImapScram, RefusesTheBindingOfAnotherConnection)
    {
        Transcript imap(world_with_keys(), {});
        ScramClient const client { .header = "p=tls-exporter,,", .binding = "another's" };
        imap.send("a1 AUTHENTICATE SCRAM-SHA-256-PLUS " + encoded(client.first()) + "\r\n");
        imap.send(encoded(client.last(decoded(challenge(imap)))) + "\r\n");
        imap.expect("a1 BAD The channel binding is not that of this connection*");
    }

    TEST(ImapScram, ASourceThatIsDownIsTriedAgainLater)
    {
        auto const world = world_with_keys();
        world->authenticator.is_down = true;
        Transcript imap(world, {});
        imap.send("a1 AUTHENTICATE SCRAM-SHA-256 " + encoded(ScramClient {}.first()) + "\r\n");
        imap.expect("a1 NO [UNAVAILABLE] *");
    }

} // namespace
} // namespace mail::test
