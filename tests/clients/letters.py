"""Messages made from a number alone, of every form that RFC 5322 and MIME have, and knowing what they mean; and
the same with damage, which mean whatever they come to mean."""

import dataclasses
import random

from grammar import Address

WORDS = b"mail room letter parcel stamp ledger harbour winter quiet copper violin meadow engine garden".split()
EIGHT_BIT = ("Jürgen".encode(), "Ωμέγα".encode(), "日本".encode(), b"caf\xe9")
ENCODED = (b"=?utf-8?Q?J=C3=BCrgen?=", b"=?iso-8859-1?B?Zvxy?=", b"=?utf-8*de?q?Stra=C3=9Fe?=")
LISTS = ("From", "Sender", "Reply-To", "To", "Cc", "Bcc")


@dataclasses.dataclass
class Node:
    """A part as it was meant."""
    type: bytes
    subtype: bytes
    params: list = dataclasses.field(default_factory=list)
    header: bytes = b""
    body: bytes = b""
    children: list = dataclasses.field(default_factory=list)
    lists: dict = dataclasses.field(default_factory=dict)  # of a message: addresses by the name of the field


class Maker:
    def __init__(self, number):
        rng = self.rng = random.Random(f"letter {number}")
        self.line_end = rng.choices((lambda: b"\r\n", lambda: b"\n", lambda: rng.choice((b"\r\n", b"\n"))), (6, 1, 2))[0]
        self.boundaries = 0
        self.is_obsolete = self.chance(8)  # white space in front of colons, RFC 5322 §4.5

    def chance(self, percent):
        return self.rng.random() * 100 < percent

    def words(self, low, high):
        return b" ".join(self.rng.choices(WORDS, k=self.rng.randint(low, high)))

    # White space, words, addresses: each gives its octets and what they mean.
    def white(self, comments=True):
        if comments and self.chance(4):
            return self.rng.choice((b" (note) ", b" (a (deep) one) ", b" (\\) \\( ;,<@) "))
        return b" " if self.chance(85) else self.rng.choice((b"  ", b"\t", self.line_end() + b" ", self.line_end() + b"\t"))

    def quoted(self, text):
        """With quotes around it, and now and then folded, which means nothing."""
        octets = text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        if b" " in octets and self.chance(15):
            octets = octets.replace(b" ", self.line_end() + b" ", 1)
        return b'"' + octets + b'"'

    def phrase(self):
        octets, meaning = [], []
        for index in range(self.rng.randint(1, 3)):
            form = self.rng.randrange(10)
            if form < 4:
                word = self.rng.choice(WORDS)
            elif form < 6:
                text = self.rng.choice((b"a, b", b"Smith; J. (x)", b'say "hi"', b"back\\slash", b"<x@y.z>", b"@:", b"two words"))
                octets.append(self.quoted(text))
                meaning.append(text)
                continue
            elif form == 6 and index:
                word = b"Q."
            elif form == 7:
                word = self.rng.choice(EIGHT_BIT)
            else:
                word = self.rng.choice(ENCODED)
            octets.append(word)
            meaning.append(word)
        joined = octets[0]
        for word in octets[1:]:
            joined += self.white() + word
        return joined, b" ".join(meaning)

    def address(self):
        rng = self.rng
        if self.chance(10):
            local = rng.choice((b"two words", b'a"b', b"x@y", b"a,b", b".dot."))
            return self.quoted(local) + b"@example.org", local, b"example.org"
        octets = local = b".".join(rng.choices(WORDS, k=rng.randint(1, 2)))
        host = rng.choice((b"example.org", b"mail.example.net", b"[192.0.2.1]", b"[IPv6:2001:db8::1]", b"localhost"))
        if self.chance(5):
            return octets.replace(b".", b" . ") + b" @ " + host, local, host
        return octets + b"@" + host, local, host

    def mailbox(self):
        octets, local, host = self.address()
        form = self.rng.randrange(20)
        if form < 4:
            return octets, [Address(None, None, local, host)]
        if form < 6:
            return octets + b" (Ann Ex)", [Address(b"Ann Ex", None, local, host)]
        if form < 8:
            return b"<" + octets + b">", [Address(None, None, local, host)]
        name, meaning = self.phrase()
        if form == 8:
            return name + b" <@a.example,@b.example:" + octets + b">", [Address(meaning, b"@a.example,@b.example", local, host)]
        return name + self.white() + b"<" + octets + b">", [Address(meaning, None, local, host)]

    def group(self):
        name, meaning = self.phrase()
        members, addresses = self.members(0, 3, self.mailbox)
        return name + b":" + members + b";", [Address(None, None, meaning, None), *addresses, Address(None, None, None, None)]

    def members(self, low, high, make):
        octets, meaning = b"", []
        for index in range(self.rng.randint(low, high)):
            one, addresses = make()
            comma = b"," if self.chance(95) else b", ,"
            octets += (comma + self.white(comments=False) if index else b"") + one
            meaning += addresses
        return octets, meaning

    def address_list(self):
        return self.members(0 if self.chance(10) else 1, 5, lambda: self.group() if self.chance(12) else self.mailbox())

    def text(self):
        rng = self.rng
        if self.chance(8):
            return rng.choice((b"", b" ", b"  \t"))
        words = [rng.choice(rng.choice((WORDS, WORDS, WORDS, EIGHT_BIT, ENCODED, (b'"x"', b"\\", b"(", b"{3}", b"NIL"))))
                 for _ in range(rng.choice((1, 3, 6, 30)))]
        octets = words[0]
        for word in words[1:]:
            octets += self.white(comments=False) + word
        return octets * (40 if self.chance(2) else 1)

    def field(self, name, value):
        if self.is_obsolete and self.chance(30):
            name = name.upper() + b" "
        return name + b":" + self.rng.choice((b" ", b" ", b" ", b"", b"\t", self.line_end() + b" ")) + value + self.line_end()

    def message_fields(self):
        lists, fields = {}, []
        for name in LISTS:
            if self.chance({"From": 95, "To": 90}.get(name, 25)):
                value, addresses = self.address_list()
                lists[name] = tuple(addresses)
                fields.append(self.field(name.encode(), value))
        for name in (b"Subject", b"In-Reply-To", b"X-Mailer", b"Comments"):
            if self.chance(60):
                fields.append(self.field(name, self.text()))
        if self.chance(90):
            fields.append(self.field(b"Date", b"Tue, 3 Mar 2026 10:00:00 +0100" + self.rng.choice((b"", b" (CET)"))))
        if self.chance(90):
            fields.append(self.field(b"Message-ID", b"<%d.%s@example.net>" % (self.rng.randrange(1 << 40), self.words(1, 1))))
        self.rng.shuffle(fields)
        return fields, lists

    # Content fields.
    def param(self, name, value):
        """One parameter, quoted where it must be or by chance; token characters only need none."""
        bare = not set(value) & set(b' \t()<>@,;:\\"/[]?=') and value and max(value) < 128
        octets = value if bare and self.chance(60) else self.quoted(value)
        equals = b"=" if self.chance(95) else b" = "
        return b";" + self.white(comments=False) + name + equals + octets + (b" (why)" if self.chance(3) else b"")

    def some_params(self, name):
        """A parameter in one of RFC 2231's forms; the octets, and the pairs that they mean."""
        rng, form = self.rng, self.rng.randrange(10)
        value = rng.choice((b"a.txt", b"My Letter.pdf", b'q"u\\o.png', b"", b"=?utf-8?Q?=E2=82=AC?=.txt", "ü.txt".encode(), b"x/y"))
        if form < 6:
            return self.param(name, value), [(name, value)]
        if form == 6:
            extended = b"utf-8'de'%E2%82%AC%20letter.txt"
            return b"; " + name + b"*=" + extended, [(name + b"*", extended)]
        pieces = rng.choices((b"first", b"second one", b"%41", b"x.pdf"), k=rng.randint(2, 4))
        if form == 7:
            sections = [self.param(b"%s*%d" % (name, i), piece) for i, piece in enumerate(pieces)]
            rng.shuffle(sections)
            return b"".join(sections), [(name, b"".join(pieces))]
        sections = [b"; %s*0*=iso-8859-1''%%E9" % name]
        meaning = b"iso-8859-1''%E9"
        for index, piece in enumerate(pieces, start=1):
            if self.chance(50):
                sections.append(b"; %s*%d*=%%FC" % (name, index))
                meaning += b"%FC"
            else:
                sections.append(self.param(b"%s*%d" % (name, index), piece))
                meaning += piece.replace(b"%", b"%25").replace(b" ", b"%20")
        return b"".join(sections), [(name + b"*", meaning)]

    def content_fields(self, node, encoding=None):
        """Its header fields but Content-Type's own; shuffled by who joins them."""
        fields = []
        if encoding:
            fields.append(self.field(b"Content-Transfer-Encoding", encoding))
        if self.chance(25):
            fields.append(self.field(b"Content-ID", b"<%d@example.net>" % self.rng.randrange(1 << 30)))
        if self.chance(25):
            fields.append(self.field(b"Content-Description", self.text()))
        if self.chance(10):
            fields.append(self.field(b"Content-MD5", b"Q2hlY2sgSW50ZWdyaXR5IQ=="))
        if self.chance(35):
            value = self.rng.choice((b"attachment", b"inline", b"ATTACHMENT", b"form-data"))
            if self.chance(70):
                value += self.some_params(b"filename")[0]
            if self.chance(30):
                value += self.param(b"size", b"%d" % self.rng.randrange(100000))
            fields.append(self.field(b"Content-Disposition", value))
        if self.chance(15):
            fields.append(self.field(b"Content-Language", self.rng.choice((b"en", b"en, de-AT", b"mi (Maori), fr"))))
        if self.chance(15):
            fields.append(self.field(b"Content-Location", b"http://example.org/a" + self.rng.choice((b"", self.line_end() + b" /b"))))
        return fields

    def type_field(self, node, extra=()):
        value = node.type + b"/" + node.subtype
        for name in extra:
            octets, pairs = self.some_params(name)
            value += octets
            node.params += pairs
        return value

    # Parts.
    def leaf(self, lines=None):
        rng = self.rng
        kind = rng.choice((b"text/plain", b"text/plain", b"Text/HTML", b"image/png", b"application/octet-stream",
                           b"message/delivery-status", b"text/calendar", None))
        node = Node(*(kind or b"text/plain").lower().split(b"/"))
        fields, encoding = [], rng.choice((None, None, b"7bit", b"8bit", b"BASE64", b"quoted-printable", b"x-unknown"))
        if kind:
            value = kind
            if self.chance(50):
                charset = rng.choice((b"utf-8", b"ISO-8859-1"))
                value += self.param(b"charset", charset)
                node.params.append((b"charset", charset))
            if self.chance(40):
                octets, pairs = self.some_params(b"name")
                value += octets
                node.params += pairs
            fields.append(self.field(b"Content-Type", value))
        node.body = self.leaf_body()
        return node, fields + self.content_fields(node, encoding)

    def leaf_body(self):
        rng, form = self.rng, self.rng.randrange(12)
        if form == 0:
            return b""
        if form == 1:
            return b"".join(self.line_end() for _ in range(rng.randint(1, 3)))
        if form == 2:
            return b"--" + self.line_end() + b"-- x" + self.line_end() + b" --b1" + self.line_end() + b"--b1x"
        if form == 3:
            return bytes(rng.choice(range(128, 256)) for _ in range(60)) + self.line_end()
        if form == 4:
            return b"x" * rng.choice((998, 999, 5000))
        lines = [rng.choice((self.words(1, 9), b"", b".", b"From here", b"Subject: no header")) for _ in range(rng.randint(1, 8))]
        return b"".join(line + self.line_end() for line in lines) + rng.choice((b"", b"", self.words(1, 2)))

    def multipart(self, depth):
        rng = self.rng
        node = Node(b"multipart", rng.choice((b"mixed", b"alternative", b"related", b"digest", b"report", b"x-odd")))
        self.boundaries += 1
        boundary = b"b%d" % self.boundaries + rng.choice((b"", b"", b"=_x", b" y z", b"'()+_,-./:=?", b"x" * 60))
        value = node.type + b"/" + rng.choice((node.subtype, node.subtype.upper()))
        marks = self.param(b"boundary", boundary)
        if b" " not in boundary and b"(" not in boundary and self.chance(30):
            marks = b"; boundary=" + boundary  # not RFC where it has a "=", and common
        node.params.append((b"boundary", boundary))
        if self.chance(20):
            extra, pairs = self.some_params(rng.choice((b"type", b"report-type", b"start")))
            marks, node.params = rng.choice(((marks + extra, node.params + pairs), (extra + marks, pairs + node.params)))
        node.children = []
        body = b"" if self.chance(70) else rng.choice((self.words(1, 5), b"")) + self.line_end()
        for index in range(rng.randint(1, 4)):
            child, octets = self.part(depth + 1, digest=node.subtype == b"digest")
            body += (self.line_end() if index else b"") + b"--" + boundary + self.blanks() + self.line_end() + octets
            node.children.append(child)
        body += self.line_end() + b"--" + boundary + b"--" + self.blanks()
        if self.chance(50):
            body += self.line_end() + (b"" if self.chance(60) else self.words(1, 5) + rng.choice((b"", self.line_end())))
        node.body = body
        return node, [self.field(b"Content-Type", value + marks)] + self.content_fields(node)

    def blanks(self):
        return b"" if self.chance(90) else self.rng.choice((b" ", b"\t", b"  \t"))

    def part(self, depth, digest=False):
        form = self.rng.randrange(100)
        if digest and form < 70:
            node, fields = self.embedded(depth)
            return node, self.close_header(node, [f for f in fields if not f.lower().startswith(b"content-type")]) + node.body
        if depth < 6 and form < 25:
            node, fields = self.multipart(depth)
        elif depth < 6 and form < 35:
            node, fields = self.embedded(depth)
        else:
            node, fields = self.leaf()
            if digest and not any(f.lower().startswith(b"content-type") for f in fields):
                fields.append(self.field(b"Content-Type", b"text/plain"))
        return node, self.close_header(node, fields) + node.body

    def embedded(self, depth):
        node = Node(b"message", b"rfc822")
        child, octets = self.message(depth + 1)
        node.children, node.body = [child], octets
        return node, [self.field(b"Content-Type", b"message/rfc822")] + self.content_fields(node)

    def close_header(self, node, fields):
        self.rng.shuffle(fields)
        node.header = b"".join(fields) + self.line_end()
        return node.header

    def message(self, depth=0):
        rng, form = self.rng, self.rng.randrange(100)
        if form < 55 and depth < 6:
            node, fields = self.multipart(depth)
        elif form < 60 and depth < 6:
            node, fields = self.embedded(depth)
        else:
            node, fields = self.leaf()
        own, node.lists = self.message_fields()
        header = self.close_header(node, own + fields)
        return node, header + node.body


def letter(number):
    """(what was meant, octets)"""
    return Maker(number).message()


def damaged(number):
    """The octets of a letter after something happened to its lines."""
    maker = Maker(number)
    rng = random.Random(f"damage {number}")
    octets = maker.message()[1]
    for _ in range(rng.randint(1, 4)):
        octets = rng.choice(DAMAGES)(rng, octets)
    return octets or b"\n"  # an empty message cannot be appended


def _lines(octets):
    return octets.splitlines(keepends=True) or [b""]


def _drop_line(rng, octets):
    lines = _lines(octets)
    del lines[rng.randrange(len(lines))]
    return b"".join(lines)


def _repeat_line(rng, octets):
    lines = _lines(octets)
    lines.insert(rng.randrange(len(lines)), rng.choice(lines))
    return b"".join(lines)


def _cut(rng, octets):
    return octets[:rng.randrange(len(octets) + 1)]


def _boundary(rng, octets, pick=lambda line: line.startswith(b"--")):
    """Another boundary of the message at a place of no reason, or one is lost."""
    lines = _lines(octets)
    marks = [i for i, line in enumerate(lines) if pick(line)]
    if not marks:
        return octets
    if rng.random() < 0.5:
        del lines[rng.choice(marks)]
    else:
        lines.insert(rng.randrange(len(lines)), lines[rng.choice(marks)])
    return b"".join(lines)


def _same_boundary(rng, octets):
    """Inner multiparts with the boundary of an outer one."""
    return octets.replace(b"b%d" % rng.randint(2, 4), b"b%d" % rng.randint(1, 2))


def _line_ends(rng, octets):
    return octets.replace(b"\r\n", b"\n") if rng.random() < 0.5 else octets.replace(b"\r\n", b"\n", rng.randint(1, 5))


def _garbage(rng, octets):
    lines = _lines(octets)
    junk = rng.choice((b"no field at all", b"From x@y Tue Mar  3 10:00:00 2026", b": empty name", b" \t ", b"\xff\xfe:\xfd",
                       b"Content-Type", b"--", b"X-\xc3\xbc: y", b"Content-Type: text", b"Content-Type: multipart/mixed"))
    lines.insert(rng.randrange(len(lines)), junk + rng.choice((b"\r\n", b"\n")))
    return b"".join(lines)


def _octet(rng, octets):
    at = rng.randrange(len(octets) + 1)
    return octets[:at] + bytes([rng.choice(b'\0\xff"\\();:<>,@=\n')]) + octets[at + rng.randint(0, 1):]


DAMAGES = (_drop_line, _drop_line, _repeat_line, _cut, _boundary, _boundary, _same_boundary, _line_ends, _garbage, _octet)
