"""mutt at a terminal: it reads, flags, saves into another mailbox, deletes and leaves."""

import harness
from terminal import run_in_terminal

MESSAGE = b"From: a@example.net\r\nTo: alice@example.org\r\nSubject: %s\r\nMessage-ID: <%s@example.net>\r\n\r\nText of %s\r\n"


class Mutt(harness.ServerTest):
    def mutt(self, keys, folder="INBOX"):
        """Runs mutt in a terminal with these keys pressed; gives what it has drawn."""
        rc = self.server.directory / "muttrc"
        rc.write_text(f"""
set ssl_force_tls=yes certificate_file="{self.server.certificate}"
set imap_user="alice@example.org" imap_pass="{harness.PASSWORD}"
set folder="imaps://localhost:{self.server.imap_port}/" record="" postponed="" mbox=""
set move=no delete=yes quit=yes confirmappend=no confirmcreate=no wait_key=no beep=no
set header_cache="" message_cachedir="" mark_old=no imap_check_subscribed=no sort=date-received
""")
        code, drawn = run_in_terminal(
            ["mutt", "-n", "-F", str(rc), "-f", f"imaps://localhost:{self.server.imap_port}/{folder}", "-e", f'push "{keys}"'],
            env={"HOME": str(self.server.directory)})
        self.assertEqual(0, code, drawn[-3000:].decode(errors="replace"))
        return drawn

    def test_reading_flagging_saving_and_deleting(self):
        for subject in (b"read-me", b"flag-me", b"save-me", b"delete-me", b"leave-me"):
            self.server.deliver(MESSAGE % (subject, subject, subject))
        with self.server.imap() as imap:
            imap.ok("CREATE Kept")
        read = self.server.directory / "read"  # the screen is drawn only when the keys pause
        self.mutt(f"<first-entry><display-message><pipe-message>cat >{read}<enter><exit>"
                  "2<enter><flag-message>"
                  "3<enter><save-message>=Kept<enter>"
                  "4<enter><delete-message>"
                  "<sync-mailbox><quit>")
        self.assertTrue(read.read_bytes().endswith(b"Text of read-me\n"))
        left = {body.split(b"Subject: ")[1].split(b"\r\n")[0]: flags for _, flags, body in self.server.contents()}
        self.assertEqual({b"read-me": ["\\Seen"], b"flag-me": ["\\Flagged"], b"leave-me": []}, left)
        kept = self.server.contents(mailbox="Kept")
        self.assertEqual(1, len(kept))
        self.assertIn(b"Text of save-me", kept[0][2])

    def test_the_next_session_sees_the_same(self):
        self.server.deliver(MESSAGE % (b"again", b"again", b"again"))
        self.mutt("<last-entry><tag-message><tag-prefix><clear-flag>N<quit>")
        drawn = self.mutt("<last-entry><flag-message><sync-mailbox><refresh><quit>")
        self.assertIn(b"again", drawn)
        flags = [f for _, f, body in self.server.contents() if b"Text of again" in body]
        self.assertEqual([["\\Flagged", "\\Seen"]], flags)
