"""ImapFlow, a client library of the Node world, held by node/imapflow.js and told what to do by a test."""

import base64
import json
import os
import pathlib
import queue
import subprocess
import threading
import time

import harness

MODULES = pathlib.Path(os.environ.get("MAILROOM_NODE_MODULES", harness.ROOT / ".build/clients/node/node_modules"))
SCRIPT = pathlib.Path(__file__).parent / "node/imapflow.js"
TIME_LIMIT = 30.0  # seconds for any answer


class Refused(Exception):
    """The client gave an error instead of a result."""


def pack(value):
    """For what JSON has not, as node/imapflow.js reads it."""
    if isinstance(value, bytes):
        return {"$octets": base64.b64encode(value).decode()}
    if isinstance(value, Big):
        return {"$big": str(int(value))}
    raise TypeError(value)


class Big(int):
    """A BigInt: ImapFlow wants mod-sequences and UIDVALIDITY as such."""


def unpack(members):
    if "$octets" in members:
        return base64.b64decode(members["$octets"])
    if "$big" in members:
        return Big(members["$big"])
    return set(members["$set"]) if "$set" in members else members


def without_big(value):
    """json writes int's subclasses as numbers: wraps them before it can."""
    if isinstance(value, Big):
        return {"$big": str(int(value))}
    if isinstance(value, dict):
        return {key: without_big(one) for key, one in value.items()}
    return [without_big(one) for one in value] if isinstance(value, (list, tuple)) else value


class ImapFlow:
    def __init__(self, server, user="alice@example.org", **options):
        if not (MODULES / "imapflow").is_dir():
            raise AssertionError(f"ImapFlow is not in {MODULES}: tests/run clients installs it")
        self.process = subprocess.Popen(
            # Debian's node tries nothing but the first address of "localhost", and that may be ::1.
            ["node", "--dns-result-order=ipv4first", str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "NODE_PATH": str(MODULES), "NODE_EXTRA_CA_CERTS": str(server.certificate)})
        self.sent, self.complaints, self.events = [], [], []
        self.results, self.arrived, self.next_id = {}, queue.Queue(), 0
        threading.Thread(target=self.read, daemon=True).start()
        self.call("start", {"host": "localhost", "port": server.imap_port, "secure": True, "qresync": True,
                            "auth": {"user": user, "pass": harness.PASSWORD}, "disableAutoIdle": True,
                            "clientInfo": {"name": "Test of clients", "version": "1"}, **options})

    def read(self):
        for line in self.process.stdout:
            self.arrived.put(json.loads(line, object_hook=unpack))
        self.arrived.put(None)

    def take_one(self, limit):
        try:
            message = self.arrived.get(timeout=max(0.0, limit - time.monotonic()))
        except queue.Empty:
            raise AssertionError(f"nothing came from ImapFlow; it had sent {self.sent[-5:]}") from None
        if message is None:
            raise AssertionError(f"ImapFlow ended with {self.process.wait(5)}")
        if "id" in message:
            self.results[message["id"]] = message
        elif "sent" in message:
            self.sent.append(message["sent"])
        elif "complaint" in message:
            self.complaints.append(message["complaint"])
        else:
            self.events.append(message)

    def begin(self, method, *args):
        """Calls a method of the client; gives the number by which to wait for its result."""
        self.next_id += 1
        self.process.stdin.write(json.dumps({"id": self.next_id, "method": method, "args": without_big(args)},
                                            default=pack) + "\n")
        self.process.stdin.flush()
        return self.next_id

    def result(self, number):
        limit = time.monotonic() + TIME_LIMIT
        while number not in self.results:
            self.take_one(limit)
        message = self.results.pop(number)
        if "error" in message:
            raise Refused(f"{message['error']}: {message.get('response')} {message.get('code')}")
        return message["result"]

    def call(self, method, *args):
        return self.result(self.begin(method, *args))

    def event(self, name, **members):
        """Waits for an event with these members, which may have come already, and takes it."""
        limit = time.monotonic() + TIME_LIMIT
        while True:
            for event in self.events:
                if event["event"] == name and all(event.get(key) == value for key, value in members.items()):
                    self.events.remove(event)
                    return event
            self.take_one(limit)

    def wait_until_sent(self, text):
        limit = time.monotonic() + TIME_LIMIT
        while not any(text in line for line in self.sent):
            self.take_one(limit)

    def close(self):
        """Ends the process, but not the session: that takes logout()."""
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
