// Parameters of MAIL and RCPT: SIZE, BODY, SMTPUTF8, AUTH, those of DSN, and details of addresses.
#include "tests/lmtp/client.h"

#include "storage/acl.h"

namespace mail::lmtp {
namespace {

    struct LmtpParameters : ::testing::Test {
        std::vector<std::string> stored(
            std::string const& name, std::string const& mailbox = "INBOX")
        {
            return test::messages_of(services.store(), services.account(name), mailbox);
        }
        storage::Place make_mailbox(std::string const& user, std::string const& name)
        {
            auto const account = services.account(user);
            storage::Place place { account.id, {} };
            *services.store().volume_of(account).write(
                [&](storage::WriteTxn& txn) -> storage::Result<void> {
                    auto const made = storage::create_mailbox(txn, account.id, { .name = name });
                    if (!made)
                        return made.error();
                    place.mailbox = made->id;
                    return {};
                });
            return place;
        }
        void deliver_to(std::string const& recipient)
        {
            Client client(services);
            client.greet();
            EXPECT_EQ(client.deliver({ recipient }, "A: 1\r\n.\r\n"),
                "250 2.0.0 <" + recipient + "> Delivered\r\n");
        }
        test::TestServices services;
    };

    TEST_F(LmtpParameters, RefusesWhatIsMalformed)
    {
        services.settings.limits.bad_commands = 100;
        Client(services).greet().play(R"(
        C: MAIL FROM:<a@b> BODY=8BITMIME BODY=7BIT
        S: 501 5.5.4 BODY is there twice: send it once
        C: MAIL FROM:<a@b> BODY
        S: 501 5.5.4 *
        C: MAIL FROM:<a@b> SIZE=1 SIZE=1
        S: 501 5.5.4 SIZE is there twice: send it once
        C: MAIL FROM:<a@b> SMTPUTF8=yes
        S: 501 5.5.4 SMTPUTF8 takes no value
        C: MAIL FROM:<a@b> SMTPUTF8=
        S: 501 5.5.4 SMTPUTF8 takes no value
        C: MAIL FROM:<a@b> RET=ALL
        S: 501 5.5.4 RET is FULL or HDRS
        C: MAIL FROM:<a@b> RET=FULL RET=FULL
        S: 501 5.5.4 RET is there twice: send it once
        C: MAIL FROM:<a@b> ENVID
        S: 501 5.5.4 ENVID is *
        C: MAIL FROM:<a@b> ENVID=a+zz
        S: 501 5.5.4 ENVID is *
        C: MAIL FROM:<a@b> ENVID=1 ENVID=2
        S: 501 5.5.4 ENVID is there twice: send it once
        C: MAIL FROM:<a@b> AUTH=
        S: 501 5.5.4 AUTH is *
        C: MAIL FROM:<a@b> AUTH=a b
        S: 555 5.5.4 A parameter is not known here: b
        C: MAIL FROM:<a@b> AUTH=a+
        S: 501 5.5.4 AUTH is *
        C: MAIL FROM:<a@b> AUTH=<
        S: 501 5.5.4 AUTH is *
        C: MAIL FROM:<a@b> ret=hdrs envid=QQ+2B314159 AUTH=e+3Dmc2@example.com SIZE=10 BODY=7BIT
        S: 250 2.1.0 OK
        C: RCPT TO:<alice> NOTIFY=
        S: 501 5.5.4 NOTIFY is *
        C: RCPT TO:<alice> NOTIFY=NEVER,SUCCESS
        S: 501 5.5.4 NOTIFY is *
        C: RCPT TO:<alice> NOTIFY=SUCCESS,
        S: 501 5.5.4 NOTIFY is *
        C: RCPT TO:<alice> NOTIFY=DELAY NOTIFY=DELAY
        S: 501 5.5.4 NOTIFY is there twice: send it once
        C: RCPT TO:<alice> ORCPT=alice
        S: 501 5.5.4 ORCPT is *
        C: RCPT TO:<alice> ORCPT=rfc822;
        S: 501 5.5.4 ORCPT is *
        C: RCPT TO:<alice> ORCPT=;alice
        S: 501 5.5.4 ORCPT is *
        C: RCPT TO:<alice> ORCPT=rfc822;a+0D+0AX:
        S: 501 5.5.4 ORCPT is *
        C: RCPT TO:<alice> ORCPT=rfc822;a ORCPT=rfc822;a
        S: 501 5.5.4 ORCPT is there twice: send it once
        C: RCPT TO:<alice> NOTIFY=never
        S: 250 2.1.5 OK
        C: RCPT TO:<bob> NOTIFY=failure,DELAY,Success ORCPT=rfc822;bob
        S: 250 2.1.5 OK
    )");
        Client client(services);
        client.greet();
        EXPECT_TRUE(client.say("MAIL FROM:<> ENVID=" + std::string(101, 'x') + "\r\n")
                        .starts_with("501 5.5.4 "));
        EXPECT_EQ(
            client.say("MAIL FROM:<> ENVID=" + std::string(100, 'x') + "\r\n"), "250 2.1.0 OK\r\n");
        EXPECT_TRUE(client.say("RCPT TO:<bob> ORCPT=x;" + std::string(499, 'x') + "\r\n")
                        .starts_with("501 5.5.4 "));
        EXPECT_EQ(client.say("RCPT TO:<bob> ORCPT=x;" + std::string(498, 'x') + "\r\n"),
            "250 2.1.5 OK\r\n");
    }

    TEST_F(LmtpParameters, KeepTheOriginalRecipient)
    {
        Client client(services);
        client.greet().play(R"(
        C: MAIL FROM:<a@b>
        S: 250 *
        C: RCPT TO:<alice@x> ORCPT=rfc822;Alice+2Bnews@Example.org
        S: 250 *
        C: DATA
        S: 354 *
        C: .
        S: 250 *
        C: MAIL FROM:<a@b>
        S: 250 *
        C: RCPT TO:<bob@x> ORCPT=rfc822;one@example.org
        S: 250 *
        C: RCPT TO:<bob@x> ORCPT=rfc822;two@example.org
        S: 250 *
        C: DATA
        S: 354 *
        C: .
        S: 250 *
        S: 250 *
    )");
        EXPECT_TRUE(stored("alice").at(0).starts_with(
            "Return-Path: <a@b>\r\nDelivered-To: alice@x\r\n"
            "Original-Recipient: rfc822;Alice+news@Example.org\r\nReceived: from "));
        for (auto const& message : stored("bob")) // they would learn of each other
            EXPECT_EQ(message.find("Original-Recipient"), message.npos);
    }

    TEST_F(LmtpParameters, AddressesBeyondAsciiNeedSmtpUtf8)
    {
        services.authenticator.passwords["j\xc3\xbcrgen"] = "x";
        Client client(services);
        client.greet();
        EXPECT_EQ(client.say("MAIL FROM:<\xc3\xa9@x>\r\n"),
            "550 5.6.7 An address beyond ASCII needs the parameter SMTPUTF8\r\n");
        client.say("MAIL FROM:<>\r\n");
        EXPECT_EQ(client.say("RCPT TO:<j\xc3\xbcrgen@x>\r\n"),
            "553 5.6.7 An address beyond ASCII needs SMTPUTF8 with MAIL\r\n");
        client.say("RSET\r\n");
        EXPECT_EQ(client.say("MAIL FROM:<\xe9@x> SMTPUTF8\r\n"),
            "501 5.1.7 This is not an address in <>\r\n")
            << "that is no UTF-8";
        // "u" and a combining diaeresis: the same name.
        auto const said = client.say("MAIL FROM:<\xc3\xa9@b\xc3\xbc"
                                     "cher.example> BODY=8BITMIME SMTPUTF8\r\n"
                                     "RCPT TO:<ju\xcc\x88rgen@x> ORCPT=utf-8;\xc3\xa9@x\r\n"
                                     "RCPT TO:<nob\xc3\xb6"
                                     "dy@x>\r\nDATA\r\nSubject: \xc3\xa9\r\n.\r\n");
        EXPECT_EQ(said,
            "250 2.1.0 OK\r\n250 2.1.5 OK\r\n550 5.1.1 No such user here: check the address\r\n"
            "354 End the message with a line of one dot\r\n250 2.0.0 Delivered\r\n")
            << "replies are in ASCII";
        auto const message = stored("j\xc3\xbcrgen").at(0);
        EXPECT_TRUE(message.starts_with("Return-Path: <\xc3\xa9@b\xc3\xbc"
                                        "cher.example>\r\nDelivered-To: ju\xcc\x88rgen@x\r\n"
                                        "Original-Recipient: utf-8;\xc3\xa9@x\r\n"))
            << message;
        EXPECT_NE(message.find(" with UTF8LMTP id "), message.npos);
        EXPECT_EQ(sent_of(message), "Subject: \xc3\xa9\r\n");
    }

    TEST_F(LmtpParameters, DetailsFindTheirMailbox)
    {
        services.settings.deliver_to_detail = true;
        for (auto const* name : { "Lists/cpp", "a.b", "Work", "work" })
            make_mailbox("alice", name);
        for (auto const* recipient : { "alice+Lists/cpp", "alice+lists/CPP", "alice+lists.cpp" })
            deliver_to(recipient);
        EXPECT_EQ(stored("alice", "Lists/cpp").size(), 3u);
        deliver_to("alice+A.B");
        EXPECT_EQ(stored("alice", "a.b").size(), 1u);
        deliver_to("alice+work");
        EXPECT_EQ(stored("alice", "work").size(), 1u);
        deliver_to("alice+WORK"); // either might be meant
        deliver_to("alice+none/such");
        deliver_to("alice+inbox");
        EXPECT_EQ(stored("alice").size(), 3u);
    }

    TEST_F(LmtpParameters, DetailsMakeMailboxesOnlyWhereTheSettingsSaySo)
    {
        services.settings.deliver_to_detail = true;
        deliver_to("alice+New/one");
        EXPECT_EQ(stored("alice").size(), 1u);
        services.settings.lmtp.create_detail = true;
        deliver_to("alice+New/one");
        deliver_to("alice+new/ONE");
        EXPECT_EQ(stored("alice", "New/one").size(), 2u);
        deliver_to("alice+bad//name");
        services.authenticator.users["alice"].quota = { .mailboxes = 1 };
        deliver_to("alice+another");
        EXPECT_EQ(stored("alice").size(), 3u) << "what cannot be made goes to INBOX";
    }

    TEST_F(LmtpParameters, DetailsMayNeedTheRightToPost)
    {
        services.settings.deliver_to_detail = true;
        auto const place = make_mailbox("alice", "open");
        make_mailbox("alice", "closed");
        *services.store().volume_of(services.account("alice")).write([&](storage::WriteTxn& txn) {
            return storage::write_acl(txn, place, { { "anyone", storage::Right::post } });
        });
        deliver_to("alice+closed");
        services.settings.lmtp.detail_needs_post = true;
        deliver_to("alice+closed");
        deliver_to("alice+open");
        EXPECT_EQ(stored("alice", "closed").size(), 1u);
        EXPECT_EQ(stored("alice", "open").size(), 1u);
        EXPECT_EQ(stored("alice").size(), 1u);
    }

} // namespace
} // namespace mail::lmtp
