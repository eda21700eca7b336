"""Varied messages in by LMTP over 16 connections, out by IMAP and POP3: the same octets behind the added header.

MAILROOM_ROUND_TRIP says how many (default 500), one of them of 40 MiB.
"""

import os
import threading
import time

import harness
import messages

COUNT = int(os.environ.get("MAILROOM_ROUND_TRIP", "500"))
CONNECTIONS = 16


class RoundTrip(harness.ServerTest):
    takers = tuple(f"user{i}@example.org" for i in range(4))
    other = "other@example.org"
    users = (*takers, other)

    def user(self, number):
        return self.takers[number % len(self.takers)]

    def test_lmtp_in_imap_and_pop3_out(self):
        numbers = iter(range(COUNT))
        lock, failures, octets = threading.Lock(), [], [0]

        def deliver():
            try:
                with self.server.lmtp() as lmtp:
                    while True:
                        with lock:
                            number = next(numbers, None)
                        if number is None or failures:
                            return
                        message = messages.message(number)
                        octets[0] += len(message)
                        (code, lines), = lmtp.deliver(message, self.user(number))
                        if code != 250:
                            failures.append(f"message {number}: {lines}")
            except Exception as failure:  # collected: a thread's exception would go unseen
                failures.append(repr(failure))

        began = time.monotonic()
        threads = [threading.Thread(target=deliver) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(3600)
        self.assertEqual([], failures)
        delivered = time.monotonic()

        for user in self.takers:
            expected = {n for n in range(COUNT) if self.user(n) == user}
            with self.server.imap(user) as imap:
                imap.ok("EXAMINE INBOX")
                self.compare(expected, (body for _, body in imap.messages()))
                sizes = [int(r.text.split(b"RFC822.SIZE ")[1].split(b")")[0].split()[0])
                         for r in imap.ok("UID FETCH 1:* (RFC822.SIZE)")]
        fetched = time.monotonic()
        for user in self.takers:
            expected = {n for n in range(COUNT) if self.user(n) == user}
            with self.server.pop3(user, utf8=True) as pop:  # as they are stored
                listed = [tuple(map(int, line.split())) for line in pop.multi("LIST")]
                self.assertEqual(len(expected), len(listed))

                def retrieve():
                    for number, size in listed:
                        body = pop.retr(number)
                        self.assertEqual(size, len(body), "LIST and RETR disagree")
                        yield body

                self.compare(expected, retrieve())
                if user == self.takers[-1]:
                    self.assertEqual(sizes, [size for _, size in listed])
                pop.ok("QUIT")
        print(f"{COUNT} messages, {octets[0] / 1e6:.0f} MB: in {delivered - began:.1f} s, out by IMAP in "
              f"{fetched - delivered:.1f} s, by POP3 in {time.monotonic() - fetched:.1f} s")

    def compare(self, expected, bodies):
        """Insists that the bodies are the messages of these numbers, each once, unchanged."""
        left = set(expected)
        for body in bodies:
            token = messages.TOKEN.search(body)
            self.assertIsNotNone(token, f"a message that was never sent: {body[:200]!r}")
            number = int(token[1])
            self.assertIn(number, left, "it came twice, or to the wrong account")
            left.remove(number)
            self.assertIsNone(messages.difference(messages.message(number), body), f"message {number}")
        self.assertEqual(set(), left, "lost")

    def test_append_keeps_every_octet(self):
        with self.server.imap(self.other) as imap:
            imap.ok("CREATE Bare")
            imap.ok("SELECT Bare")
            for number in range(1, 101):
                tagged = imap.append(b"Bare", messages.bare(number))
                self.assertTrue(tagged.startswith(b"OK"), tagged)
            for number, (_, body) in enumerate(imap.messages(), 1):
                self.assertEqual(messages.bare(number), body, f"message {number}")
            # Broken or not, its structure is answered, and parts are cut where it says.
            self.assertEqual(100, len(imap.ok("UID FETCH 1:* (ENVELOPE BODYSTRUCTURE BODY.PEEK[1])")))
            whole = messages.bare(5)
            for offset in (0, 1, 100, len(whole) - 1, len(whole), len(whole) + 5):
                got = imap.ok(f"FETCH 5 BODY.PEEK[]<{offset}.50>")[0]
                self.assertEqual(whole[offset:offset + 50], got.literals[0] if got.literals else b"")

    def test_a_message_with_nul_is_refused_or_kept_whole_and_harms_nothing(self):
        message = b"Subject: nul\r\n\r\nbefore\0after\r\n"
        with self.server.imap(self.other) as imap:
            imap.ok("CREATE Nul")
            tagged = imap.append(b"Nul", message)
            imap.ok("SELECT Nul")
            stored = [body for _, body in imap.messages()]
            if tagged.startswith(b"OK"):
                self.assertEqual(1, len(stored))
                self.assertEqual(len(message), len(stored[0]))
            else:
                self.assertEqual([], stored)
        with self.server.lmtp() as lmtp:
            (code, _), = lmtp.deliver(message, self.other)
            self.assertIn(code // 100, (2, 5))
            (code, lines), = lmtp.deliver(b"Subject: next\r\n\r\nfine\r\n", self.other)
            self.assertEqual(250, code, lines)

    def test_a_message_over_the_limit_is_refused_for_good(self):
        huge = b"Subject: x\r\n\r\n" + (b"y" * 998 + b"\r\n") * 60_000  # 60 MB against 50 MiB
        with self.server.lmtp() as lmtp:
            code, lines = lmtp.command(f"MAIL FROM:<a@example.net> SIZE={len(huge)}")
            self.assertEqual((552, True), (code, b"5.3.4" in lines[0]), lines)
        with self.server.imap(self.other) as imap:
            tagged = imap.append(b"INBOX", b"Subject: fits\r\n\r\n")
            self.assertTrue(tagged.startswith(b"OK"))
            tag = imap.tag()
            imap.send(b"%s APPEND INBOX {%d}\r\n" % (tag, len(huge)))
            untagged, tagged = imap.finish(tag)
            self.assertRegex(tagged, rb"^NO \[TOOBIG\]")
            imap.ok("NOOP")
