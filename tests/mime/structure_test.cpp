// The stored part tree: sections as FETCH names them, BODYSTRUCTURE as it is sent, damaged blobs.

#include "protocol/mime/reader.h"
#include "protocol/mime/structure.h"
#include "tests/mime/support.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

using namespace mail::mime;

namespace {

std::string sections_message()
{
    std::ifstream in(MAILROOM_SOURCE_DIR "/tests/mime/corpus/sections.eml", std::ios::binary);
    return { std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>() };
}

/// The octets of a section: "" and "1.2" as they are, ".MIME", ".HEADER" and ".TEXT" behind a
/// number.
std::string section(
    std::string const& octets, std::vector<std::uint32_t> const& path, std::string_view what = "")
{
    auto const blob = encode_structure(read_message(octets));
    StructureView const view(blob);
    auto part = view.find(path);
    if (!part)
        return "(none)";
    auto range = part->body;
    if (what == "MIME") {
        range = part->header;
    } else if (what == "HEADER" || what == "TEXT") {
        part = view.embedded(*part);
        if (!part)
            return "(none)";
        range = what == "HEADER" ? part->header : part->body;
    }
    return octets.substr(range.begin, range.size());
}

std::string written(std::string_view octets, bool extended = true)
{
    auto const blob = encode_structure(read_message(octets));
    std::string out;
    if (extended)
        StructureView(blob).write_bodystructure(out);
    else
        StructureView(blob).write_body(out);
    return out;
}

} // namespace

TEST(MimeStructure, FindsTheSectionsOfTheRfcsExample)
{
    auto const m = sections_message();
    EXPECT_EQ(section(m, { 1 }), "this is 1\r\n");
    EXPECT_EQ(section(m, { 1 }, "MIME"), "Content-Type: TEXT/PLAIN\r\n\r\n");
    EXPECT_EQ(section(m, { 2 }), "this is 2\r\n");
    EXPECT_EQ(section(m, { 3 }, "HEADER").substr(0, 20), "Subject: this is 3\r\n");
    EXPECT_EQ(section(m, { 3 }, "TEXT").substr(0, 7), "--3.x\r\n");
    EXPECT_EQ(section(m, { 3, 1 }), "this is 3.1\r\n");
    EXPECT_EQ(section(m, { 3, 2 }), "this is 3.2\r\n");
    EXPECT_EQ(section(m, { 4, 1 }), "this is 4.1\r\n");
    EXPECT_EQ(section(m, { 4, 1 }, "MIME"), "Content-Type: IMAGE/GIF\r\n\r\n");
    EXPECT_EQ(section(m, { 4, 2 }, "HEADER").substr(0, 22), "Subject: this is 4.2\r\n");
    EXPECT_EQ(section(m, { 4, 2, 1 }), "this is 4.2.1\r\n");
    EXPECT_EQ(section(m, { 4, 2, 2, 1 }), "this is 4.2.2.1\r\n");
    EXPECT_EQ(section(m, { 4, 2, 2, 2 }), "this is 4.2.2.2\r\n");
    EXPECT_EQ(section(m, { 5 }, "TEXT"), "this is 5.1");
    EXPECT_EQ(section(m, { 5, 1 }), "this is 5.1");
    EXPECT_EQ(section(m, { 5, 1 }, "MIME"), "Subject: this is 5\r\n\r\n");
    for (auto const& path : std::vector<std::vector<std::uint32_t>> { { 0 }, { 6 }, { 1, 1 },
             { 3, 3 }, { 4, 2, 3 }, { 5, 2 }, { 5, 1, 1 }, { 4294967295U } })
        EXPECT_EQ(section(m, path), "(none)");
    EXPECT_EQ(section(m, { 1 }, "HEADER"), "(none)");
    EXPECT_EQ(section(m, { 4 }, "TEXT"), "(none)");
}

TEST(MimeStructure, TakesTheTextOfASimpleMessageAsPartOne)
{
    EXPECT_EQ(section("A: b\r\n\r\ntext", { 1 }), "text");
    EXPECT_EQ(section("A: b\r\n\r\ntext", { 1 }, "MIME"), "A: b\r\n\r\n");
    EXPECT_EQ(section("A: b\r\n\r\ntext", { 1, 1 }), "(none)");
    EXPECT_EQ(section("A: b\r\n\r\ntext", { 2 }), "(none)");
    std::string const message = "Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\ntext";
    EXPECT_EQ(section(message, { 1 }), "Subject: in\r\n\r\ntext");
    EXPECT_EQ(section(message, { 1 }, "HEADER"), "Subject: in\r\n\r\n");
    EXPECT_EQ(section(message, { 1, 1 }), "text");
    EXPECT_EQ(section(message, {}), "Subject: in\r\n\r\ntext");
}

TEST(MimeStructure, WritesWhatClientsNeed)
{
    // Each line is a fault that a client library works around.
    EXPECT_EQ(written("Content-Type: multipart/alternative; boundary=b\n\n--b--\n"),
        R"((("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL) "alternative" ("boundary" "b") NIL NIL NIL))");
    EXPECT_EQ(written("Content-Type: text\n\n"),
        R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL))");
    EXPECT_EQ(written("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQQ==\n"),
        R"(("application" "octet-stream" NIL NIL NIL "base64" 5 NIL NIL NIL NIL))");
    EXPECT_EQ(written("Content-Type: image/png\nContent-Disposition: attachment\n\n"),
        R"(("image" "png" NIL NIL NIL "7bit" 0 NIL ("attachment" NIL) NIL NIL))");
    EXPECT_EQ(written("Content-Type: message/rfc822\n\n"),
        R"(("message" "rfc822" NIL NIL NIL "7bit" 0 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL) 0 NIL NIL NIL NIL))");
}

TEST(MimeStructure, WritesTheShortFormWithoutExtensions)
{
    std::string_view const octets = "Content-Type: multipart/mixed; boundary=b\nContent-Language: "
                                    "en, de\nContent-Location: l\n\n"
                                    "--b\nContent-ID: <i>\nContent-Description: d "
                                    "\"q\"\nContent-MD5: m\nContent-Language: fr\n\nx\n--b--\n";
    EXPECT_EQ(written(octets, false),
        R"((("text" "plain" ("charset" "us-ascii") "<i>" "d \"q\"" "7bit" 1 1) "mixed"))");
    EXPECT_EQ(written(octets),
        R"((("text" "plain" ("charset" "us-ascii") "<i>" "d \"q\"" "7bit" 1 1 "m" NIL "fr" NIL) "mixed" ("boundary" "b") NIL ("en" "de") "l"))");
}

TEST(MimeStructure, ShowsMessageGlobalAsALeafToThoseWhoDoNotKnowIt)
{
    std::string const octets
        = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
          "--b\r\nContent-Type: message/global\r\n\r\n"
          "Content-Type: multipart/mixed; "
          "boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c\r\n\r\ny\r\n--c--\r\n"
          "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: z\r\n\r\nz\r\n--b--\r\n";
    auto const blob = encode_structure(read_message(octets));
    std::string leaf;
    StructureView(blob).write_bodystructure(leaf, Globals::are_leaves);
    EXPECT_EQ(leaf,
        R"((("message" "global" NIL NIL NIL "7bit" 70 NIL NIL NIL NIL))"
        R"(("message" "rfc822" NIL NIL NIL "7bit" 15 (NIL "z" NIL NIL NIL NIL NIL NIL NIL NIL) )"
        R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 1 NIL NIL NIL NIL) 3 NIL NIL NIL NIL) )"
        R"("mixed" ("boundary" "b") NIL NIL NIL))");
    std::string message;
    StructureView(blob).write_bodystructure(message, Globals::are_messages);
    EXPECT_EQ(message, written(octets));
    EXPECT_NE(message.find(R"("message" "global" NIL NIL NIL "7bit" 70 (NIL)"), std::string::npos)
        << message;
}

TEST(MimeStructure, DescribesOnePart)
{
    auto const m = sections_message();
    auto const blob = encode_structure(read_message(m));
    StructureView const view(blob);
    auto const part = [&](std::vector<std::uint32_t> const& path) {
        std::string out;
        view.write_part(out, *view.find(path));
        return out;
    };
    auto const whole = written(m);
    std::string top;
    view.write_part(top, view.root());
    EXPECT_EQ(top, whole);
    // Each stands in the whole as it stands alone, children and all.
    for (auto const& path : std::vector<std::vector<std::uint32_t>> { { 1 }, { 2 }, { 3 }, { 3, 1 },
             { 4 }, { 4, 1 }, { 4, 2 }, { 4, 2, 2 }, { 4, 2, 2, 2 } })
        EXPECT_NE(whole.find(part(path)), std::string::npos) << part(path);

    std::string decoded;
    write_decoded_leaf(decoded, *view.find(std::vector<std::uint32_t> { 1 }), 1234, 56);
    EXPECT_NE(decoded.find(R"("binary" 1234 56 NIL)"), std::string::npos) << decoded;
    std::string header;
    write_header_part(header, 30, 2);
    EXPECT_EQ(header, R"(("text" "rfc822-headers" NIL NIL NIL "8bit" 30 2 NIL NIL NIL NIL))");
    std::string as_part;
    view.write_as_part(as_part, "(envelope)");
    EXPECT_EQ(as_part,
        R"(("message" "rfc822" NIL NIL NIL "8bit" )" + std::to_string(m.size()) + " (envelope) "
            + whole + " " + std::to_string(view.message_lines()) + " NIL NIL NIL NIL)");
}

TEST(MimeStructure, TellsCharsetsAndNames)
{
    auto const blob = encode_structure(read_message(
        "Content-Type: Text/Plain; CHARSET*=us-ascii''KOI8-R; name*0=a; name*1=b\n\n"));
    auto const root = StructureView(blob).root();
    EXPECT_TRUE(root.is_text());
    EXPECT_EQ(root.charset(), "koi8-r");
    EXPECT_EQ(root.params.find("name"), "ab");
    EXPECT_EQ(root.params.find("missing"), std::nullopt);
}

TEST(MimeStructure, RefusesDamagedBlobs)
{
    std::string const stub
        = R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL))";
    auto const blob = encode_structure(read_message(sections_message()));
    for (std::size_t size = 0; size < blob.size(); ++size) {
        StructureView const view(std::string_view(blob).substr(0, size));
        ASSERT_FALSE(view.valid()) << size;
        std::string out;
        view.write_bodystructure(out);
        ASSERT_EQ(out, stub);
    }
    for (std::size_t i = 0; i < blob.size(); ++i)
        for (int const octet : { 0, 1, 0x7f, 0xff }) {
            auto damaged = blob;
            damaged[i] = static_cast<char>(octet);
            StructureView const view(damaged);
            std::string out;
            view.write_bodystructure(out);
            auto part = view.root();
            do {
                ASSERT_LE(part.body.end, view.message_size());
                part.charset();
            } while (view.next(part));
        }
}
