"""What Python's email package makes of a message, compared with what the oracle does. Left out is what the package
gets wrong; each place says how."""

import email.errors
import email.headerregistry
import email.parser
import email.policy
import re
import urllib.parse

import oracle

ADDRESS_FIELDS = (b"from", b"sender", b"reply-to", b"to", b"cc", b"bcc")
REGISTRY = email.headerregistry.HeaderRegistry()


class PythonsReading:
    """A message as the email package reads it."""

    MISREAD = (email.errors.MissingHeaderBodySeparatorDefect,  # ends a header at "Subject : x" and at any odd line
               email.errors.FirstHeaderLineIsContinuationDefect)

    def __init__(self, letter):
        self.letter = letter
        self.message = email.parser.BytesParser(policy=email.policy.compat32).parsebytes(letter.octets)
        self.compared = 0

    def is_usable(self):
        octets = self.letter.octets
        if not self.letter.is_readable():
            return False
        if re.search(rb"\r(?!\n)", octets):  # it takes each lone CR as a line end
            return False
        if b"\0" in octets or octets.startswith((b"\xef\xbb\xbf", b"From ", b">From ")):
            return False
        if any(self.is_misread(part, outer) for part, outer in self.with_boundaries(self.letter.root, ())):
            return False
        return not any(isinstance(d, self.MISREAD) for part in self.message.walk() for d in part.defects)

    def with_boundaries(self, part, outer):
        """Each part with the boundaries of what it stands in."""
        yield part, outer
        own = (part.boundary(),) if part.kind == "multipart" else ()
        for child in part.children:
            yield from self.with_boundaries(child, outer + own)

    def is_misread(self, part, outer):
        """It gives to the outer multipart what the inner one has of the same boundary, reads no odd lines, and takes
        a boundary with a colon for one more field where the blank line is missing."""
        own = part.boundary() if part.kind == "multipart" else b""
        unfinished = not re.search(rb"(\A|\n)\r?\n\Z", self.letter.cut(part.header))
        return part.junk or (own and own in outer) or (unfinished and any(b":" in b for b in (own, *outer)))

    def differences(self):
        return [*self.compare(self.letter.root, self.message, "root"), *self.compare_addresses()]

    def compare_addresses(self):
        for name, value in self.letter.root.fields:
            ours = oracle.parse_addresses(value) if name in ADDRESS_FIELDS else oracle.UNKNOWN
            # It makes a mess of 8-bit octets, and ends with an exception at a group called "Q." and at "a:; (comment)".
            if ours is oracle.UNKNOWN or re.search(rb"[\x80-\xff]|\.[ \t]*:|;[ \t]*\(", value):
                continue
            groups = REGISTRY("To", oracle.unfolded(value).decode()).groups
            theirs = [(a.username.encode(), a.domain.encode()) for group in groups for a in group.addresses]
            self.compared += 1
            if theirs != [(a.mailbox, a.host) for a in ours if a.host is not None]:
                yield f"{name} has {theirs}"

    def compare(self, part, theirs, path, closed=True):
        self.compared += 1
        raw = part.first_value(b"content-type")
        spelled_out = raw is None or re.match(rb"[ \t\r\n]*%s/%s[ \t\r\n]*(;|\Z)" % (oracle.TOKEN, oracle.TOKEN), raw)
        if not spelled_out:  # it takes all that it does not understand for text/plain
            return
        if part.type == b"application" and theirs.get_content_maintype() in ("multipart", "message"):
            return  # it decodes nothing, and yet looks for a message in what is encoded; and it has no limit of depth
        kind = theirs.get_content_type().encode()
        if kind != part.type + b"/" + part.subtype:
            yield f"{path} is {kind}"
            return
        if raw is not None:
            yield from self.compare_params(part, raw, theirs, path)
        inner = theirs._payload  # get_payload() would decode what is 8-bit
        if part.kind == "leaf":
            if isinstance(inner, list):  # it looks for messages in all of message/*
                return
            octets, ours = (inner or "").encode("ascii", "surrogateescape"), self.letter.cut(part.body)
            if not closed:  # it takes line ends away even where no boundary comes that could own them
                octets, ours = octets.rstrip(b"\r\n"), ours.rstrip(b"\r\n")
            if octets != ours:
                yield f"{path} holds {octets!r}, not {ours!r}"
        elif isinstance(inner, list):  # else the multipart has no boundary, or none in its text
            closed = closed and (part.closed or part.kind == "message")
            if any(child.header[0] == child.body[1] for child in part.children):
                return  # it passes over boundaries that follow one another, even over the last one
            if len(inner) != len(part.children):
                yield f"{path} has {len(inner)} parts, not {len(part.children)}"
            for number, (child, other) in enumerate(zip(part.children, inner), start=1):
                yield from self.compare(child, other, f"{path}.{number}", closed)

    def compare_params(self, part, raw, theirs, path):
        # It knows no comments, makes a mess of 8-bit octets, does not join names with a hyphen, and splits at "="
        # when a value without quotes has one.
        if part.params is oracle.UNKNOWN or re.search(rb"[(\x80-\xff]|-[a-z]+\*|=[^\";]*=", raw):
            return
        params = oracle.joined(part.params)
        names = [name.rstrip(b"*") for name, _ in params]
        if len(names) != len(set(names)) or any(b"*" in name for name in names):  # it joins what has gaps
            return
        expected = {}
        for name, value in params:
            if name.endswith(b"*"):
                value = urllib.parse.unquote_to_bytes(value.split(b"'", 2)[-1])
            expected[name.rstrip(b"*")] = value
        got = {}
        for name, value in theirs.get_params(unquote=True)[1:]:
            if not name:  # of a semicolon without more
                continue
            text = value[2] if isinstance(value, tuple) else value
            got[name.lower().encode()] = re.sub(rb"[\r\n]", b"", text.encode("latin-1"))
        if got != expected:
            yield f"{path} has the parameters {got}, not {expected}"
