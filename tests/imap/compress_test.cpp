// COMPRESS (RFC 4978): the same conversation through deflate.
#include "tests/support/deflate_client.h"
#include "tests/support/transcript.h"

namespace mail::imap {
namespace {

    using namespace mail::test;

    /// Says COMPRESS, and speaks through deflate from then on.
    std::shared_ptr<DeflateClient> compress(Transcript& imap)
    {
        imap.play(R"(
            C: z COMPRESS DEFLATE
            S: z OK Everything is compressed from here on
        )");
        auto client = std::make_shared<DeflateClient>();
        imap.through([client](std::string_view octets) { return client->compress(octets); },
            [client](std::string_view octets) { return client->expand(octets); });
        return client;
    }

    TEST(ImapCompress, NeedsALoginAndAMechanismThatIsKnown)
    {
        Transcript imap { mailbox("INBOX") };
        imap.play(R"(
            C: a1 COMPRESS DEFLATE
            S: a1 BAD Log in first
        )");
        imap.login().play(R"(
            C: a2 COMPRESS
            S: a2 BAD *
            C: a3 COMPRESS GZIP
            S: a3 BAD *
            C: a4 COMPRESS DEFLATE 9
            S: a4 BAD *
            C: a5 NOOP
            S: a5 OK *
        )");
        compress(imap);
        imap.play(R"(
            C: a6 compress deflate
            S: a6 BAD [COMPRESSIONACTIVE] *
            C: a7 NOOP
            S: a7 OK *
        )");
    }

    TEST(ImapCompress, CarriesAWholeSession)
    {
        Transcript imap { mailbox("INBOX", { seen("one"), unseen("two") }) };
        imap.login();
        auto const client = compress(imap);
        imap.select("INBOX").play(R"(
            C: a1 FETCH 1:2 (UID FLAGS)
            S: * 1 FETCH (UID 1 FLAGS (\Seen \Recent))
            S: * 2 FETCH (UID 2 FLAGS (\Recent))
            S: a1 OK *
            C: a2 APPEND INBOX {5}
            S: + OK
            C: three
            S: * 3 EXISTS
            S: * 3 RECENT
            S: a2 OK [APPENDUID *] *
            C: a3 IDLE
            S: + idling
        )");
        imap.deliver("INBOX", unseen("four"));
        imap.expect("* 4 EXISTS").expect("* 4 RECENT").play(R"(
            C: DONE
            S: a3 OK *
        )");
        imap.stream().push(client->compress("", Z_FULL_FLUSH));
        imap.stream().largest_read = 1;
        imap.play(R"(
            C: a4 LOGOUT
            S: * BYE *
            S: a4 OK *
        )");
        imap.expect_closed();
    }

    TEST(ImapCompress, TakesWhatAHastyClientCompressedBehindTheCommand)
    {
        Transcript imap { mailbox("INBOX") };
        imap.login();
        auto const client = std::make_shared<DeflateClient>();
        imap.through({}, [client, plain = true](std::string_view octets) mutable {
            auto const end = plain ? octets.find('\n') + 1 : 0;
            plain = octets.empty();
            return std::string(octets.substr(0, end)) + client->expand(octets.substr(end));
        });
        imap.stream().push("a1 COMPRESS DEFLATE\r\n" + client->compress("a2 NOOP\r\n"));
        imap.expect("a1 OK *").expect("a2 OK *");
    }

    TEST(ImapCompress, SaysByeToWhatIsNotCompressed)
    {
        Transcript imap { mailbox("INBOX") };
        imap.login();
        compress(imap);
        imap.stream().push("a1 NOOP\r\n");
        imap.expect("* BYE *").expect_closed();
        EXPECT_TRUE(imap.failure());
    }

    TEST(ImapCompress, ABombIsALongLine)
    {
        Transcript imap { mailbox("INBOX") };
        imap.login();
        compress(imap);
        imap.send("a1 STATUS " + std::string(5'000'000, 'x') + "\r\n");
        imap.expect("a1 BAD [LIMIT] *");
        imap.send("a2 CREATE {20000000+}\r\n" + std::string(20'000'000, ' ') + "\r\n");
        imap.expect("a2 BAD [TOOBIG] *").expect_nothing();
    }

    TEST(ImapCompress, CanBeSwitchedOff)
    {
        auto world = Transcript::make_world({});
        world->settings.imap.capabilities_off = { "COMPRESS=DEFLATE" };
        Transcript imap(world, {});
        imap.login().play(R"(
            C: a1 COMPRESS DEFLATE
            S: a1 BAD Unknown command*
        )");
    }

    TEST(ImapCompress, TheServersLastWordsAreCompressedToo)
    {
        Transcript imap { mailbox("INBOX") };
        imap.login();
        auto const client = compress(imap);
        imap.play(R"(
            C: a1 NOOP
            S: a1 OK *
        )");
        EXPECT_EQ(client->expand(imap.session().compression().wrap("* BYE\r\n")), "* BYE\r\n");
    }

} // namespace
} // namespace mail::imap
