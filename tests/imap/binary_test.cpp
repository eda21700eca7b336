// BINARY: parts without their transfer encoding, and literals with NULs (RFC 3516).
#include "tests/imap/nested_message.h"
#include "tests/support/sharing.h"
#include "tests/support/transcript.h"

#include "protocol/imap/extract.h"
#include "protocol/sasl/base64.h"

#include <charconv>
#include <optional>

namespace mail::test {
namespace {

    using namespace std::string_literals;

    std::string base64(std::string_view octets, std::string_view line_end = "\r\n")
    {
        std::string lines;
        for (; !octets.empty(); octets.remove_prefix(std::min<std::size_t>(57, octets.size()))) {
            sasl::append_base64(lines, octets.substr(0, 57));
            lines += line_end;
        }
        return lines;
    }

    /// 1: text in quoted-printable; 2: base64 with a NUL; 3: of an unknown encoding; 4: base64 text
    /// with bare LFs; 5: 8-bit text; 6: a message; 7: empty.
    std::string mixed_message()
    {
        auto const whole = multipart("Subject: mixed\r\n", "mixed", "b",
            { leaf("Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n",
                  "Gr=C3=BC=C3=9Fe=\r\n, ein Satz=0Aund\nnoch einer  \r\n"),
                leaf("Content-Type: image/png\r\nContent-Transfer-Encoding: BASE64\r\n",
                    base64("\x01\x00\x02\xff"s)),
                leaf("Content-Type: image/png\r\nContent-Transfer-Encoding: x-blurdybloop\r\n",
                    "?!"),
                leaf("Content-Type: text/x-patch\r\nContent-Transfer-Encoding: base64\r\n",
                    base64("a\nb\n")),
                leaf("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
                     "8bit\r\n",
                    "Gr\xc3\xbc\n\nx\r\n"),
                embedded(leaf("Subject: inner\r\n", "inner text\r\n")),
                leaf("Content-Type: image/gif\r\nContent-Transfer-Encoding: base64\r\n", "") });
        return whole.header + whole.body;
    }

    Transcript with_mixed()
    {
        return Transcript { mailbox("INBOX", { { mixed_message(), storage::Flags::seen } }) };
    }

    /// What a FETCH of one item answers: "{n}" or "~{n}" and the octets, or another value.
    std::pair<std::string, std::string> fetch(
        Transcript& imap, std::string const& item, std::string const& label)
    {
        imap.send("f UID FETCH 1 " + item + "\r\n");
        auto line = imap.read_line();
        auto const begin = "* 1 FETCH (UID 1 " + label + " ";
        EXPECT_TRUE(line.starts_with(begin)) << line;
        line.erase(0, std::min(begin.size(), line.size()));
        std::string octets;
        if (line.ends_with('}')) {
            std::size_t size = 0;
            std::from_chars(line.data() + line.find('{') + 1, line.data() + line.size(), size);
            octets = imap.read_octets(size);
            imap.expect(")");
        } else {
            line.pop_back();
        }
        imap.expect("f OK *");
        return { line, octets };
    }

    std::string binary(Transcript& imap, std::string const& section)
    {
        auto const [form, octets]
            = fetch(imap, "BINARY.PEEK[" + section + "]", "BINARY[" + section + "]");
        auto const [size, none]
            = fetch(imap, "BINARY.SIZE[" + section + "]", "BINARY.SIZE[" + section + "]");
        EXPECT_EQ(size, std::to_string(octets.size())) << section;
        bool const has_nul = octets.find('\0') != std::string::npos;
        EXPECT_EQ(form, (has_nul ? "~{" : "{") + std::to_string(octets.size()) + "}") << section;
        return octets;
    }

    TEST(ImapBinary, DecodesParts)
    {
        auto imap = with_mixed();
        imap.login().select("INBOX");
        EXPECT_EQ(binary(imap, "1"),
            "Gr\xc3\xbc\xc3\x9f"
            "e, ein Satz\nund\r\nnoch einer\r\n");
        EXPECT_EQ(binary(imap, "2"), "\x01\x00\x02\xff"s);
        EXPECT_EQ(binary(imap, "4"), "a\nb\n") << "what base64 hides is no line of the message";
        EXPECT_EQ(binary(imap, "5"), "Gr\xc3\xbc\r\n\r\nx\r\n");
        EXPECT_EQ(binary(imap, "6"), "Subject: inner\r\n\r\ninner text\r\n");
        EXPECT_EQ(binary(imap, "6.1"), "inner text\r\n");
        EXPECT_EQ(binary(imap, "7"), "");
        EXPECT_EQ(binary(imap, ""), mixed_message()) << "a message is not encoded itself";
    }

    TEST(ImapBinary, SendsPartsOfDecodedOctets)
    {
        auto imap = with_mixed();
        imap.login().select("INBOX");
        auto const part = [&](std::string const& section, std::string const& range) {
            return fetch(imap, "BINARY.PEEK[" + section + "]<" + range + ">",
                "BINARY[" + section + "]<" + range.substr(0, range.find('.')) + ">");
        };
        EXPECT_EQ(part("1", "7.5").second, ", ein");
        EXPECT_EQ(part("1", "7.5").first, "{5}");
        EXPECT_EQ(part("2", "0.1"), std::pair("{1}"s, "\x01"s)) << "the NUL is not in this range";
        EXPECT_EQ(part("2", "1.100"), std::pair("~{3}"s, "\x00\x02\xff"s));
        EXPECT_EQ(part("2", "4.1"), std::pair("{0}"s, ""s));
        EXPECT_EQ(part("2", "9223372036854775807.9223372036854775807"), std::pair("{0}"s, ""s));
        EXPECT_EQ(part("6", "9.5").second, "inner");
        EXPECT_EQ(part("9", "0.1"), std::pair("NIL"s, ""s));
    }

    TEST(ImapBinary, APartThatIsNotThereIsNil)
    {
        auto imap = with_mixed();
        imap.login().select("INBOX");
        EXPECT_EQ(fetch(imap, "BINARY.PEEK[8]", "BINARY[8]").first, "NIL");
        EXPECT_EQ(fetch(imap, "BINARY.SIZE[8]", "BINARY.SIZE[8]").first, "0");
    }

    TEST(ImapBinary, UnknownEncodingsAreRefused)
    {
        Transcript imap { mailbox(
            "INBOX", { { mixed_message() }, { "Subject: x\r\n\r\nthree\r\n" } }) };
        imap.login().select("INBOX").play(R"(
            C: a1 FETCH 1 BINARY[3]
            S: a1 NO [UNKNOWN-CTE] *
            C: a2 FETCH 1 (BINARY.SIZE[3] FLAGS BINARY[3])
            S: * 1 FETCH (FLAGS (\Recent))
            S: a2 NO [UNKNOWN-CTE] *
            C: a3 UID FETCH 1:2 (BINARY.SIZE[3] BINARY.SIZE[1])
            S: * 1 FETCH (UID 1 BINARY.SIZE[1] 35)
            S: * 2 FETCH (UID 2 BINARY.SIZE[3] 0 BINARY.SIZE[1] 7)
            S: a3 NO [UNKNOWN-CTE] *
            C: a4 FETCH 1 BODY.PEEK[3]
            S: * 1 FETCH (BODY[3] {2}
            S: ?!)
            S: a4 OK *
            C: a5 FETCH 1 (BINARY[3] BODY[7])
            S: * 1 FETCH (BODY[7] {0}
            S:  FLAGS (\Seen \Recent))
            S: a5 NO [UNKNOWN-CTE] *
        )");
    }

    TEST(ImapBinary, MarksAsSeenUnlessItPeeks)
    {
        Transcript imap { mailbox("INBOX", { { mixed_message() } }) };
        imap.login().select("INBOX").play(R"(
            C: a1 FETCH 1 (BINARY.SIZE[6] BINARY.PEEK[7])
            S: * 1 FETCH (BINARY.SIZE[6] 30 BINARY[7] {0}
            S: )
            S: a1 OK *
            C: a2 FETCH 1 BINARY[7]
            S: * 1 FETCH (BINARY[7] {0}
            S:  FLAGS (\Seen \Recent))
            S: a2 OK *
        )");
    }

    TEST(ImapBinary, BelongsToRev2ButForLiteral8)
    {
        auto const world = Transcript::make_world({ mailbox("INBOX", { { mixed_message() } }) });
        world->settings.imap.capabilities_off = { "BINARY" };
        Transcript imap(world, {});
        imap.login().select("INBOX").play(R"(
            C: a1 FETCH 1 BINARY.SIZE[6]
            S: a1 BAD *
            C: a2 APPEND INBOX ~{3}
            S: a2 BAD *
            C: a3 APPEND INBOX ~{3+}
            C: abc
            S: a3 BAD *
            C: a4 ENABLE IMAP4rev2
            S: * ENABLED IMAP4rev2
            S: a4 OK *
            C: a5 FETCH 1 BINARY.SIZE[6]
            S: * 1 FETCH (BINARY.SIZE[6] 30)
            S: a5 OK *
            C: a6 APPEND INBOX ~{3}
            S: a6 BAD *
        )");
    }

    /// Noise that has every octet, NUL too.
    std::string noise(std::size_t size)
    {
        std::string octets;
        for (std::uint64_t i = 0; octets.size() < size; ++i)
            octets += static_cast<char>((i * 6364136223846793005U + 1442695040888963407U) >> 33);
        return octets;
    }

    TEST(ImapBinary, StreamsAHugePart)
    {
        auto const content = noise(12'000'000);
        auto const whole = multipart("Subject: huge\r\n", "mixed", "b",
            { leaf("Content-Type: text/plain\r\n", "small\r\n"),
                leaf("Content-Type: video/mp4\r\nContent-Transfer-Encoding: base64\r\n",
                    base64(content)) });
        Transcript imap { mailbox(
            "INBOX", { { whole.header + whole.body, storage::Flags::seen } }) };
        imap.login().select("INBOX");
        imap.stream().largest_write = 0;
        EXPECT_TRUE(binary(imap, "2") == content);
        EXPECT_LE(imap.stream().largest_write, 400'000U);
        EXPECT_TRUE(fetch(imap, "BINARY.PEEK[2]<11000000.900000>", "BINARY[2]<11000000>").second
            == content.substr(11000000, 900000));
        // What is due before and behind it comes all the same.
        imap.send("a FETCH 1 (BINARY.SIZE[2] BINARY[2] BINARY[1])\r\n");
        imap.expect("* 1 FETCH (BINARY.SIZE[2] 12000000 BINARY[2] ~{12000000}");
        EXPECT_TRUE(imap.read_octets(content.size()) == content);
        imap.expect(" BINARY[1] {7}").expect("small").expect(")").expect("a OK *");
    }

    TEST(ImapBinary, HoldsNoMoreThanAFrameOfAHugePart)
    {
        auto const content = noise(3'000'000);
        auto const encoded = base64(content);
        Transcript imap { mailbox("INBOX",
            { { "Content-Transfer-Encoding: base64\r\nContent-Type: image/png\r\n\r\n"
                + encoded } }) };
        auto const hot = stored_record(imap.services(), "alice", "INBOX", 1);
        auto const txn = imap.services().store().volume_of(imap.services().account("alice")).read();
        imap::Decoding const how { .encoding = mime::TransferEncoding::base64 };
        auto extract = imap::Extract::decoded(
            hot.body, { hot.size - encoded.size(), hot.size }, how, std::nullopt);
        int steps = 0;
        while (!extract.is_measured()) {
            EXPECT_LE(extract.measure(txn), 256U * 1024);
            ASSERT_LT(++steps, 100);
        }
        EXPECT_EQ(extract.size(), content.size());
        EXPECT_TRUE(extract.has_nul());
        std::string all;
        while (!extract.is_done()) {
            std::string out;
            EXPECT_LE(extract.read(txn, out), 256U * 1024);
            EXPECT_LE(out.size(), 256U * 1024);
            all += out;
            ASSERT_LT(++steps, 100);
        }
        EXPECT_TRUE(all == content);
    }

    std::string append8(Transcript& imap, std::string const& octets)
    {
        imap.send("a APPEND INBOX ~{" + std::to_string(octets.size()) + "+}\r\n" + octets + "\r\n");
        imap.expect("a OK [APPENDUID *] *");
        imap.send("n STATUS INBOX (UIDNEXT)\r\n");
        auto const line = imap.read_line();
        imap.expect("n OK *");
        std::uint32_t next = 0;
        auto const digits = line.substr(line.find("UIDNEXT ") + 8);
        std::from_chars(digits.data(), digits.data() + digits.size(), next);
        return stored_body(imap.services(), "alice", "INBOX", next - 1);
    }

    TEST(ImapBinary, AppendedPartsWithNulsAreEncoded)
    {
        Transcript imap;
        imap.login();
        auto const content = noise(700'000);
        auto const binary_leaf = [](std::string const& type, std::string body) {
            return leaf("X-First: 1\r\ncontent-transfer-encoding:\r\n Binary\r\nContent-Type: "
                    + type + "\r\n",
                std::move(body));
        };
        auto const base64_leaf = [](std::string const& type, std::string const& body) {
            auto encoded = base64(body);
            encoded.resize(encoded.size() - 2); // the last line end is the boundary's
            return leaf(
                "X-First: 1\r\nContent-Transfer-Encoding: base64\r\nContent-Type: " + type + "\r\n",
                encoded);
        };
        auto const make = [&](auto const& first, auto const& second, auto const& third) {
            auto const inner = multipart("Subject: inner\r\n", "mixed", "inner", { second, third });
            auto const whole = multipart("Subject: outer\r\n", "mixed", "outer",
                { first, embedded(inner),
                    leaf("Content-Transfer-Encoding: binary\r\n", "no\rlines") });
            return whole.header + whole.body;
        };
        auto const sent = make(binary_leaf("image/png", content), leaf("", "plain\r\n"),
            binary_leaf("image/gif", "\0\0"s));
        auto const kept = make(base64_leaf("image/png", content), leaf("", "plain\r\n"),
            base64_leaf("image/gif", "\0\0"s));
        EXPECT_TRUE(append8(imap, sent) == kept);
        imap.select("INBOX");
        EXPECT_TRUE(binary(imap, "1") == content);
        EXPECT_EQ(binary(imap, "2.2"), "\0\0"s);
    }

    TEST(ImapBinary, AMessageOfOnePartIsEncodedToItsEnd)
    {
        Transcript imap;
        imap.login();
        EXPECT_EQ(append8(imap, "Content-Transfer-Encoding: binary\r\nSubject: x\r\n\r\n\0"s),
            "Content-Transfer-Encoding: base64\r\nSubject: x\r\n\r\nAA==\r\n");
    }

    TEST(ImapBinary, AllElseStaysAsItWas)
    {
        Transcript imap;
        imap.login();
        for (auto const& octets : { "Content-Transfer-Encoding: binary\r\n\r\nno NUL, no\rlines"s,
                 "Subject: x\r\n\r\na NUL \0 in 7bit text"s, "\0"s, "Subject: \0\r\n\r\n"s,
                 "Content-Transfer-Encoding: 8bit\r\n\r\n\0"s })
            EXPECT_EQ(append8(imap, octets), octets);
        // As a plain literal nothing is changed at all.
        auto const octets = "Content-Transfer-Encoding: binary\r\n\r\n\0"s;
        imap.send("a APPEND INBOX {" + std::to_string(octets.size()) + "+}\r\n" + octets + "\r\n");
        imap.expect("a OK [APPENDUID * 6] *");
        EXPECT_EQ(stored_body(imap.services(), "alice", "INBOX", 6), octets);
    }

    TEST(ImapBinary, Literal8MayBeAskedFor)
    {
        Transcript imap;
        imap.login();
        imap.send("a1 APPEND INBOX (\\Seen) ~{5}\r\n").expect("+ OK").send("a\0b\0c\r\n"s);
        imap.expect("a1 OK [APPENDUID * 1] *");
        EXPECT_EQ(stored_body(imap.services(), "alice", "INBOX", 1), "a\0b\0c"s);
        imap.send("a2 APPEND INBOX ~{52428801}\r\n").expect("a2 NO [TOOBIG] *");
        imap.send("a3 APPEND INBOX ~ {5}\r\n").expect("a3 BAD *");
        imap.send("a4 CREATE ~{3}\r\n").expect("+ OK").send("abc\r\n").expect("a4 BAD *");
        imap.expect_nothing();
    }

} // namespace
} // namespace mail::test
