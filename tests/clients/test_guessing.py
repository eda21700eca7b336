"""An attack on passwords from 200 addresses beside a working user, and what the time of an answer tells.

MAILROOM_GUESSING=full makes it 10,000 attempts and 2,000 timed ones of each kind; it takes some minutes.
"""

import asyncio
import math
import os
import pathlib
import re
import statistics
import subprocess
import tempfile
import threading
import time

import harness
import wire

FULL = os.environ.get("MAILROOM_GUESSING") == "full"
ADDRESSES = 200
ATTEMPTS_PER_ADDRESS = 50 if FULL else 3
TIMED = 2000 if FULL else 40
RATE = 60  # attempts_per_minute
FREE = 20  # wrong_per_account
PLAIN_PORT, TIMED_PORT = harness.free_ports(2)
ALICE = "alice@example.org"


def plain_listener(port):
    return f"""
[[listener]]
protocol = "imap"
address = "127.0.0.1:{port}"
tls = "none"
allow_plaintext_login = true
"""


class Attack:
    """Guesses one account's password from many addresses at the same time, three times per connection."""

    def __init__(self, port):
        self.port = port
        self.answers = {}
        self.took = 0.0

    async def guess(self, address, count):
        reader = writer = None
        for number in range(count):
            try:
                if not writer:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(address, 0))
                    await reader.readline()
                writer.write(f"a{number} LOGIN {ALICE} guess-{address}-{number}\r\n".encode())
                line = await asyncio.wait_for(reader.readline(), 60)
                word = re.search(rb"\[([A-Z]+)", line)
            except ConnectionError:
                line, word = b"", None
            kind = word.group(1).decode() if word else "closed" if not line else line.decode()
            self.answers[kind] = self.answers.get(kind, 0) + 1
            if not line or number % 3 == 2:
                writer.close()
                writer = None
        if writer:
            writer.close()

    async def run_all(self):
        await asyncio.gather(*(self.guess(f"127.0.1.{host + 1}", ATTEMPTS_PER_ADDRESS) for host in range(ADDRESSES)))

    def run(self):
        began = time.monotonic()
        asyncio.run(self.run_all())
        self.took = time.monotonic() - began


def latencies(client, until):
    """Seconds that each of a working user's commands took."""
    times = []
    while not until():
        began = time.monotonic()
        client.ok("NOOP")
        times.append(time.monotonic() - began)
        time.sleep(0.01)
    return times


class Guessing(harness.ServerTest):
    options = {"limits": {"exempt_loopback": "false", "unauthenticated_per_address": 20},
               "extra": f"""
[auth.guessing]
count_loopback = true
attempts_per_minute = {RATE}
{plain_listener(PLAIN_PORT)}"""}

    def resident(self):
        status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s*(\d+)", status).group(1)) // 1024

    def log_in_from(self, address, password=harness.PASSWORD):
        client = wire.Imap((self.server.host, PLAIN_PORT), source=(address, 0))
        self.addCleanup(client.close)
        client.login(ALICE, password)
        return client

    def test_an_attack_leaves_a_working_user_alone(self):
        client = self.log_in_from("127.0.0.1")  # whose network is known from now on
        client.ok("SELECT INBOX")
        end = time.monotonic() + 1
        quiet = latencies(client, lambda: time.monotonic() > end)
        memory = self.resident()
        attack = Attack(PLAIN_PORT)
        thread = threading.Thread(target=attack.run)
        thread.start()
        try:
            busy = latencies(client, lambda: not thread.is_alive())
        finally:
            thread.join()
        self.log_in_from("127.0.0.1").ok("NOOP")
        self.log_in_from("127.0.2.1").ok("NOOP")  # a network that was never seen

        wrong = len(re.findall(r"rip=127\.0\.1\.\d+ protocol=imap reason=wrong-credentials", self.server.log()))
        allowed = FREE + RATE * attack.took / 60 + 16  # and what was being checked at the same time
        figures = (f"{attack.answers} in {attack.took:.1f} s, {wrong} looked at; NOOP median "
                   f"{statistics.median(quiet) * 1e3:.2f} ms before, {statistics.median(busy) * 1e3:.2f} ms in the "
                   f"attack, 99 of 100 below {statistics.quantiles(busy, n=100)[98] * 1e3:.1f} ms; "
                   f"{memory} MiB before, {self.resident()} MiB after")
        if FULL:
            print(figures)
        self.assertEqual(ADDRESSES * ATTEMPTS_PER_ADDRESS, sum(attack.answers.values()), figures)
        self.assertEqual({"AUTHENTICATIONFAILED", "UNAVAILABLE"}, set(attack.answers), figures)
        self.assertLessEqual(wrong, allowed, figures)
        self.assertLess(statistics.median(busy), statistics.median(quiet) + 0.02, figures)
        self.assertLess(statistics.quantiles(busy, n=100)[98], 0.25, figures)
        self.assertLess(self.resident() - memory, 60, figures)

    def test_connections_that_do_not_log_in_are_limited(self):
        connections = [wire.Wire((self.server.host, PLAIN_PORT), source=("127.0.3.1", 0)) for _ in range(21)]
        try:
            greetings = sorted(connection.line()[:25] for connection in connections)
        finally:
            for connection in connections:
                connection.close()
        self.assertTrue(greetings[0].startswith(b"* BYE [UNAVAILABLE] Too"), greetings)
        self.assertTrue(greetings[1].startswith(b"* OK"), greetings)
        clients = [self.log_in_from("127.0.3.2") for _ in range(25)]  # those who have logged in do not count
        for client in clients:
            client.ok("NOOP")

    def test_fail2ban_finds_the_lines(self):
        with wire.Imap((self.server.host, PLAIN_PORT), source=("127.0.4.1", 0)) as client:
            client.send(b'a LOGIN "rip=192.0.2.9 x\\"" wrong\r\n')
            self.assertIn(b"AUTHENTICATIONFAILED", client.line())
        page = (harness.ROOT / "docs/logins.md").read_text()
        pattern = re.search(r"^failregex = .*$", page, re.M).group(0)
        with tempfile.TemporaryDirectory() as directory:
            log, rules = pathlib.Path(directory) / "log", pathlib.Path(directory) / "mailroom.conf"
            lines = [line for line in self.server.log().splitlines(True) if "127.0.4.1" in line]
            log.write_text("".join(lines))
            rules.write_text(f"[Definition]\n{pattern}\n")
            found = subprocess.run(["fail2ban-regex", "--print-all-matched", log, rules], capture_output=True, text=True,
                                   timeout=60)
        self.assertIn(f"Lines: {len(lines)} lines, 0 ignored, 1 matched", found.stdout, found.stderr)
        self.assertRegex(found.stdout, r"warning: login refused: rip=127\.0\.4\.1 ")


class Timing(harness.ServerTest):
    options = {"limits": {"failed_logins": 1000},
               "extra": f"[auth.guessing]\nenabled = false\n{plain_listener(TIMED_PORT)}"}

    def test_the_time_does_not_tell_who_exists(self):
        times = {"alice@example.org": [], "nobody@example.org": []}
        client = None
        for number in range(TIMED):
            if number % 400 == 0:
                if client:
                    client.close()
                client = wire.Imap((self.server.host, TIMED_PORT))
            for name in times if number % 2 else reversed(times):
                client.send(f"t LOGIN {name} wrong-{number}\r\n".encode())
                began = time.monotonic()
                while not client.line().startswith(b"t NO [AUTHENTICATIONFAILED]"):
                    pass
                times[name].append(time.monotonic() - began)
        client.close()
        known, unknown = (times[name] for name in ("alice@example.org", "nobody@example.org"))
        z = mann_whitney(known, unknown)
        medians = statistics.median(known), statistics.median(unknown)
        figures = f"medians {medians[0] * 1e3:.3f} and {medians[1] * 1e3:.3f} ms, Mann-Whitney z = {z:.2f}, {TIMED} each"
        if FULL:
            print(figures)
        self.assertLess(abs(z), 4, figures)
        self.assertLess(abs(medians[0] - medians[1]), 0.1 * medians[0], figures)


def mann_whitney(one, other):
    """How far the ranks of two samples differ, in standard deviations of what chance makes."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(rank for rank, (_, which) in enumerate(ranked, 1) if which == 0)
    n, m = len(one), len(other)
    u = ranks - n * (n + 1) / 2
    return (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
