"""ENVELOPE, BODYSTRUCTURE and every section of some thousand messages, against three who know better: the generator
that made the messages, the oracle of oracle.py, and Python's email package where it reads mail as the RFCs do.

MAILROOM_LETTERS says how many are made of each sort (default 1000).
"""

import dataclasses
import os
import pathlib
import unittest

import grammar
import harness
import letters
import oracle
import wire
from pythons_reading import PythonsReading

COUNT = int(os.environ.get("MAILROOM_LETTERS", "1000"))
STORED = (pathlib.Path(__file__).parent / "messages", pathlib.Path(__file__).parents[1] / "mime/corpus")
WINDOW = 40  # commands sent before their answers are read
FIELDS = (b"subject", b"to", b"content-type", b"x-none")


def stored_letters():
    return {f"{path.parent.name}/{path.name}": path.read_bytes()
            for folder in STORED for path in sorted(folder.glob("*.eml"))}


class Grammar(unittest.TestCase):
    """The reader of responses takes nothing that the grammar has not: what it passes means something."""

    ENVELOPE = b'* 1 FETCH (ENVELOPE (NIL "s" %s NIL NIL NIL NIL NIL NIL NIL))'
    BODY = (b'* 1 FETCH (BODYSTRUCTURE (("text" "plain" ("charset" "x") NIL NIL "7bit" 1 1 NIL ("inline" NIL) "en" NIL)'
            b'("message" "rfc822" NIL NIL NIL "7bit" 9 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) '
            b'("image" "png" NIL NIL NIL "7bit" 0 NIL NIL NIL NIL) 1 NIL NIL NIL NIL) "mixed" NIL NIL ("a" "b") NIL))')

    def read(self, text, *literals):
        return grammar.fetched(wire.Response(text, list(literals)))[1]

    def test_what_it_takes(self):
        got = self.read(self.ENVELOPE % b'((NIL NIL "a" "b")(NIL NIL "g" NIL)(NIL NIL NIL NIL))')["ENVELOPE"]
        self.assertEqual((grammar.Address(None, None, b"a", b"b"), grammar.Address(None, None, b"g", None),
                          grammar.Address(None, None, None, None)), got.sent_from)
        body = self.read(self.BODY)["BODYSTRUCTURE"]
        self.assertEqual([b"text", b"message"], [child.type for child in body.children])
        self.assertEqual((b"a", b"b"), body.languages)
        self.assertEqual({"UID": 7, "BODY[1.TEXT<5>]": b"abc"}, self.read(b"* 2 FETCH (UID 7 BODY[1.TEXT]<5> {3})", b"abc"))

    def test_what_it_refuses(self):
        addresses = (b"()", b"(NIL)", b'((NIL NIL "a" "b") (NIL NIL "c" "d"))', b'((NIL NIL "g" NIL))',
                     b"((NIL NIL NIL NIL))", b'((NIL NIL NIL "b"))', b'((NIL  NIL "a" "b"))', b'(("a\\b" NIL "a" "b"))',
                     b'(("\xc3\xa4" NIL "a" "b"))', b'((x NIL "a" "b"))')
        for text in addresses:
            with self.subTest(text), self.assertRaises(grammar.Violation):
                self.read(self.ENVELOPE % text)
        for before, after in ((b'"7bit" 1 1', b'"7bit" 1'), (b'"7bit" 1 1', b"NIL 1 1"), (b'"7bit" 1 1', b'"7bit" 01 1'),
                              (b'"7bit" 1 1', b'"7bit" -1 1'), (b')("message', b') ("message'), (b' "mixed"', b' NIL'),
                              (b'("inline" NIL)', b'"inline"'), (b'("charset" "x")', b'("charset")'), (b'("charset" "x")', b"()"),
                              (b' ("a" "b") NIL))', b' ("a" "b")))'), (b"))", b")) "), (b'1 NIL NIL NIL NIL) "m', b'1) "m'),
                              (b'"image"', b'"multipart"')):
            self.assertIn(before, self.BODY)
            with self.subTest(after), self.assertRaises(grammar.Violation):
                self.read(self.BODY.replace(before, after, 1))
        for text in (b"* 1 FETCH (UID 1 UID 1)", b"* 1 FETCH ()", b"* 1 FETCH (UID 1", b"* 1 FETCH (UID 1) "):
            with self.subTest(text), self.assertRaises(grammar.Violation):
                self.read(text)


class Structures(harness.ServerTest):
    def setUp(self):
        self.imap = self.server.imap()
        self.addCleanup(self.imap.close)

    def fill(self, mailbox, messages):
        """Appends them, many at a time."""
        self.imap.ok(f"CREATE {mailbox}")
        for batch in chunks(messages, WINDOW):
            tags = []
            for octets in batch:
                tags.append(self.imap.tag())
                self.imap.send(b"%s APPEND %s {%d+}\r\n%s\r\n" % (tags[-1], mailbox.encode(), len(octets), octets))
            for tag in tags:
                _, tagged = self.imap.finish(tag)
                self.assertTrue(tagged.startswith(b"OK"), tagged)
        self.imap.ok(f"EXAMINE {mailbox}")

    def fetch_all(self, requests):
        """The items of each (number, text of the items), in order; commands go out WINDOW at a time."""
        for batch in chunks(requests, WINDOW):
            tags = []
            for number, items in batch:
                tags.append(self.imap.tag())
                self.imap.send(b"%s FETCH %d (%s)\r\n" % (tags[-1], number, items.encode()))
            for tag, (number, items) in zip(tags, batch):
                untagged, tagged = self.imap.finish(tag)
                self.assertTrue(tagged.startswith(b"OK"), (items, tagged))
                self.assertEqual(1, len(untagged), untagged)
                got, values = grammar.fetched(untagged[0])
                self.assertEqual(number, got)
                yield values

    def check(self, mailbox, messages):
        """Every answer about each of the messages, given as {name: octets}, against the oracle."""
        self.fill(mailbox, list(messages.values()))
        known = [(name, oracle.Letter(octets)) for name, octets in messages.items()]
        self.check_structures(known)
        self.check_sections(known)
        unread = [name for name, letter in known if not letter.is_readable()]
        self.assertLess(len(unread), 0.05 * len(known) + 1, unread)
        return dict(known)

    def check_structures(self, known):
        fields = " ".join(name.decode() for name in FIELDS).upper()
        items = (f"RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS ({fields})] "
                 f"BODY.PEEK[HEADER.FIELDS.NOT ({fields})]")
        requests = [(number, items) for number in range(1, len(known) + 1)]
        for (name, letter), got in zip(known, self.fetch_all(requests)):
            letter.told = got["BODYSTRUCTURE"]
            with self.subTest(name):
                self.assertEqual(len(letter.octets), got["RFC822.SIZE"])
                self.assertEqual([], list(differences(letter.envelope(), got["ENVELOPE"], "envelope")))
                if letter.is_readable():
                    self.assertEqual([], list(differences(letter.structure(), got["BODYSTRUCTURE"], "body")))
                self.assertEqual(got["BODYSTRUCTURE"].short(), got["BODY"])
                self.assertEqual(letter.header_fields(FIELDS), got[f"BODY[HEADER.FIELDS ({fields})]"])
                self.assertEqual(letter.header_fields(FIELDS, others=True), got[f"BODY[HEADER.FIELDS.NOT ({fields})]"])

    def check_sections(self, known):
        """All sections of each message, some that it does not have, and pieces of some."""
        asked = []
        for number, (name, letter) in enumerate(known, start=1):
            if not letter.is_readable():
                continue
            expected = letter.sections()
            for index, path in enumerate(list(expected)):
                whole = expected[path]
                if whole and index % 5 == number % 5:
                    for first, size in {0: 7, len(whole) - 1: 3, len(whole) + 1: 4}.items():
                        expected[f"{path}]<{first}.{size}>"] = whole[first:first + size]
            asked += [(number, name, part) for part in chunks(list(expected.items()), 60)]
        requests = [(number, " ".join(request_of(path) for path, _ in part)) for number, _, part in asked]
        for (number, name, part), got in zip(asked, self.fetch_all(requests)):
            with self.subTest(name):
                self.assertEqual({answer_name(path): octets for path, octets in part}, got)
                self.check_counts(known[number - 1][1].told, got)

    def check_counts(self, body, sections):
        """The octets and lines that BODYSTRUCTURE tells are those of the section that it tells them of."""
        for path, part in paths_of(body):
            octets = sections.get(f"BODY[{path}]")
            if octets is None or part.octets is None:
                continue
            self.assertEqual(part.octets, len(octets), path)
            if part.lines is not None and b"\n" in octets:
                self.assertEqual(part.lines, octets.count(b"\n") + (not octets.endswith(b"\n")), path)

    def test_letters(self):
        """What the generator meant is what the server tells."""
        made = {f"letter {n}": letters.letter(n) for n in range(COUNT)}
        known = self.check("Letters", {name: octets for name, (_, octets) in made.items()})
        readings = 0
        for name, (node, _) in made.items():
            with self.subTest(name):
                self.check_meaning(node, known[name].told)
                self.check_lists(node, known[name].envelope())
                readings += self.check_python(known[name])
        self.assertGreater(readings, COUNT * 2, "Python's package has hardly been asked")

    def check_meaning(self, node, body):
        self.assertEqual((node.type, node.subtype), (body.type, body.subtype))
        params = [p for p in body.params or () if p != (b"charset", b"us-ascii")]
        self.assertCountEqual(node.params, params)
        if not node.children:
            self.assertEqual(len(node.body), body.octets)
        self.assertEqual(len(node.children), len(body.children))
        for ours, theirs in zip(node.children, body.children):
            self.check_meaning(ours, theirs)
        if body.envelope:
            self.check_lists(node.children[0], body.envelope)

    def check_lists(self, message, envelope):
        for name, member in zip(letters.LISTS, ("sent_from", "sender", "reply_to", "to", "cc", "bcc")):
            meant = message.lists.get(name) or None
            if name in ("Sender", "Reply-To"):
                meant = meant or message.lists.get("From") or None
            self.assertEqual(meant, getattr(envelope, member), name)

    def check_python(self, letter):
        reading = PythonsReading(letter)
        if not reading.is_usable():
            return 0
        self.assertEqual([], reading.differences())
        return reading.compared

    def test_damaged_letters(self):
        known = self.check("Damaged", {f"damaged {n}": letters.damaged(n) for n in range(COUNT)})
        readings = 0
        for name, letter in known.items():
            with self.subTest(name):
                readings += self.check_python(letter)
        self.assertGreater(readings, COUNT, "Python's package has hardly been asked")

    def test_odd_messages_of_real_mail(self):
        found = stored_letters()
        self.assertGreater(len(found), 60)
        known = self.check("Real", found)
        for name, letter in known.items():
            with self.subTest(name):
                self.check_python(letter)

    def test_depth_without_end(self):
        deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(150))
        shell = b"Content-Type: message/rfc822\r\n\r\n" * 150
        self.check("Deep", {"multiparts": deep + b"\r\ntext\r\n", "messages": shell + b"Subject: x\r\n\r\ntext\r\n"})


def differences(expected, got, path):
    """What is not equal in two values of grammar.py."""
    if expected == got:
        return
    if dataclasses.is_dataclass(expected) and type(expected) is type(got):
        for field in dataclasses.fields(expected):
            yield from differences(getattr(expected, field.name), getattr(got, field.name), f"{path}.{field.name}")
    elif isinstance(expected, tuple) and isinstance(got, tuple) and len(expected) == len(got):
        for index, (one, other) in enumerate(zip(expected, got)):
            yield from differences(one, other, f"{path}[{index}]")
    else:
        yield f"{path}: {expected!r} expected, but it is {got!r}"


def chunks(items, size):
    return [items[i:i + size] for i in range(0, len(items), size)]


def request_of(path):
    return f"BODY.PEEK[{path}" + ("" if "<" in path else "]")


def answer_name(path):
    """As grammar.fetched() names the section: of a partial only the first octet."""
    section, _, partial = path.partition("]<")
    return f"BODY[{section}<{partial.split('.')[0]}>]" if partial else f"BODY[{section}]"


def paths_of(body, prefix=""):
    """(section number, part) of each part of a message."""
    if body.type != b"multipart":
        yield from paths_of_part(body, f"{prefix}1")
    for number, child in enumerate(body.children if body.type == b"multipart" else (), start=1):
        yield from paths_of_part(child, f"{prefix}{number}")


def paths_of_part(part, path):
    yield path, part
    if part.type == b"multipart":
        for number, child in enumerate(part.children, start=1):
            yield from paths_of_part(child, f"{path}.{number}")
    elif part.children:
        yield from paths_of(part.children[0], f"{path}.")
