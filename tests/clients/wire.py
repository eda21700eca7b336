"""Plain clients over TLS or TCP that hide nothing: every octet that the server sends can be looked at."""

import base64
import re
import select
import socket
import ssl
import time

TIME_LIMIT = 60.0  # seconds that any single read or write may take


class Wire:
    """A connection read by lines and by octets."""

    def __init__(self, address, cafile=None, timeout=TIME_LIMIT, source=None):
        sock = socket.create_connection(address, timeout=timeout, source_address=source)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if cafile:
            sock = ssl.create_default_context(cafile=cafile).wrap_socket(sock, server_hostname="localhost")
        self.sock = sock
        self.buffer = bytearray()

    def fill(self):
        chunk = self.sock.recv(1 << 18)
        if not chunk:
            raise EOFError("the server closed the connection")
        self.buffer += chunk

    def line(self):
        """The next line without its CRLF."""
        start = 0
        while True:
            end = self.buffer.find(b"\n", start)
            if end >= 0:
                line = bytes(self.buffer[: end + 1])
                del self.buffer[: end + 1]
                return line.rstrip(b"\r\n")
            start = len(self.buffer)
            self.fill()

    def octets(self, count):
        while len(self.buffer) < count:
            self.fill()
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    def send(self, data):
        self.sock.sendall(data)

    def readable(self, seconds):
        """True when a byte arrives within `seconds`."""
        if self.buffer or (isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()):
            return True
        return bool(select.select([self.sock], [], [], seconds)[0])

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Response:
    """One response of IMAP: its text with each literal as {n}, and the literals."""

    def __init__(self, text, literals):
        self.text = text
        self.literals = literals

    def __repr__(self):
        return f"{self.text!r} {[len(x) for x in self.literals]}"


LITERAL = re.compile(rb"\{(\d+)\}$")


class Imap(Wire):
    def __init__(self, address, cafile=None, **kw):
        super().__init__(address, cafile, **kw)
        self.greeting = self.response()
        self.next_tag = 0

    def response(self):
        text, literals = bytearray(), []
        while True:
            line = self.line()
            text += line
            literal = LITERAL.search(line)
            if not literal:
                return Response(bytes(text), literals)
            literals.append(self.octets(int(literal[1])))

    def tag(self):
        self.next_tag += 1
        return b"w%d" % self.next_tag

    def finish(self, tag):
        """Reads up to the tagged response of `tag`; gives the untagged ones and the tagged text."""
        untagged = []
        while True:
            response = self.response()
            if response.text.startswith(tag + b" "):
                return untagged, response.text[len(tag) + 1:]
            untagged.append(response)

    def command(self, command):
        """Sends one command (its literals, if any, must be non-synchronizing); any answer is accepted."""
        if isinstance(command, str):
            command = command.encode()
        tag = self.tag()
        self.send(tag + b" " + command + b"\r\n")
        return self.finish(tag)

    def ok(self, command):
        untagged, tagged = self.command(command)
        if not tagged.startswith(b"OK"):
            raise AssertionError(f"{command!r} was answered {tagged!r}")
        self.tagged = tagged
        return untagged

    def login(self, user, password):
        secret = base64.b64encode(b"\0" + user.encode() + b"\0" + password.encode())
        return self.ok(b"AUTHENTICATE PLAIN " + secret)

    def append(self, mailbox, message, flags=b""):
        """APPEND with a synchronizing literal; gives the tagged text."""
        tag = self.tag()
        self.send(b"%s APPEND %s %s{%d}\r\n" % (tag, mailbox, flags and b"(" + flags + b") ", len(message)))
        go = self.response().text
        while go.startswith(b"* "):  # changes of the selected mailbox may come first
            go = self.response().text
        if not go.startswith(b"+"):
            return go.split(b" ", 1)[1]
        self.send(message + b"\r\n")
        return self.finish(tag)[1]

    def idle(self):
        self.idle_tag = self.tag()
        self.send(self.idle_tag + b" IDLE\r\n")
        while not self.response().text.startswith(b"+"):
            pass

    def expect(self, pattern, seconds=5.0):
        """Waits for an untagged response that matches; gives it and the time of its arrival."""
        limit = time.monotonic() + seconds
        seen = []
        while self.readable(max(0.0, limit - time.monotonic())):
            response = self.response()
            seen.append(response)
            if re.search(pattern, response.text):
                return response, time.monotonic()
        raise AssertionError(f"no {pattern!r} within {seconds} s, but {seen}")

    def done(self):
        self.send(b"DONE\r\n")
        return self.finish(self.idle_tag)

    def messages(self, uids="1:*"):
        """(uid, octets of the message) of the selected mailbox, one after the other."""
        return ((uid, octets) for uid, _, octets in self.messages_and_flags(uids))

    def messages_and_flags(self, uids="1:*"):
        """(uid, flags, octets of the message) of the selected mailbox, one after the other."""
        tag = self.tag()
        self.send(tag + b" UID FETCH " + uids.encode() + b" (UID FLAGS BODY.PEEK[])\r\n")
        while True:
            response = self.response()
            if response.text.startswith(tag + b" "):
                if not response.text.startswith(tag + b" OK"):
                    raise AssertionError(response.text)
                return
            uid = re.search(rb"FETCH \(.*?UID (\d+)", response.text)
            if uid and response.literals:
                flags = re.search(rb"FLAGS \(([^)]*)\)", response.text)
                yield int(uid[1]), flags[1].decode().split(), response.literals[0]

    def logout(self):
        self.ok("LOGOUT")
        self.close()


class Pop3(Wire):
    def __init__(self, address, cafile=None, **kw):
        super().__init__(address, cafile, **kw)
        self.reply()

    def reply(self):
        line = self.line()
        if not line.startswith(b"+OK"):
            raise AssertionError(line)
        return line

    def ok(self, command):
        self.send(command.encode() + b"\r\n")
        return self.reply()

    def multi(self, command):
        """The lines of a multi-line answer, dots unstuffed."""
        self.ok(command)
        lines = []
        while (line := self.line()) != b".":
            lines.append(line[1:] if line.startswith(b".") else line)
        return lines

    def retr(self, number):
        """The octets of a message: byte for byte, even where it has a bare LF or CR."""
        self.ok(f"RETR {number}")
        searched = 0
        while len(self.buffer) < 3:
            self.fill()
        if self.buffer.startswith(b".\r\n"):
            del self.buffer[:3]
            return b""
        while (end := self.buffer.find(b"\r\n.\r\n", searched)) < 0:
            searched = max(0, len(self.buffer) - 4)
            self.fill()
        body = bytes(self.buffer[: end + 2])
        del self.buffer[: end + 5]
        if body.startswith(b"."):
            body = body[1:]
        return body.replace(b"\r\n..", b"\r\n.")

    def login(self, user, password):
        self.ok(f"USER {user}")
        return self.ok(f"PASS {password}")


class Lmtp(Wire):
    def __init__(self, address, **kw):
        super().__init__(address, **kw)
        self.reply()
        self.send(b"LHLO test.example\r\n")
        self.extensions = self.reply()[1]

    def reply(self):
        """(code, lines) of one reply."""
        lines = []
        while True:
            line = self.line()
            lines.append(line)
            if line[3:4] != b"-":
                return int(line[:3]), lines

    def command(self, text):
        self.send(text.encode() + b"\r\n")
        return self.reply()

    def deliver(self, message, *recipients, sender="sender@example.net"):
        """Delivers a message that ends in CRLF; gives the (code, lines) of each recipient."""
        size = f" SIZE={len(message)}" if any(e[4:8] == b"SIZE" for e in self.extensions) else ""
        code, lines = self.command(f"MAIL FROM:<{sender}> BODY=8BITMIME{size}")
        if code != 250:
            self.command("RSET")
            return [(code, lines)] * len(recipients)
        results, accepted = {}, []
        for recipient in recipients:
            results[recipient] = self.command(f"RCPT TO:<{recipient}>")
            if results[recipient][0] == 250:
                accepted.append(recipient)
        if accepted:
            code, lines = self.command("DATA")
            if code == 354:
                stuffed = message.replace(b"\r\n.", b"\r\n..")
                self.send((b"." if stuffed.startswith(b".") else b"") + stuffed + b".\r\n")
                for recipient in accepted:
                    results[recipient] = self.reply()
            else:
                for recipient in accepted:
                    results[recipient] = (code, lines)
                self.command("RSET")
        else:
            self.command("RSET")
        return [results[r] for r in recipients]
