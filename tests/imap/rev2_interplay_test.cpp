// IMAP4rev2 beside the extensions: what is old is not told any more, what belongs to it is served.
#include "tests/support/transcript.h"

namespace mail::imap {
namespace {

    using namespace mail::test;

    Transcript rev2_with(std::vector<std::string> switched_off)
    {
        auto world = Transcript::make_world({ mailbox("INBOX", { unseen("one"), deleted("two") }),
            mailbox("Work", { unseen("three") }) });
        world->settings.imap.capabilities_off = std::move(switched_off);
        Transcript imap(world, {});
        imap.login()
            .send("en ENABLE IMAP4rev2\r\n")
            .expect("* ENABLED IMAP4rev2")
            .expect("en OK *");
        return imap;
    }

    TEST(ImapRev2, NoCommandTellsOldResponses)
    {
        auto imap = rev2_with({});
        imap.select("Work").play(R"(
            C: a1 SEARCH ALL
            S: * ESEARCH (TAG "a1") ALL 1
            S: a1 OK *
            C: a2 UID SEARCH SEEN
            S: * ESEARCH (TAG "a2") UID
            S: a2 OK *
            C: a3 FETCH 1 FLAGS
            S: * 1 FETCH (FLAGS ())
            S: a3 OK *
            C: a4 COPY 1 Work
            S: * 2 EXISTS
            S: a4 OK [COPYUID * 1 2] *
            C: a5 APPEND Work {3+}
            C: abc
            S: * 3 EXISTS
            S: a5 OK [APPENDUID * 3] *
            C: a6 STATUS INBOX (MESSAGES RECENT)
            S: a6 BAD *
            C: a7 LIST "" Work RETURN (STATUS (RECENT))
            S: a7 BAD *
            C: a8 IDLE
            S: + idling
        )");
        imap.deliver("Work", unseen("four"));
        imap.expect("* 4 EXISTS").play(R"(
            C: DONE
            S: a8 OK *
            C: a9 NOTIFY SET (selected (MessageNew (FLAGS) MessageExpunge))
            S: a9 OK *
        )");
        imap.deliver("Work", unseen("five"));
        imap.expect("* 5 EXISTS").expect("* 5 FETCH (UID 5 FLAGS ())").expect_nothing();
    }

    TEST(ImapRev2, EveryNameIsUtf8)
    {
        auto imap = rev2_with({});
        auto other = imap.another();
        imap.play(R"(
            C: a1 CREATE "Öl"
            S: a1 OK *
            C: a2 SUBSCRIBE "Öl"
            S: a2 OK *
            C: a3 LSUB "" %l
            S: * LSUB (\HasNoChildren) "/" "Öl"
            S: a3 OK *
            C: a4 XLIST "" %l
            S: * XLIST (\HasNoChildren) "/" "Öl"
            S: a4 OK *
            C: a5 GETQUOTAROOT "Öl"
            S: * QUOTAROOT "Öl" alice
            S: * QUOTA alice ()
            S: a5 OK *
            C: a6 GETACL "Öl"
            S: * ACL "Öl" alice *
            S: a6 OK *
            C: a7 LIST "" %l RETURN (STATUS (UNSEEN) MYRIGHTS METADATA (/private/comment))
            S: * LIST (\HasNoChildren) "/" "Öl"
            S: * STATUS "Öl" (UNSEEN 0)
            S: * MYRIGHTS "Öl" *
            S: * METADATA "Öl" (/private/comment NIL)
            S: a7 OK *
            C: a8 NOTIFY SET (personal (MailboxName MessageNew MessageExpunge))
            S: a8 OK *
        )");
        imap.deliver("Öl", unseen("x"));
        imap.expect("* STATUS \"Öl\" (MESSAGES 1 UIDNEXT 2)").expect_nothing();
        other.login().play(R"(
            C: b1 RENAME &ANY-l Fett
            S: b1 OK *
        )");
        imap.expect("* LIST (\\HasNoChildren) \"/\" Fett (\"OLDNAME\" (\"Öl\"))").expect_nothing();
    }

    TEST(ImapRev2, ServesWhatBelongsToItUnderOtherNames)
    {
        auto imap = rev2_with({ "MOVE", "IDLE", "NAMESPACE", "UNSELECT", "UIDPLUS", "LITERAL+",
            "LITERAL-", "LIST-EXTENDED", "ESEARCH", "SEARCHRES", "STATUS=SIZE", "BINARY" });
        auto old = imap.another();
        imap.select("INBOX").play(R"(
            C: a1 UID EXPUNGE 2
            S: * 2 EXPUNGE
            S: a1 OK *
            C: a2 MOVE 1 Work
            S: * OK [COPYUID * 1 2] *
            S: * 1 EXPUNGE
            S: a2 OK *
            C: a3 NAMESPACE
            S: * NAMESPACE *
            S: a3 OK *
            C: a4 UNSELECT
            S: a4 OK *
            C: a5 IDLE
            S: + idling
            C: DONE
            S: a5 OK *
            C: a6 LIST (SUBSCRIBED) "" INBOX RETURN (STATUS (SIZE))
            S: * LIST (*) "/" INBOX
            S: * STATUS INBOX (SIZE 0)
            S: a6 OK *
            C: a7 CREATE {3+}
            C: Box
            S: a7 OK *
        )");
        imap.send("a8 CREATE {4097+}\r\n" + std::string(4097, 'x') + "\r\n");
        imap.expect("a8 BAD [TOOBIG] *");
        old.login().select("Work").play(R"(
            C: b1 UID EXPUNGE 2
            S: b1 BAD Unknown command*
            C: b2 MOVE 1 INBOX
            S: b2 BAD Unknown command*
            C: b3 NAMESPACE
            S: b3 BAD Unknown command*
            C: b4 UNSELECT
            S: b4 BAD Unknown command*
            C: b5 IDLE
            S: b5 BAD Unknown command*
            C: b6 COPY 1 INBOX
            S: b6 OK COPY completed
        )");
    }

} // namespace
} // namespace mail::imap
