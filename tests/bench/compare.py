#!/usr/bin/env python3
"""Measures Mailroom beside Debian's Dovecot in one run and prints the medians as a Markdown table.

The servers run at the same time and are measured in turns, so that what else the machine does hits all of
them alike. All: TLS with the same ECDSA certificate, the same {PLAIN} password hash, an fsync before every
success, stores on the same disk. Dovecot runs with process settings for speed; dovecot-shipped, which is for
--servers, has those that Debian ships. Needs root, as Dovecot does.

    tests/bench/compare.py [--rounds 3] [--only deliver_1,noop] [--servers mailroom,dovecot-mdbox] [--quick]
"""

import argparse
import json
import os
import pathlib
import platform
import resource
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/clients"))
sys.dont_write_bytecode = True
import dovecot  # noqa: E402
import harness  # noqa: E402

ACCOUNTS = 100
USERS = [f"user{i}@example.org" for i in range(ACCOUNTS)]
SERVERS = {
    "mailroom": lambda **_: harness.Mailroom(USERS, plain_passwords=True, before_exec=harness.raise_file_limit),
    "dovecot-mdbox": lambda fsync="always": dovecot.Dovecot(USERS, format="mdbox", fsync=fsync),
    "dovecot-maildir": lambda fsync="always": dovecot.Dovecot(USERS, format="maildir", fsync=fsync),
    "dovecot-shipped": lambda fsync="always": dovecot.Dovecot(USERS, processes="shipped", fsync=fsync),
}
USUAL = ["mailroom", "dovecot-mdbox", "dovecot-maildir"]


class Row:
    """A line of the table: a program with its arguments, the figure of it that counts, which way is better.

    fresh: on servers of its own. reads: on the Dovecot that was filled without fsync."""

    def __init__(self, title, program, arguments, figure, more_is_better, fresh=False, reads=False):
        self.title, self.program, self.arguments, self.figure = title, program, arguments, figure
        self.more_is_better, self.fresh, self.reads = more_is_better, fresh, reads


def rows(quick):
    small = 10 if quick else 1
    sync = {"count": 100000 // small, "rounds": 3}
    logins = {"connections": 4, "count": 4000 // small, "accounts": ACCOUNTS}
    idle = {"sessions": 5000 // small, "accounts": ACCOUNTS}
    large = {"count": 100000 // small}
    bulk = large | {"batch": 10000 // small}
    return {
        "deliver_1": Row("durable LMTP deliveries of 4 KiB per second, 1 connection", "deliver",
                         {"connections": 1, "count": 3000 // small, "accounts": ACCOUNTS}, "per_second", True),
        "deliver_16": Row("the same, 16 connections, 100 accounts", "deliver",
                          {"connections": 16, "count": 10000 // small, "accounts": ACCOUNTS}, "per_second", True),
        "deliver_16_pipelined": Row("the same, the commands pipelined as Postfix does", "deliver",
                                    {"connections": 16, "count": 10000 // small, "accounts": ACCOUNTS, "pipelining": 1},
                                    "per_second", True),
        "sync_envelopes": Row("envelopes of 100,000 messages per second, warm", "first_sync", sync,
                              "envelopes_per_second", True, reads=True),
        "sync_flags": Row("flags of 100,000 messages per second", "first_sync", sync, "flags_per_second", True,
                          reads=True),
        "noop": Row("NOOP round trips per second, one client", "noop", {"count": 20000 // small, "accounts": ACCOUNTS},
                    "per_second", True),
        "exists_p50": Row("delivery to EXISTS in IDLE, p50, ms", "exists_latency", {"count": 100 // small, "pause": 20},
                          "p50_ms", False),
        "exists_p99": Row("delivery to EXISTS in IDLE, p99, ms", "exists_latency", {"count": 100 // small, "pause": 20},
                          "p99_ms", False),
        "logins": Row("logins per second, new TLS connections, 4 at once", "logins", logins, "per_second", True),
        "logins_cpu": Row("processor of the server for each, µs", "logins", logins, "processor_us", False),
        "logins_resumed": Row("the same with sessions resumed, per second", "logins", logins | {"resume": 1},
                              "per_second", True),
        "logins_resumed_cpu": Row("processor of the server for each, µs", "logins", logins | {"resume": 1},
                                  "processor_us", False),
        "sort_date": Row("UID SORT (REVERSE DATE) of 100,000 messages, warm, ms", "sort_thread", large, "sort_date_ms",
                         False, reads=True),
        "sort_subject": Row("UID SORT (SUBJECT), ms", "sort_thread", large, "sort_subject_ms", False, reads=True),
        "thread": Row("UID THREAD REFERENCES, ms", "sort_thread", large, "thread_references_ms", False, reads=True),
        "search_from": Row("UID SEARCH FROM in 100,000 messages, warm, ms", "search", large, "from_ms", False,
                           reads=True),
        "search_subject": Row("UID SEARCH SUBJECT, ms", "search", large, "subject_ms", False, reads=True),
        "search_unseen": Row("UID SEARCH UNSEEN, ms", "search", large, "unseen_ms", False, reads=True),
        "select": Row("SELECT of 100,000 messages, ms", "select", large, "select_ms", False, reads=True),
        "qresync": Row("SELECT with QRESYNC after 100 changes, ms", "resync", large, "qresync_select_ms", False,
                       reads=True),
        "store": Row("durable +FLAGS.SILENT of 10,000 messages, messages per second", "bulk", bulk,
                     "store_per_second", True),
        "copy": Row("durable COPY, messages per second", "bulk", bulk, "copy_per_second", True),
        "move": Row("durable MOVE, messages per second", "bulk", bulk, "move_per_second", True),
        "expunge": Row("durable EXPUNGE, messages per second", "bulk", bulk, "expunge_per_second", True),
        "idle": Row("memory per idle TLS session, KiB", "idle_sessions", idle, "kib_per_session", False,
                    fresh=True),
    }


def measure(binaries, row, server):
    arguments = dict(row.arguments)
    if row.program == "idle_sessions" and isinstance(server, dovecot.Dovecot):
        arguments["sessions"] = min(500, arguments["sessions"])  # a process each
    arguments |= {"imap-port": server.imap_port, "lmtp-port": server.lmtp_port, "password": harness.PASSWORD,
                  "pid": server.process.pid, "allow-missing": 1}
    command = [str(binaries / f"bench_{row.program}")]
    for name, value in arguments.items():
        command += [f"--{name}", str(value)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}\nserver log:\n{server.log()[-2000:]}")
    sys.stderr.write(done.stderr)  # figures that are left out, and why
    return json.loads(done.stdout)


def number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def times_better(row, medians):
    """How many times better Mailroom is than the best peer; empty when there is nothing to compare."""
    own = medians.get("mailroom")
    peers = [value for name, value in medians.items() if name != "mailroom" and value is not None]
    if own is None or not peers:
        return ""
    times = own / max(peers) if row.more_is_better else min(peers) / own
    return f"{times:.{1 if times >= 1 else 2}f} times"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="rows, by name, with commas between them")
    parser.add_argument("--servers", default=",".join(USUAL), help="of: " + ", ".join(SERVERS))
    parser.add_argument("--binaries", default=str(ROOT / ".build/release/tests/bench"), type=pathlib.Path)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, to see that all of it runs")
    options = parser.parse_args()
    table = rows(options.quick)
    if options.only:
        table = {name: table[name] for name in options.only.split(",")}
    names = options.servers.split(",")
    harness.raise_file_limit()

    values = {(row, name): [] for row in table for name in names}
    running, reading = {}, {}
    try:
        for name in names:
            running[name] = SERVERS[name]()
            running[name].start()
            if any(row.reads for row in table.values()):  # Dovecot takes minutes for 100,000 fsyncs before it is read
                reading[name] = SERVERS[name](fsync="never")
                reading[name].start()
        for turn in range(options.rounds):
            order = names if turn % 2 == 0 else names[::-1]
            results = {}  # a program that feeds two rows runs once per turn
            for row_name, row in table.items():
                if row.fresh:
                    continue
                for name in order:
                    key = (row.program, str(row.arguments), name)
                    if key not in results:
                        results[key] = measure(options.binaries, row, (reading if row.reads else running)[name])
                        print(f"{turn + 1} {row_name} {name}: {results[key]}", file=sys.stderr, flush=True)
                    values[row_name, name].append(results[key].get(row.figure))
        for row_name, row in table.items():
            for name in names if row.fresh else ():
                server = SERVERS[name]()
                try:
                    server.start()
                    with server.lmtp() as lmtp:
                        for user in USERS:
                            lmtp.deliver(b"Subject: one\r\n\r\none\r\n", user)
                    result = measure(options.binaries, row, server)
                    print(f"{row_name} {name}: {result}", file=sys.stderr, flush=True)
                    values[row_name, name].append(result[row.figure])
                finally:
                    server.close()
    finally:
        for server in (*running.values(), *reading.values()):
            server.close()

    print(f"Medians of {options.rounds} rounds, {platform.machine()}, {os.cpu_count()} cores, "
          f"Linux {platform.release()}, up to {resource.getrlimit(resource.RLIMIT_NOFILE)[0]} open files.\n")
    print("| | " + " | ".join(names) + " | mailroom against the best peer |")
    print("| --- |" + " --- |" * (len(names) + 1))
    for row_name, row in table.items():
        measured = {name: [value for value in values[row_name, name] if value is not None] for name in names}
        medians = {name: statistics.median(those) if those else None for name, those in measured.items()}
        print(f"| {row.title} | " + " | ".join(number(medians[name]) for name in names)
              + f" | {times_better(row, medians)} |")


if __name__ == "__main__":
    main()
