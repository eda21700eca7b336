"""ImapFlow, with every extension that it uses and the server has, in a session of IMAP4rev2 and one of IMAP4rev1."""

import base64
import datetime
import unittest

import expected_capabilities
import harness
from imapflow import Big, ImapFlow, Refused

LETTER = (b"From: =?utf-8?Q?J=C3=BCrgen?= <j@example.net>\r\nTo: alice@example.org, bob@example.org\r\n"
          b"Subject: %s\r\nMessage-ID: <%s@example.net>\r\nDate: Tue, 3 Mar 2026 10:00:00 +0100\r\nX-Note: kept\r\n")
PLAIN = LETTER + b"\r\nplain text of %s\r\n"
PICTURE = bytes(range(256)) * 700
MIXED = (LETTER + b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
         b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
         b"Gr=FC=DFe, %s\r\n--b\r\nContent-Type: image/png; name*0*=utf-8''Bl%%C3%%A4tt; name*1=er.png\r\n"
         b"Content-Disposition: attachment; filename*=utf-8''Bl%%C3%%A4tter.png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
         + base64.encodebytes(PICTURE).replace(b"\n", b"\r\n") +
         b"\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: inner@example.net\r\nSubject: inner\r\n\r\n"
         b"inner text\r\n--b--\r\n")


def letter(form, subject):
    return form.replace(b"%s", subject).replace(b"%%", b"%")


def kept(message):
    """Its flags, but \\Recent."""
    return message["flags"] - {"\\Recent"}


class ImapFlowSession:
    """What is tested, for both revisions of the protocol."""

    client_options = {}

    def setUp(self):
        self.flow = self.connect()
        self.name = self._testMethodName
        self.flow.call("mailboxCreate", self.name)

    def connect(self):
        flow = ImapFlow(self.server, **self.client_options)
        self.addCleanup(flow.close)
        return flow

    def tearDown(self):
        self.flow.call("logout")
        self.assertEqual([], self.flow.complaints)

    def has(self, capability):
        return capability in self.flow.call("state")["capabilities"]

    def fill(self, *subjects, form=PLAIN):
        """Appends by another client; gives its UIDs."""
        with self.server.imap() as imap:
            tagged = [imap.append(self.name.encode(), letter(form, subject)) for subject in subjects]
        return [int(line.split(b"]")[0].split()[-1]) for line in tagged]

    def other(self, *commands):
        """Another client does this to the mailbox of the test."""
        with self.server.imap() as imap:
            imap.ok(f"SELECT {self.name}")
            for command in commands:
                imap.ok(command)

    def test_login_agrees_on_extensions(self):
        state = self.flow.call("state")
        self.assertLessEqual(self.enabled, state["enabled"])
        self.assertTrue(state["serverInfo"]["name"])
        self.assertEqual({"prefix": "", "delimiter": "/"}, {k: state["namespace"][k] for k in ("prefix", "delimiter")})
        self.assertTrue([line for line in self.flow.sent if 'ID ("name" "Test of clients"' in line], self.flow.sent)
        self.assertTrue([line for line in self.flow.sent if "ENABLE CONDSTORE UTF8=ACCEPT QRESYNC" in line])
        self.assertEqual(self.has("COMPRESS=DEFLATE"), state["isCompressed"])

    def test_announced_capabilities(self):
        announced = set(self.flow.call("state")["capabilities"])
        self.assertLessEqual(expected_capabilities.ANNOUNCED, announced)

    def test_folders_with_their_status(self):
        for path in (f"{self.name}/Entwürfe & mehr", f"{self.name}/日本"):
            made = self.flow.call("mailboxCreate", path)
            self.assertEqual((path, True), (made["path"], made["created"]))
            self.assertEqual(self.has("OBJECTID"), bool(made.get("mailboxId")))
        self.fill(b"one", b"two")
        self.other("STORE 1 +FLAGS (\\Seen)")
        query = {"messages": True, "unseen": True, "uidNext": True, "uidValidity": True, "highestModseq": True}
        listed = {box["path"]: box for box in self.flow.call("list", {"statusQuery": query})}
        self.assertEqual("\\Inbox", listed["INBOX"]["specialUse"])
        self.assertEqual({"\\Sent", "\\Drafts", "\\Trash", "\\Junk"},
                         {box.get("specialUse") for box in listed.values()} & {"\\Sent", "\\Drafts", "\\Trash", "\\Junk"})
        mine = listed[self.name]
        self.assertIn("\\HasChildren", mine["flags"])
        self.assertEqual((2, 1, 3), tuple(mine["status"][key] for key in ("messages", "unseen", "uidNext")))
        self.assertGreater(mine["status"]["highestModseq"], 0)
        if self.has("LIST-STATUS"):
            self.assertFalse([line for line in self.flow.sent if " STATUS " in line and "LIST" not in line])
        else:
            self.flow.complaints.clear()  # with IMAP4rev2 it expects LIST ... RETURN
        before = listed[f"{self.name}/日本"]["status"]["uidValidity"]
        self.flow.call("mailboxRename", f"{self.name}/日本", f"{self.name}/日本語")
        self.flow.call("mailboxUnsubscribe", f"{self.name}/日本語")
        again = {box["path"]: box for box in self.flow.call("list", {"statusQuery": {"uidValidity": True}})}
        self.assertNotIn(f"{self.name}/日本", again)
        self.assertEqual(before, again[f"{self.name}/日本語"]["status"]["uidValidity"])
        self.assertFalse(again[f"{self.name}/日本語"].get("subscribed"))
        self.assertTrue(again[self.name]["subscribed"])
        self.flow.call("mailboxDelete", f"{self.name}/日本語")
        with self.assertRaises(Refused):
            self.flow.call("mailboxOpen", f"{self.name}/日本語")
        self.flow.complaints.clear()

    def test_append_and_fetch(self):
        octets = letter(MIXED, b"mixed")
        date = datetime.datetime(2026, 3, 3, 9, 0, tzinfo=datetime.timezone.utc)
        opened = self.flow.call("mailboxOpen", self.name)
        put = self.flow.call("append", self.name, octets, ["\\Seen", "$Work"], date.isoformat())
        self.assertEqual((1, opened["uidValidity"], 1), (put["uid"], put["uidValidity"], put["seq"]))
        query = {"flags": True, "envelope": True, "bodyStructure": True, "internalDate": True, "size": True, "uid": True,
                 "threadId": True, "source": True, "headers": ["x-note", "subject"], "bodyParts": ["1", "3.header", "2.mime"]}
        message, = self.flow.call("fetchAll", "1:*", query)
        self.assertEqual(octets, message["source"])
        self.assertEqual(len(octets), message["size"])
        self.assertEqual({"\\Seen", "$Work"}, kept(message))
        self.assertEqual("2026-03-03T09:00:00.000Z", message["internalDate"])
        self.assertGreater(message["modseq"], 0)
        envelope = message["envelope"]
        self.assertEqual(("mixed", "<mixed@example.net>"), (envelope["subject"], envelope["messageId"]))
        self.assertEqual([{"name": "Jürgen", "address": "j@example.net"}], envelope["from"])
        self.assertEqual(["alice@example.org", "bob@example.org"], [to["address"] for to in envelope["to"]])
        self.assertEqual(b"Subject: mixed\r\nX-Note: kept\r\n\r\n", message["headers"])
        self.assertEqual(b"Gr=FC=DFe, mixed", message["bodyParts"]["1"])
        self.assertEqual(b"From: inner@example.net\r\nSubject: inner\r\n\r\n", message["bodyParts"]["3.header"])
        self.assertTrue(message["bodyParts"]["2.mime"].startswith(b"Content-Type: image/png"))
        text, picture, inner = message["bodyStructure"]["childNodes"]
        self.assertEqual(("text/plain", "iso-8859-1"), (text["type"], text["parameters"]["charset"]))
        self.assertEqual(("image/png", "Blätter.png", "Blätter.png"), (
            picture["type"], picture["parameters"]["name"], picture["dispositionParameters"]["filename"]))
        self.assertEqual(("message/rfc822", "inner"), (inner["type"], inner["envelope"]["subject"]))
        if self.has("OBJECTID"):
            self.assertTrue(message["emailId"] and opened["mailboxId"])
            found = self.flow.call("search", {"emailId": message["emailId"]}, {"uid": True})
            self.assertEqual([1], found)

    def test_parts_are_downloaded_in_pieces(self):
        self.fill(b"parts", form=MIXED)
        self.flow.call("mailboxOpen", self.name)
        text = self.flow.call("readPart", "1", "1", {"uid": True})
        self.assertEqual("Grüße, parts", text["content"].decode())
        picture = self.flow.call("readPart", "1", "2", {"uid": True, "chunkSize": 10000})
        self.assertEqual(PICTURE, picture["content"])
        self.assertEqual(("image/png", "Blätter.png"), (picture["meta"]["contentType"], picture["meta"]["filename"]))
        self.assertGreater(len([line for line in self.flow.sent if "2]<" in line]), 10)
        inner = self.flow.call("readPart", "1", "3", {"uid": True})
        self.assertTrue(inner["content"].endswith(b"inner text"))
        whole = self.flow.call("readPart", "1", None, {"uid": True})
        self.assertEqual(letter(MIXED, b"parts"), whole["content"])
        many = self.flow.call("downloadMany", "1", ["1", "2"], {"uid": True})
        self.assertEqual(("Grüße, parts".encode("latin-1"), PICTURE), (many["1"]["content"], many["2"]["content"]))

    def test_flags_and_a_change_by_another_client_that_comes_first(self):
        self.fill(b"one", b"two")
        self.flow.call("mailboxOpen", self.name)
        self.assertTrue(self.flow.call("messageFlagsAdd", "1:2", ["\\Flagged", "mine"], {"uid": True}))
        self.assertTrue(self.flow.call("messageFlagsRemove", "2", ["\\Flagged"], {"uid": True}))
        self.assertTrue(self.flow.call("messageFlagsSet", "1", ["\\Answered"], {"uid": True}))
        fetch = ("fetchAll", "1:*", {"flags": True}, {"uid": True})
        one, two = self.flow.call(*fetch)
        self.assertEqual(({"\\Answered"}, {"mine"}), (kept(one), kept(two)))
        self.other("STORE 2 +FLAGS (\\Seen)")
        known = Big(max(one["modseq"], two["modseq"]))
        self.flow.call("messageFlagsAdd", "1:2", ["\\Draft"], {"uid": True, "unchangedSince": known})
        one, two = self.flow.call(*fetch)
        self.assertEqual(({"\\Answered", "\\Draft"}, {"mine", "\\Seen"}), (kept(one), kept(two)))
        changed = self.flow.call("fetchAll", "1:*", {"flags": True}, {"uid": True, "changedSince": known})
        self.assertEqual([1, 2], [message["uid"] for message in changed])
        self.assertEqual([], self.flow.call("fetchAll", "1:*", {"flags": True}, {"uid": True, "changedSince": Big(
            max(message["modseq"] for message in changed))}))

    def test_copy_move_and_delete(self):
        self.flow.call("mailboxCreate", f"{self.name}/Done")
        self.fill(*(b"m%d" % i for i in range(6)))
        self.flow.call("mailboxOpen", self.name)
        copied = self.flow.call("messageCopy", "1:2", f"{self.name}/Done", {"uid": True})
        self.assertEqual({"1": 1, "2": 2}, copied["uidMap"])
        moved = self.flow.call("messageMove", "2:3", f"{self.name}/Done")  # by sequence number
        self.assertEqual({"2": 3, "3": 4}, moved["uidMap"])
        self.assertEqual({2, 3}, {self.flow.event("expunge", vanished=True)["uid"] for _ in range(2)})
        self.assertTrue(self.flow.call("messageDelete", "5", {"uid": True}))
        self.assertEqual(5, self.flow.event("expunge")["uid"])
        self.assertEqual([1, 4, 6], self.flow.call("search", {"all": True}, {"uid": True}))
        status = self.flow.call("status", f"{self.name}/Done", {"messages": True, "unseen": True, "size": True})
        self.assertEqual((4, 4), (status["messages"], status["unseen"]))

    def test_searches(self):
        with self.server.imap() as imap:
            for subject, flags in ((b"apple", b"\\Seen"), (b"pear", b"\\Flagged"), (b"plum", b"ripe")):
                imap.append(self.name.encode(), letter(PLAIN, subject), flags)
            imap.append(self.name.encode(), letter(MIXED, "Möhre".encode()))
        self.flow.call("mailboxOpen", self.name)
        for query, expected in (
                ({"seen": True}, [1]), ({"seen": False}, [2, 3, 4]), ({"flagged": True}, [2]), ({"keyword": "ripe"}, [3]),
                ({"subject": "PLUM"}, [3]), ({"or": [{"subject": "apple"}, {"subject": "pear"}]}, [1, 2]),
                ({"not": {"subject": "apple"}}, [2, 3, 4]), ({"body": "grüße"}, [4]), ({"text": "MÖHRE"}, [4]),
                ({"header": {"x-note": "kept"}}, [1, 2, 3, 4]), ({"from": "j@example.net", "uid": "2:3"}, [2, 3]),
                ({"sentSince": "2026-03-03", "sentBefore": "2026-03-04"}, [1, 2, 3, 4]), ({"larger": 20000}, [4]),
                ({"since": (datetime.datetime.now() - datetime.timedelta(days=2)).isoformat()}, [1, 2, 3, 4]),
                ({"subject": "nothing"}, [])):
            with self.subTest(query):
                self.assertEqual(expected, self.flow.call("search", query, {"uid": True}))
        found = self.flow.call("search", {"seen": False}, {"uid": True, "returnOptions": ["MIN", "MAX", "COUNT", "ALL"]})
        self.assertEqual((2, 4, 3, "2:4"), tuple(found[key] for key in ("min", "max", "count", "all")))
        modseq = self.flow.call("fetchOne", "3", {"flags": True}, {"uid": True})["modseq"]
        self.assertEqual([3, 4], self.flow.call("search", {"modseq": Big(modseq)}, {"uid": True}))
        if "Invalid entries in the SEARCH result" in self.flow.complaints:
            self.flow.complaints.clear()  # it does not know the (MODSEQ n) of RFC 7162 §3.1.5

    def test_idle_tells_what_others_do(self):
        self.fill(b"one", b"two")
        self.flow.call("mailboxOpen", self.name)
        idle = self.flow.begin("idle")
        self.flow.wait_until_sent(" IDLE")
        self.fill(b"three")
        self.assertEqual(2, self.flow.event("exists", count=3)["prevCount"])
        self.other("STORE 1 +FLAGS (\\Flagged)")
        told = self.flow.event("flags", seq=1)
        self.assertEqual(({"\\Flagged"}, 1), (kept(told), told["uid"]))
        self.other("STORE 2 +FLAGS.SILENT (\\Deleted)", "EXPUNGE")
        self.assertTrue(self.flow.event("expunge", uid=2)["vanished"])
        self.flow.call("noop")  # ends the IDLE
        self.flow.result(idle)
        self.assertEqual([1, 3], self.flow.call("search", {"all": True}, {"uid": True}))

    def test_a_second_session_asks_for_the_changes_only(self):
        self.fill(*(b"m%d" % i for i in range(1, 21)))
        known = self.flow.call("mailboxOpen", self.name)
        self.flow.call("mailboxClose")
        self.other("STORE 3,9 +FLAGS (\\Seen)", "STORE 5:6,20 +FLAGS.SILENT (\\Deleted)", "EXPUNGE", "STORE 1 FLAGS (later)")
        self.fill(b"new")
        again = self.connect()
        opened = again.call("mailboxOpen", self.name, {"changedSince": known["highestModseq"],
                                                       "uidValidity": known["uidValidity"]})
        self.assertTrue([line for line in again.sent if f"{self.name} (QRESYNC (" in line], again.sent)
        self.assertEqual((18, 22), (opened["exists"], opened["uidNext"]))
        gone = [again.event("expunge", vanished=True, earlier=True)["uid"] for _ in range(3)]
        self.assertEqual([5, 6, 20], sorted(gone))
        told = {event["uid"]: kept(event) for event in again.events if event["event"] == "flags"}
        self.assertEqual({1: {"later"}, 3: {"\\Seen"}, 9: {"\\Seen"}, 21: set()}, told)
        self.assertEqual([], [event for event in again.events if event["event"] == "expunge"])
        self.assertGreater(opened["highestModseq"], known["highestModseq"])
        again.call("logout")
        self.assertEqual([], again.complaints)

    def test_quota(self):
        quota = self.flow.call("getQuota", "INBOX")
        if not self.has("QUOTA"):
            self.assertFalse(quota)
            return
        self.assertEqual("INBOX", quota["path"])
        self.assertTrue(quota["quotaRoot"] is not None)
        if "storage" in quota:
            self.assertLessEqual(quota["storage"]["usage"], quota["storage"]["limit"])


class ImapFlowRev2(ImapFlowSession, harness.ServerTest):
    enabled = {"CONDSTORE", "QRESYNC", "UTF8=ACCEPT", "IMAP4REV2"}


class ImapFlowRev1(ImapFlowSession, harness.ServerTest):
    client_options = {"disableIMAP4rev2": True}
    enabled = {"CONDSTORE", "QRESYNC", "UTF8=ACCEPT"}


if __name__ == "__main__":
    unittest.main()
