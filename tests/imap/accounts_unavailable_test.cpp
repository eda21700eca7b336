// What others' accounts have to be looked up for is put off when they cannot be; a source that is
// down is never taken for "no such user" or "no bound".
#include "tests/support/sharing.h"
#include "tests/support/transcript.h"

namespace mail::imap {
namespace {

    using namespace mail::test;

    /// bob shares Box with alice, who is logged in; then the accounts cannot be asked any more.
    class ImapAccountsUnavailable : public testing::Test {
    protected:
        ImapAccountsUnavailable()
            : world(Transcript::make_world({ mailbox("INBOX", { unseen("one"), unseen("two") }) }))
            , alice(world, {})
        {
            world->authenticator.users["alice"].is_administrator = true;
            world->authenticator.users["bob"].quota.octets = 1000;
            share(*world, "bob", "Box", "alice", "lrswipkxte");
            alice.login();
        }
        void take_source_down() const { world->authenticator.is_down = true; }

        std::shared_ptr<TestServices> world;
        Transcript alice;
    };

    TEST_F(ImapAccountsUnavailable, NothingIsAddedToMailboxesOfOthers)
    {
        alice.select("INBOX");
        take_source_down();
        alice.play(R"(
            C: a1 APPEND "Other Users/bob/Box" {5}
            S: a1 NO [UNAVAILABLE] *
            C: a2 APPEND "Other Users/bob/Box" {5+}
            C: a: b
            S: a2 NO [UNAVAILABLE] *
            C: a3 COPY 1 "Other Users/bob/Box"
            S: a3 NO [UNAVAILABLE] *
            C: a4 MOVE 1 "Other Users/bob/Box"
            S: a4 NO [UNAVAILABLE] *
            C: a5 REPLACE 1 "Other Users/bob/Box" {5+}
            C: a: b
            S: a5 NO [UNAVAILABLE] *
            C: a6 CREATE "Other Users/bob/Box/New"
            S: a6 NO [UNAVAILABLE] *
            C: a7 RENAME "Other Users/bob/Box" "Other Users/bob/Box2"
            S: a7 NO [UNAVAILABLE] *
            C: a8 STATUS "Other Users/bob/Box" (MESSAGES)
            S: * STATUS "Other Users/bob/Box" (MESSAGES 0)
            S: a8 OK *
            C: a9 STATUS INBOX (MESSAGES)
            S: * STATUS INBOX (MESSAGES 2)
            S: a9 OK *
        )");
        world->authenticator.is_down = false;
        alice.play(R"(
            C: b1 UID COPY 1 "Other Users/bob/Box"
            S: b1 OK *
        )");
    }

    TEST_F(ImapAccountsUnavailable, QuotasAndRightsOfOthersWait)
    {
        take_source_down();
        alice.play(R"(
            C: a1 GETQUOTA bob
            S: a1 NO [UNAVAILABLE] *
            C: a2 GETQUOTAROOT "Other Users/bob/Box"
            S: a2 NO [UNAVAILABLE] *
            C: a3 SETQUOTA carol (STORAGE 7)
            S: a3 NO [UNAVAILABLE] *
            C: a4 SETACL INBOX carol lr
            S: a4 NO [UNAVAILABLE] *
            C: a5 LISTRIGHTS INBOX carol
            S: a5 NO [UNAVAILABLE] *
            C: a6 GETACL INBOX
            S: * ACL INBOX alice lrswipkxteacd
            S: a6 OK *
        )");
    }

    TEST_F(ImapAccountsUnavailable, UrlsWait)
    {
        alice.play(R"(
            C: a1 GENURLAUTH "imap://alice@h/INBOX/;UID=1;URLAUTH=user+alice" INTERNAL
            S: * GENURLAUTH *
            S: a1 OK *
        )");
        take_source_down();
        // The tokens are wrong or right: the owner comes first.
        std::string const token(66, '0');
        alice
            .send("a2 URLFETCH \"imap://alice@h/INBOX/;UID=1;URLAUTH=anonymous:internal:" + token
                + "\"\r\n")
            .expect("a2 NO [UNAVAILABLE] *");
        alice.play(R"(
            C: a3 GENURLAUTH "imap://alice@h/INBOX/;UID=1;URLAUTH=anonymous" INTERNAL
            S: a3 NO [UNAVAILABLE] *
        )");
    }

    TEST_F(ImapAccountsUnavailable, OnesOwnMailboxesGoOn)
    {
        take_source_down();
        alice.play(R"(
            C: a1 CREATE New
            S: a1 OK *
            C: a2 APPEND New {5+}
            C: a: b
            S: a2 OK *
            C: a3 GETQUOTAROOT New
            S: * QUOTAROOT New alice
            S: * QUOTA alice ()
            S: a3 OK *
            C: a4 RENAME New Newer
            S: a4 OK *
        )");
    }

} // namespace
} // namespace mail::imap
