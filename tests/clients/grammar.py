"""Reads FETCH responses as the grammar of RFC 9051 §9 has them, and takes nothing else: one blank where one belongs,
NIL where it may stand, strings of the octets that a string may have."""

import dataclasses
import re

QUOTED = re.compile(rb'"((?:[^"\\\r\n\x00\x80-\xff]|\\["\\])*)"')
LITERAL = re.compile(rb"\{(0|[1-9][0-9]*)\}")
NUMBER = re.compile(rb"0|[1-9][0-9]*")
SECTION = re.compile(rb"BODY\[([^\]]*)\](?:<(\d+)>)?")
DATE_TIME = re.compile(rb'"[ 0-3][0-9]-[A-Z][a-z]{2}-[0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} [-+][0-9]{4}"')
FLAG_LIST = re.compile(rb"\((?:\\?[^\s(){%*\"\\\]]+(?: \\?[^\s(){%*\"\\\]]+)*)?\)")


class Violation(Exception):
    """The response is not what the grammar allows."""


@dataclasses.dataclass(frozen=True)
class Address:
    """`host` None: begin of the group `mailbox`, or its end when that is None as well."""
    name: bytes | None
    route: bytes | None
    mailbox: bytes | None
    host: bytes | None


@dataclasses.dataclass(frozen=True)
class Envelope:
    date: bytes | None
    subject: bytes | None
    sent_from: tuple | None
    sender: tuple | None
    reply_to: tuple | None
    to: tuple | None
    cc: tuple | None
    bcc: tuple | None
    in_reply_to: bytes | None
    message_id: bytes | None


@dataclasses.dataclass(frozen=True)
class Body:
    """One part. What it has no place for on the wire is None; so are NIL and what BODY leaves out.
    Names that have no case are in lower case; params are pairs of name and value in their order."""
    type: bytes
    subtype: bytes
    params: tuple | None = None
    id: bytes | None = None
    description: bytes | None = None
    encoding: bytes | None = None
    octets: int | None = None
    lines: int | None = None
    envelope: Envelope | None = None
    children: tuple = ()
    md5: bytes | None = None
    disposition: tuple | None = None  # kind, params
    languages: tuple | None = None
    location: bytes | None = None

    def short(self):
        """What BODY tells of it."""
        kept = {"params": None} if self.type == b"multipart" else {}
        return dataclasses.replace(self, md5=None, disposition=None, languages=None, location=None,
                                   children=tuple(c.short() for c in self.children), **kept)


class Reader:
    """Walks the text of a response; each {n} in it takes the next of its literals."""

    def __init__(self, response):
        self.text = response.text
        self.literals = list(response.literals)
        self.at = 0

    def fail(self, expected):
        raise Violation(f"{expected} expected behind {self.text[:self.at]!r}, "
                        f"but there is {self.text[self.at:self.at + 80]!r}")

    def is_next(self, octets):
        return self.text.startswith(octets, self.at)

    def skip(self, octets):
        if not self.is_next(octets):
            return False
        self.at += len(octets)
        return True

    def take(self, octets):
        if not self.skip(octets):
            self.fail(octets)

    def match(self, pattern, name):
        found = pattern.match(self.text, self.at)
        if not found:
            self.fail(name)
        self.at = found.end()
        return found

    def number(self, limit=1 << 63):
        value = int(self.match(NUMBER, "number")[0])
        if value >= limit:
            self.fail(f"a number below {limit}")
        return value

    def string(self, may_have_nul=False):
        if self.is_next(b'"'):
            return re.sub(rb"\\(.)", rb"\1", self.match(QUOTED, "quoted string")[1])
        size = int(self.match(LITERAL, "string")[1])
        literal = self.literals.pop(0)
        if len(literal) != size or (b"\0" in literal and not may_have_nul):
            self.fail("literal of its length and without NUL")
        return literal

    def nstring(self, **kw):
        return None if self.skip(b"NIL") else self.string(**kw)

    def many(self, item, separator=b" "):
        """( item ... ) with at least one of them; None for NIL."""
        if self.skip(b"NIL"):
            return None
        self.take(b"(")
        items = [item()]
        while not self.skip(b")"):
            self.take(separator)
            items.append(item())
        return tuple(items)

    # ENVELOPE
    def address(self):
        self.take(b"(")
        members = [self.nstring()]
        for _ in range(3):
            self.take(b" ")
            members.append(self.nstring())
        self.take(b")")
        name, route, mailbox, host = members
        if host is None and (name is not None or route is not None):
            self.fail("address with a host, or a group's mark")
        if host is not None and mailbox is None:
            self.fail("address with a mailbox")
        return Address(*members)

    def addresses(self):
        found = self.many(self.address, separator=b"")
        depth = 0
        for address in found or ():
            if address.host is None:
                depth += 1 if address.mailbox is not None else -1
                if depth not in (0, 1):
                    self.fail("groups that begin and end and do not nest")
        if depth:
            self.fail("end of the group")
        return found

    def envelope(self):
        self.take(b"(")
        members = []
        for index in range(10):
            if index:
                self.take(b" ")
            members.append(self.addresses() if 2 <= index <= 7 else self.nstring())
        self.take(b")")
        return Envelope(*members)

    # BODY and BODYSTRUCTURE
    def param(self):
        name = self.string()
        self.take(b" ")
        return name.lower(), self.string()

    def disposition(self):
        if self.skip(b"NIL"):
            return None
        self.take(b"(")
        kind = self.string().lower()
        self.take(b" ")
        params = self.many(self.param)
        self.take(b")")
        return kind, params

    def languages(self):
        if self.is_next(b"("):
            return self.many(self.string)
        language = self.nstring()
        return None if language is None else (language,)

    def last_extensions(self):
        """In their order; BODYSTRUCTURE must have them all."""
        self.take(b" ")
        disposition = self.disposition()
        self.take(b" ")
        languages = self.languages()
        self.take(b" ")
        return {"disposition": disposition, "languages": languages, "location": self.nstring()}

    def body(self, extended):
        self.take(b"(")
        members = self.multipart(extended) if self.is_next(b"(") else self.single_part(extended)
        self.take(b")")
        return Body(**members)

    def multipart(self, extended):
        children = []
        while self.is_next(b"("):
            children.append(self.body(extended))
        self.take(b" ")
        members = {"type": b"multipart", "subtype": self.media(), "children": tuple(children)}
        if extended:
            self.take(b" ")
            members["params"] = self.many(self.param)
            members |= self.last_extensions()
        return members

    def single_part(self, extended):
        members = {"type": self.media()}
        fields = (("subtype", self.media), ("params", lambda: self.many(self.param)), ("id", self.nstring),
                  ("description", self.nstring), ("encoding", self.media), ("octets", lambda: self.number(1 << 32)))
        for name, read in fields:
            self.take(b" ")
            members[name] = read()
        if members["type"] == b"multipart":
            self.fail("a multipart by its parts")
        # message/global is a leaf for those who did not say that they take UTF-8.
        if members["type"] == b"message" and members["subtype"] == b"rfc822":
            self.take(b" ")
            members["envelope"] = self.envelope()
            self.take(b" ")
            members["children"] = (self.body(extended),)
            self.take(b" ")
            members["lines"] = self.number()
        elif members["type"] == b"text":
            self.take(b" ")
            members["lines"] = self.number()
        if extended:
            self.take(b" ")
            members["md5"] = self.nstring()
            members |= self.last_extensions()
        return members

    def media(self):
        """A name without case, never empty."""
        return self.string().lower() or self.fail("a type, subtype or encoding")

    # FETCH
    def item(self):
        section = SECTION.match(self.text, self.at)
        if section:
            self.at = section.end()
            self.take(b" ")
            name = section[1].decode() + (f"<{int(section[2])}>" if section[2] else "")
            return f"BODY[{name}]", self.nstring(may_have_nul=True)  # not RFC: a message is sent as it was stored
        readers = {b"UID ": self.number, b"RFC822.SIZE ": self.number, b"ENVELOPE ": self.envelope,
                   b"BODYSTRUCTURE ": lambda: self.body(True), b"BODY ": lambda: self.body(False),
                   b"INTERNALDATE ": lambda: self.match(DATE_TIME, "date-time")[0],
                   b"FLAGS ": lambda: self.match(FLAG_LIST, "flag list")[0]}
        for name, read in readers.items():
            if self.skip(name):
                return name.strip().decode(), read()
        return self.fail("FETCH item")


def fetched(response):
    """The sequence number and the items of an untagged FETCH response."""
    reader = Reader(response)
    reader.take(b"* ")
    number = reader.number()
    reader.take(b" FETCH (")
    items = dict([reader.item()])
    while not reader.skip(b")"):
        reader.take(b" ")
        name, value = reader.item()
        if name in items:
            reader.fail(f"{name} only once")
        items[name] = value
    if reader.at != len(reader.text) or reader.literals:
        reader.fail("end of the response")
    return number, items
