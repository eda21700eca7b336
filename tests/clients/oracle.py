"""What ENVELOPE, BODYSTRUCTURE and every section of a message must be, found out from its octets alone.

Written from RFC 5322, 2045, 2046, 2183, 2231 and 9051, not from the server; where the RFCs leave open what a broken
message means, the rule is the one that docs/rfc-support.md and the headers of protocol/mime name. What is no sentence
of its grammar gives UNKNOWN, which is equal to everything: the form of the answer is all that can be asked for then.
"""

import dataclasses
import re

from grammar import Address, Body, Envelope

DEEPEST = 100  # deeper multiparts and messages are application/octet-stream


class _Unknown:
    def __eq__(self, _):
        return True

    def __hash__(self):
        return 0

    def __repr__(self):
        return "UNKNOWN"


UNKNOWN = _Unknown()

# --- Lines and header fields ----------------------------------------------------------------------------------------


@dataclasses.dataclass
class Line:
    begin: int
    end: int  # behind its line end
    content: bytes  # without it


CR_LINE = re.compile(rb"[^\r]*(?:\r\n?|\Z)")
LF_LINE = re.compile(rb"[^\n]*(?:\n|\Z)")


def line_pattern(octets):
    """Lines end with LF or CRLF; in a message whose first line end is a lone CR, with CR or CRLF."""
    first = re.search(rb"\n|\r+(\n?)", octets)
    return CR_LINE if first and first[0] != b"\n" and not first[1] else LF_LINE


def lines_of(octets, pattern):
    return [Line(m.start(), m.end(), m[0].rstrip(b"\r\n")) for m in pattern.finditer(octets) if m[0]]


def line_end_before(octets, offset):
    """How many octets of line end stand in front of `offset`: they belong to the boundary there."""
    if octets[:offset].endswith(b"\r\n"):
        return 2
    return 1 if octets[:offset].endswith((b"\n", b"\r")) else 0


FIELD = re.compile(rb"([^\x00-\x20\x7f:]+)[ \t]*:(.*)\Z", re.S)


def raw_fields(block):
    """(name in lower case, raw value, the octets of it all) of each field; lines that are none are passed over
    (obsolete syntax: white space in front of the colon, RFC 5322 §4.5). A stray CR ends no line where LFs do."""
    pattern = LF_LINE if re.search(rb"(?<!\r)\n", block) else line_pattern(block)
    groups = []
    for index, line in enumerate(x for x in lines_of(block, pattern) if x.content):
        raw = block[line.begin:line.end]
        if index and raw[:1] in (b" ", b"\t"):
            groups[-1] += raw
        else:
            groups.append(raw.removeprefix(b"\xef\xbb\xbf") if index == 0 else raw)
    found = []
    for group in groups:
        field = FIELD.match(group)
        if field:
            found.append((field[1].lower(), field[2].rstrip(b"\r\n"), group))
    return found


def fields_of(block):
    return [(name, value) for name, value, _ in raw_fields(block)]


def unfolded(raw):
    return re.sub(rb"[\r\n\0]", b"", raw).strip(b" \t")


# --- Content fields -------------------------------------------------------------------------------------------------

TOKEN = rb"[^\x00-\x20()<>@,;:\\\"/\[\]?=\x7f-\xff]+"
COMMENT = rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)"
WHITE = rb"(?:[ \t\r\n\x00]|%s)*" % COMMENT
# Not RFC: values such as ----=_Part_1 or a/b come without quotes.
VALUE = rb'"(?:[^"\\]|\\.)*"|[^\x00-\x20();"\x7f][^\x00-\x20();"\x7f]*'
TYPE = re.compile(rb"%s(%s)%s/%s(%s)" % (WHITE, TOKEN, WHITE, WHITE, TOKEN), re.S)
KIND = re.compile(rb"%s(%s)" % (WHITE, TOKEN), re.S)
ENCODING = re.compile(rb'%s"?(%s)' % (WHITE, TOKEN), re.S)  # not RFC: some put it in quotes
PARAM = re.compile(rb"%s;%s(%s)%s=%s(%s)" % (WHITE, WHITE, TOKEN, WHITE, WHITE, VALUE), re.S)
REST = re.compile(rb"%s;?%s\Z" % (WHITE, WHITE), re.S)


def unquoted(value):
    """Not RFC: a backslash is kept where it quotes nothing that must be, since Windows' clients send bare paths."""
    if not value.startswith(b'"'):
        return value
    return re.sub(rb"[\r\n\0]", b"", re.sub(rb'\\(["\\])', rb"\1", value[1:-1]))


def parse_params(raw, at):
    """Pairs of name and value as they stand from `at` on; UNKNOWN when the grammar has no such parameters."""
    params = []
    while found := PARAM.match(raw, at):
        params.append((found[1].lower(), unquoted(found[2])))
        at = found.end()
    return params if REST.match(raw, at) else UNKNOWN


def joined(params):
    """RFC 2231 §3: name*0, name*1 ... are one parameter, which stands where the first of them stood. With an encoded
    section it stays an encoded value, name*, in which the sections that were not encoded get encoded."""
    if params is UNKNOWN:
        return UNKNOWN
    sections = {}
    for name, value in params:
        found = re.fullmatch(rb"(.+?)\*(0|[1-9][0-9]{0,8})(\*?)", name)
        if found:
            sections.setdefault(found[1], []).append((int(found[2]), bool(found[3]), value, name))
    result, done = [], set()
    for name, value in params:
        base = name.split(b"*")[0]
        pieces = sorted(sections.get(base, ()))
        is_section = any(name == piece[3] for piece in pieces)
        if not is_section or [p[0] for p in pieces] != list(range(len(pieces))):
            result.append((name, value))  # a gap, or two of the same number: left as they are
        elif base not in done:
            done.add(base)
            encoded = any(p[1] for p in pieces)
            if not encoded:
                result.append((base, b"".join(p[2] for p in pieces)))
                continue
            text = b"".join(p[2] if p[1] else escaped(p[2]) for p in pieces)
            result.append((base + b"*", text if pieces[0][1] else b"''" + text))
    return result


def escaped(value):
    return re.sub(rb"[^A-Za-z0-9!#$&+.^_`{|}~-]", lambda m: b"%%%02X" % m[0][0], value)


# --- Addresses ------------------------------------------------------------------------------------------------------

LEXEME = re.compile(rb"""(?P<white>[ \t\r\n]+) | (?P<comment>%s) | (?P<quoted>"(?:[^"\\]|\\.)*")
                         | (?P<literal>\[[^\x00-\x20\[\]\\<>,]*\]) | (?P<atom>[^\x00-\x20()<>@,;:\\"\[\].\x7f]+)
                         | (?P<special>[<>@,;:.])""" % COMMENT, re.S | re.X)


class Malformed(Exception):
    pass


def flat(text):
    return re.sub(rb"[\r\n\0]", b"", re.sub(rb"\\(.)", rb"\1", text, flags=re.S))


class AddressList:
    """RFC 5322 §3.4 with the obsolete forms of §4.4. Malformed when the text is none."""

    def __init__(self, raw):
        self.words, self.at = [], 0
        at, spaced = 0, True
        self.comments = []  # (index of the word they precede, text)
        while at < len(raw):
            found = LEXEME.match(raw, at)
            if not found:
                raise Malformed
            at = found.end()
            kind = found.lastgroup
            if kind == "comment":
                self.comments.append((len(self.words), flat(found[0][1:-1])))
            if kind in ("white", "comment"):
                spaced = True
                continue
            text = flat(found[0][1:-1]) if kind == "quoted" else found[0]
            self.words.append((kind, text, spaced))
            spaced = False
        self.words.append(("end", b"", True))

    def peek(self, text):
        kind, word, _ = self.words[self.at]
        return kind == "special" and word == text

    def skip(self, text):
        if not self.peek(text):
            return False
        self.at += 1
        return True

    def take(self, text):
        if not self.skip(text):
            raise Malformed

    def phrase(self):
        """Words and the dots of "Joe Q. Public"; one blank where there was white space."""
        text = b""
        while self.words[self.at][0] in ("atom", "quoted") or (text and self.peek(b".")):
            _, word, spaced = self.words[self.at]
            text += (b" " if spaced and text else b"") + word
            self.at += 1
        return text

    def dotted(self, kinds):
        parts = []
        while True:
            kind, word, _ = self.words[self.at]
            if kind not in kinds:
                raise Malformed
            parts.append(word)
            self.at += 1
            if not self.skip(b"."):
                return b".".join(parts)

    def domain(self):
        kind, word, _ = self.words[self.at]
        if kind != "literal":
            return self.dotted(("atom",))
        self.at += 1
        return word

    def route(self):
        hosts = []
        while self.skip(b"@"):
            hosts.append(b"@" + self.domain())
            if not self.peek(b":"):
                self.take(b",")
            while self.skip(b","):
                pass
        if hosts:
            self.take(b":")
        return b",".join(hosts) or None

    def comment_within(self, begin):
        found = [text for index, text in self.comments if begin <= index <= self.at]
        return found[-1] if found else None

    def item(self, in_group):
        begin = self.at
        name = self.phrase()
        if not in_group and name and self.skip(b":"):
            yield Address(None, None, name, None)
            yield from self.items(in_group=True)
            self.take(b";")
            yield Address(None, None, None, None)
            return
        route = None
        if self.skip(b"<"):
            route = self.route()
            local = self.dotted(("atom", "quoted"))
            self.take(b"@")
            host = self.domain()
            self.take(b">")
        else:
            name, self.at = b"", begin
            local = self.dotted(("atom", "quoted"))
            self.take(b"@")
            host = self.domain()
        yield Address(name or self.comment_within(begin), route, local, host)

    def items(self, in_group=False):
        while True:
            while self.skip(b","):  # §4.4 has empty members
                pass
            if self.words[self.at][0] == "end" or (in_group and self.peek(b";")):
                return
            yield from self.item(in_group)
            if not (self.peek(b",") or self.words[self.at][0] == "end" or (in_group and self.peek(b";"))):
                raise Malformed


def parse_addresses(raw):
    """A tuple of Address, or UNKNOWN."""
    try:
        parser = AddressList(raw)
        found = tuple(parser.items())
        return found if parser.words[parser.at][0] == "end" else UNKNOWN
    except Malformed:
        return UNKNOWN


def envelope_of(fields):
    def text(name):
        values = [unfolded(value) for field, value in fields if field == name]
        return next((v for v in values if v), values[0] if values else None)

    def lists(name):
        return [parse_addresses(value) for field, value in fields if field == name]

    def first(name):
        """Not RFC, which allows one: the first that has an address counts."""
        return next((found for found in lists(name) if found), None)

    def all_of(name):
        """Not RFC, which allows one: clients show those of all."""
        found = lists(name)
        if any(one is UNKNOWN for one in found):
            return UNKNOWN
        return sum(found, ()) or None

    sent_from = first(b"from")
    return Envelope(
        date=text(b"date"), subject=text(b"subject"), sent_from=sent_from,
        sender=first(b"sender") or sent_from, reply_to=first(b"reply-to") or sent_from,
        to=all_of(b"to"), cc=all_of(b"cc"), bcc=all_of(b"bcc"),
        in_reply_to=text(b"in-reply-to"), message_id=text(b"message-id"))


# --- Parts ----------------------------------------------------------------------------------------------------------


class Part:
    """A message, or a part of one, with the places of its header and its body in the octets of the whole."""

    def __init__(self, default):
        self.type, self.subtype = default
        self.fields = []
        self.params = []
        self.children = []
        self.header = self.body = (0, 0)
        self.junk = False  # lines in the header that are none of it
        self.closed = False  # a multipart with its last boundary

    @property
    def kind(self):
        if self.type == b"multipart":
            return "multipart"
        return "message" if self.type == b"message" and self.subtype in (b"rfc822", b"global") else "leaf"

    def first_value(self, name):
        return next((v for f, v in self.fields if f == name), None)

    def first_text(self, name):
        return next((t for f, v in self.fields if f == name and (t := unfolded(v))), None)

    def read_type(self):
        raw = self.first_value(b"content-type")
        if raw is None:
            return
        found, alone = TYPE.match(raw), KIND.match(raw)
        if found:
            self.type, self.subtype = found[1].lower(), found[2].lower()
            self.params = parse_params(raw, found.end())
            return
        # RFC 2045 §5.2: what cannot be understood is text/plain, or at least octets.
        usual = {b"text": b"plain", b"multipart": b"mixed"}
        self.type = alone[1].lower() if alone else b"text"
        self.params = parse_params(raw, alone.end()) if alone else UNKNOWN
        self.subtype = usual.get(self.type, b"octet-stream")
        if self.type not in usual:
            self.type = b"application"

    def encoding(self):
        for field, value in self.fields:
            if field == b"content-transfer-encoding" and (found := ENCODING.match(value)):
                return found[1].lower()
        return b"7bit"

    def settle(self, depth):
        """Nothing may be called multipart or message/rfc822 that is not read as one: clients look for parts in it."""
        encoded = self.encoding() in (b"base64", b"quoted-printable")
        if self.kind != "leaf" and (depth >= DEEPEST or (self.kind == "message" and encoded)):
            self.type, self.subtype = b"application", b"octet-stream"

    def boundary(self):
        if self.params is UNKNOWN:
            return b""
        joint = dict(reversed(joined(self.params)))
        return joint.get(b"boundary", joint.get(b"boundary*", b"").split(b"'")[-1]).rstrip(b" \t\r\n")


class MessageReader:
    """Reads line by line: a part ends where a boundary of it or of what it stands in comes up (RFC 2046 §5.1.2)."""

    def __init__(self, octets):
        self.octets = octets
        self.lines = lines_of(octets, line_pattern(octets))
        self.at = 0
        self.last_header_end = 0

    def offset(self):
        return self.lines[self.at].begin if self.at < len(self.lines) else len(self.octets)

    def delimiter(self, boundaries):
        """(index of its multipart, whether it is the last) when the line here is a boundary; the innermost wins."""
        content = self.lines[self.at].content
        if not content.startswith(b"--"):
            return None
        text = content[2:].rstrip(b" \t")
        for index in range(len(boundaries) - 1, -1, -1):
            if boundaries[index] and text in (boundaries[index], boundaries[index] + b"--"):
                return index, text != boundaries[index]
        return None

    def header(self, part, boundaries):
        """Reads up to the blank line; gives where the body begins if a line that is no field stands before it."""
        begin, first, junk = self.offset(), self.at, None
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if self.delimiter(boundaries) or self.is_own_boundary(part, first):
                break
            if not line.content:
                self.at += 1
                break
            raw = self.octets[line.begin:line.end]
            if raw[:1] not in (b" ", b"\t") or self.at == first:
                is_field = FIELD.match(raw)
                junk = None if is_field else (self.at if junk is None else junk)
                part.junk |= not is_field
            self.at += 1
        part.header = begin, self.offset()
        part.fields = fields_of(self.octets[begin:self.offset()])
        self.last_header_end = self.offset()
        return junk

    def is_own_boundary(self, part, first):
        """The blank line is missing, and the boundary that the header names stands here."""
        if not self.lines[self.at].content.startswith(b"--"):
            return False
        so_far = Part((b"text", b"plain"))
        so_far.fields = fields_of(self.octets[self.lines[first].begin:self.offset()])
        so_far.read_type()
        return so_far.kind == "multipart" and self.delimiter([so_far.boundary()]) == (0, False)

    def part(self, boundaries, depth=0, default=(b"text", b"plain")):
        part = Part(default)
        junk = self.header(part, boundaries)
        part.read_type()
        part.settle(depth)
        if part.kind == "leaf" and junk is not None:
            self.at = junk  # the text begins behind the last field
            part.header = part.header[0], self.offset()
            self.last_header_end = self.offset()
        begin = self.offset()
        if part.kind == "message":
            part.children = [self.part(boundaries, depth + 1)]
        elif part.kind == "multipart":
            self.multipart(part, boundaries + [part.boundary()], depth)
        else:
            self.skip_to(boundaries)
        part.body = begin, self.end(begin)
        if part.kind == "multipart" and not part.children:
            self.only_child(part, *part.body)
        return part

    def skip_to(self, boundaries):
        while self.at < len(self.lines):
            if found := self.delimiter(boundaries):
                return found
            self.at += 1
        return None

    def end(self, begin):
        """Of the octets before this line: a boundary owns the line end in front of it (RFC 2046 §5.1.1), unless
        that is the only one of a header which nothing follows."""
        offset = self.offset()
        if self.at == len(self.lines):
            return offset
        return max(begin, self.last_header_end, offset - line_end_before(self.octets, offset))

    def multipart(self, part, boundaries, depth):
        own = len(boundaries) - 1
        default = (b"message", b"rfc822") if part.subtype == b"digest" else (b"text", b"plain")
        begin = self.offset()
        found = self.skip_to(boundaries)
        while found and found[0] == own and not found[1]:
            self.at += 1
            part.children.append(self.part(boundaries, depth + 1, default))
            found = self.skip_to(boundaries)
        if found and found[0] == own:  # the last: what follows is an epilogue
            if not part.children:
                self.only_child(part, begin, self.end(begin))
            part.closed = True
            self.at += 1
            self.skip_to(boundaries[:own])

    def only_child(self, part, begin, end):
        """A multipart must have parts: the text that it has instead is its only one."""
        child = Part((b"text", b"plain"))
        child.header, child.body = (begin, begin), (begin, end)
        part.children = [child]


class Letter:
    """A message with all that may be asked of it."""

    def __init__(self, octets):
        self.octets = octets
        self.line_pattern = line_pattern(octets)
        self.root = MessageReader(octets).part([])

    def is_readable(self):
        """Whether the grammar has the Content-Type of every multipart: without a boundary nothing can be told."""
        return not any(part.kind == "multipart" and part.params is UNKNOWN for part in self.parts())

    def parts(self, part=None):
        part = part or self.root
        yield part
        for child in part.children:
            yield from self.parts(child)

    def cut(self, place):
        return self.octets[place[0]:place[1]]

    def line_count(self, place):
        """A last line without a line end of its own counts."""
        return len(lines_of(self.cut(place), self.line_pattern))

    def envelope(self):
        return envelope_of(self.root.fields)

    def structure(self):
        return self.structure_of(self.root)

    def structure_of(self, part):
        disposition = next((d for f, v in part.fields if f == b"content-disposition" and (d := parse_disposition(v))), None)
        languages = next((x for f, v in part.fields if f == b"content-language" and (x := parse_languages(v))), None)
        location = part.first_text(b"content-location")
        params = joined(part.params)
        # A leaf for clients that did not say that they take UTF-8. Its sections are there all the same.
        is_global = part.kind == "message" and part.subtype == b"global"
        body = Body(part.type, part.subtype, disposition=disposition, languages=languages,
                    location=location and re.sub(rb"[ \t]", b"", location),
                    children=() if is_global else tuple(self.structure_of(child) for child in part.children))
        if part.kind == "multipart":
            return dataclasses.replace(body, params=as_member(params))
        if part.type == b"text" and params is not UNKNOWN and not {b"charset", b"charset*"} & {n for n, _ in params}:
            params = [*params, (b"charset", b"us-ascii")]  # RFC 2046 §4.1.2
        body = dataclasses.replace(
            body, params=as_member(params), id=part.first_text(b"content-id"),
            description=part.first_text(b"content-description"), encoding=part.encoding(),
            octets=part.body[1] - part.body[0], md5=part.first_text(b"content-md5"))
        if part.kind == "message" and not is_global:
            return dataclasses.replace(body, envelope=envelope_of(part.children[0].fields),
                                       lines=self.line_count(part.body))
        return dataclasses.replace(body, lines=self.line_count(part.body)) if part.type == b"text" else body

    def sections(self):
        """What each section that exists holds, and None for some that do not."""
        found = {"": self.octets, "HEADER": self.cut(self.root.header), "TEXT": self.cut(self.root.body)}
        self.add_sections(found, self.root, "")
        return found

    def header_fields(self, names, others=False):
        """HEADER.FIELDS, and with `others` HEADER.FIELDS.NOT: the fields as they stand, and a blank line."""
        chosen = [raw for name, _, raw in raw_fields(self.cut(self.root.header)) if (name in names) != others]
        return b"".join(raw if raw.endswith((b"\n", b"\r")) else raw + b"\r\n" for raw in chosen) + b"\r\n"

    def add_sections(self, found, message, prefix):
        """Of the parts of a message: those of its multipart, or its text as 1."""
        if message.kind == "multipart":
            self.add_children(found, message, prefix)
        else:
            self.add_part(found, message, f"{prefix}1")
            found[f"{prefix}2"] = found[f"{prefix}2.MIME"] = None

    def add_children(self, found, multipart, prefix):
        for number, child in enumerate(multipart.children, start=1):
            self.add_part(found, child, f"{prefix}{number}")
        found[f"{prefix}{len(multipart.children) + 1}"] = None

    def add_part(self, found, part, path):
        found[path] = self.cut(part.body)
        found[f"{path}.MIME"] = self.cut(part.header)
        found[f"{path}.HEADER"] = found[f"{path}.TEXT"] = None
        if part.kind == "multipart":
            self.add_children(found, part, f"{path}.")
        elif part.kind == "message":
            inner = part.children[0]
            found[f"{path}.HEADER"], found[f"{path}.TEXT"] = self.cut(inner.header), self.cut(inner.body)
            self.add_sections(found, inner, f"{path}.")
        else:
            found[f"{path}.1"] = None


def as_member(params):
    return params if params is UNKNOWN else tuple(params) or None


def parse_disposition(raw):
    """(kind, params); parameters alone are those of an attachment."""
    found = KIND.match(raw)
    if not found or re.match(WHITE + b"=", raw[found.end():]):
        return UNKNOWN if raw.strip() else None
    return found[1].lower(), as_member(joined(parse_params(raw, found.end())))


def parse_languages(raw):
    """RFC 3282: tags with commas between them."""
    if not re.fullmatch(rb"%s%s%s(?:,%s%s%s)*" % (WHITE, TOKEN, WHITE, WHITE, TOKEN, WHITE), raw, re.S):
        return UNKNOWN if raw.strip() else None
    return tuple(re.findall(TOKEN, re.sub(COMMENT, b"", raw)))
