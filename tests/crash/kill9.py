#!/usr/bin/env python3
"""Kills the server with SIGKILL under load, starts it again and looks whether it kept its word.

Each round: LMTP deliveries, APPENDs, STOREs and MOVEs run over several connections until, at a random moment,
the server is killed. After the restart every message that was acknowledged is there exactly once and octet for
octet the same, every acknowledged flag is set, every acknowledged move is done (and none is done by half), and a
message whose acknowledgement never came is there once or not at all.

    tests/crash/kill9.py [--rounds 10] [--seed N]      (MAILROOM names the program)
"""

import argparse
import hashlib
import pathlib
import random
import re
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "clients"))
import harness  # noqa: E402
import messages  # noqa: E402

USERS = [f"user{i}@example.org" for i in range(4)]


class Broken(Exception):
    """The server did not keep its word."""


GONE = (EOFError, OSError)  # what a client sees of a killed server


class Numbers:
    """Numbers of messages, each given out once."""

    def __init__(self):
        self.next, self.lock = 1, threading.Lock()

    def take(self):
        with self.lock:
            self.next += 1
            return self.next - 1


class Ledger:
    """What the clients were told. `state` of a message: the mailboxes it may be in and the flags it must have."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent = {}  # number -> (user, mailbox): acknowledgement outstanding
        self.digests, self.compared = {}, set()  # of what was found in the rounds before
        self.answered_up_to = {}  # user -> UID in INBOX
        self.acked = {}  # number -> [user, {possible mailboxes}, {flags it must have}]

    def sending(self, number, user, mailbox):
        with self.lock:
            self.sent[number] = (user, mailbox)

    def acknowledged(self, number, flags=()):
        with self.lock:
            user, mailbox = self.sent.pop(number)
            self.acked[number] = [user, {mailbox}, set(flags)]


def text_of(number):
    """Varied, but small: many operations are to be in flight."""
    text = messages.message(number)
    return text if len(text) < 50_000 else text[:2000].rsplit(b"\r\n", 1)[0] + b"\r\n" + messages.token(number) + b"\r\n"


def deliver(server, ledger, numbers, user):
    with server.lmtp() as lmtp:
        while True:
            number = numbers.take()
            ledger.sending(number, user, "INBOX")
            (code, lines), = lmtp.deliver(text_of(number), user)
            if code == 421:
                raise EOFError
            if code != 250:
                raise Broken(f"a delivery was refused: {lines}")
            ledger.acknowledged(number)


def append_flag_and_move(server, ledger, numbers, user):
    """APPENDs into "Work", marks every second message, moves every third to "Moved"."""
    with server.imap(user) as imap:
        imap.ok("SELECT Work")
        while True:
            number = numbers.take()
            ledger.sending(number, user, "Work")
            tagged = imap.append(b"Work", text_of(number), b"\\Seen")
            uid = re.match(rb"OK \[APPENDUID \d+ (\d+)\]", tagged)
            if not uid:
                raise Broken(f"APPEND was answered {tagged!r}")
            ledger.acknowledged(number, ("\\Seen",))
            entry = ledger.acked[number]
            if number % 2 == 0:
                imap.ok(b"UID STORE %s +FLAGS (\\Flagged kw%d)" % (uid[1], number % 7))
                entry[2] |= {"\\Flagged", f"kw{number % 7}"}
            if number % 3 == 0:
                entry[1].add("Moved")
                imap.ok(b"UID MOVE %s Moved" % uid[1])
                entry[1].discard("Work")


def flag_deliveries(server, ledger, user):
    """Marks what was delivered to INBOX, in whole ranges."""
    with server.imap(user) as imap:
        imap.ok("SELECT INBOX")
        while True:
            imap.ok("NOOP")
            known = {}
            for response in imap.ok("UID FETCH 1:* (UID)"):
                if found := re.search(rb"FETCH \(UID (\d+)\)", response.text):
                    known[int(found[1])] = True
            if not known:
                continue
            imap.ok(f"UID STORE 1:{max(known)} +FLAGS.SILENT (\\Answered)")
            ledger.answered_up_to[user] = max(known)


def check(server, ledger):
    """Compares the store with the ledger; gives (found, found without acknowledgement)."""
    where = {}
    for user in USERS:
        for mailbox in ("INBOX", "Work", "Moved"):
            contents = server.contents(user, mailbox)
            with server.imap(user) as imap:
                status = imap.ok(f"STATUS {mailbox} (MESSAGES UNSEEN)")[0].text
            unseen = sum("\\Seen" not in flags for _, flags, _ in contents)
            if f"MESSAGES {len(contents)} UNSEEN {unseen})".encode() not in status:
                raise Broken(f"{mailbox} of {user} has {len(contents)} messages, {unseen} unseen; {status!r}")
            for uid, flags, body in contents:
                number = int(messages.TOKEN.search(body)[1])
                if number in where:
                    raise Broken(f"message {number} is there twice: {where[number]} and {(user, mailbox)}")
                where[number] = (user, mailbox)
                digest = hashlib.sha256(body).digest()
                if ledger.digests.setdefault(number, digest) != digest:
                    raise Broken(f"message {number} is not what it was a round ago")
                if number not in ledger.compared:
                    wrong = messages.difference(text_of(number), body)
                    if wrong:
                        raise Broken(f"message {number} has changed: {wrong}")
                    ledger.compared.add(number)
                if mailbox == "INBOX" and uid <= ledger.answered_up_to.get(user, 0) \
                        and "\\Answered" not in flags:
                    raise Broken(f"message {number}, UID {uid}: \\Answered is lost")
                if number in ledger.acked and not ledger.acked[number][2] <= set(flags):
                    raise Broken(f"message {number} has {flags}, not all of {ledger.acked[number][2]}")
    for number, (user, mailboxes, _) in ledger.acked.items():
        if number not in where:
            raise Broken(f"message {number} of {user} was acknowledged and is lost")
        if where[number][0] != user or where[number][1] not in mailboxes:
            raise Broken(f"message {number} is in {where[number]}, not in {user} {mailboxes}")
        ledger.acked[number][1] = {where[number][1]}  # whichever it was: it stays there
    unacknowledged = 0
    for number, (user, mailbox) in list(ledger.sent.items()):
        if number in where:
            if where[number] != (user, mailbox):
                raise Broken(f"message {number} is in {where[number]} without having been moved")
            unacknowledged += 1
            ledger.acknowledged(number)
        else:
            del ledger.sent[number]
    return len(where), unacknowledged


def run_round(server, ledger, numbers, rng):
    failures, workers = [], []

    def guarded(work, *arguments):
        try:
            work(server, ledger, *arguments)
        except GONE:
            pass
        except (Broken, AssertionError) as failure:  # a refusal under load is no excuse
            failures.append(Broken(str(failure)))

    for user in USERS:
        for _ in range(3):
            workers.append(threading.Thread(target=guarded, args=(deliver, numbers, user)))
        workers.append(threading.Thread(target=guarded, args=(append_flag_and_move, numbers, user)))
        workers.append(threading.Thread(target=guarded, args=(flag_deliveries, user)))
    for worker in workers:
        worker.start()
    time.sleep(rng.uniform(0.2, 2.0))
    still_running = server.process.poll() is None
    server.kill()
    for worker in workers:
        worker.join(60)
    if not still_running:
        raise Broken(f"the server ended by itself:\n{server.log()[-3000:]}")
    if failures:
        raise failures[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=None, help="of the moments; printed, so that a run can be repeated")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    rng, numbers, ledger = random.Random(seed), Numbers(), Ledger()
    server = harness.server_class()(USERS, plain_passwords=True)
    try:
        server.start()
        for user in USERS:
            with server.imap(user) as imap:
                imap.ok("CREATE Work")
                imap.ok("CREATE Moved")
        print(f"seed {seed}\n\n| round | acknowledged | found | of them unacknowledged | lost | twice | start, ms |")
        print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
        for number in range(1, options.rounds + 1):
            run_round(server, ledger, numbers, rng)
            started = server.start()
            acknowledged = len(ledger.acked)
            found, unacknowledged = check(server, ledger)
            print(f"| {number} | {acknowledged} | {found} | {unacknowledged} | 0 | 0 | {started * 1000:.0f} |", flush=True)
        server.stop()
        server.start()
        check(server, ledger)
    except Broken as failure:
        sys.exit(f"FAILED (seed {seed}): {failure}")
    finally:
        server.close()


if __name__ == "__main__":
    main()
