// The reader: part trees of ugly messages, the same for every cutting, within its limits and
// linear.

#include "protocol/mime/digest.h"
#include "protocol/mime/preview.h"
#include "protocol/mime/reader.h"
#include "protocol/mime/sort_keys.h"
#include "protocol/mime/structure.h"
#include "tests/mime/support.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace mail::mime;

namespace {

std::string read_file(std::filesystem::path const& path)
{
    std::ifstream in(path, std::ios::binary);
    return { std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>() };
}

struct Fixture {
    std::string name, octets, expected;
};

std::vector<Fixture> corpus()
{
    std::vector<Fixture> fixtures;
    for (auto const& entry :
        std::filesystem::directory_iterator(MAILROOM_SOURCE_DIR "/tests/mime/corpus")) {
        if (entry.path().extension() != ".eml")
            continue;
        auto expected = entry.path();
        expected.replace_extension(".expected");
        fixtures.push_back({ entry.path().stem(), read_file(entry.path()), read_file(expected) });
    }
    return fixtures;
}

std::string body_structure(Message const& message)
{
    auto const blob = encode_structure(message);
    std::string out;
    StructureView(blob).write_bodystructure(out);
    return out;
}

std::string body_structure(std::string_view octets, Limits limits = {})
{
    return body_structure(read_message(octets, limits));
}

/// All that delivery keeps, as text: what the .expected files hold.
std::string described(std::string_view octets)
{
    Digest digest;
    digest.feed(octets);
    auto const d = digest.finish();
    std::string structure, body;
    StructureView const view(d.structure);
    view.write_bodystructure(structure);
    view.write_body(body);
    SubjectKey const subject(d.sort_keys[0]);
    std::string out;
    for (auto const& [name, text] : std::vector<std::pair<std::string_view, std::string_view>> {
             { "ENVELOPE ", d.envelope }, { "BODYSTRUCTURE ", structure }, { "BODY ", body },
             { "PREVIEW ", d.preview }, { "SUBJECT ", subject.base } })
        out.append(name).append(text).append("\n");
    if (subject.is_reply_or_forward)
        out += "REPLY\n";
    auto part = view.root();
    do
        out += fmt::format("PART {} {} {}\n", part.header.begin, part.body.begin, part.body.end);
    while (view.next(part));
    return out;
}

double seconds_for(std::function<void()> const& work)
{
    auto const begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

} // namespace

TEST(MimeReader, GivesWhatIsExpectedOfEveryMessageOfTheCorpus)
{
    auto const fixtures = corpus();
    ASSERT_GE(fixtures.size(), 38U);
    for (auto const& fixture : fixtures) {
        EXPECT_EQ(described(fixture.octets), fixture.expected) << fixture.name;
        EXPECT_EQ(tests::fault_of(read_message(fixture.octets), fixture.octets.size()), "")
            << fixture.name;
    }
}

TEST(MimeReader, GivesTheSameWhereverTheOctetsAreCut)
{
    for (auto const& fixture : corpus()) {
        std::string_view const octets = fixture.octets;
        auto const whole = read_message(octets);
        auto const blob = encode_structure(whole);
        for (std::size_t cut = 0; cut <= octets.size(); ++cut) {
            Reader reader;
            reader.feed(octets.substr(0, cut));
            reader.feed(octets.substr(cut));
            auto const message = reader.finish();
            ASSERT_EQ(encode_structure(message), blob) << fixture.name << " cut at " << cut;
            ASSERT_EQ(message.text_prefix, whole.text_prefix) << fixture.name << " cut at " << cut;
            ASSERT_EQ(message.header, whole.header) << fixture.name << " cut at " << cut;
        }
        for (std::size_t const step : { 1U, 2U, 3U, 7U, 64U }) {
            Reader reader;
            for (std::size_t at = 0; at < octets.size(); at += step)
                reader.feed(octets.substr(at, step));
            ASSERT_EQ(encode_structure(reader.finish()), blob)
                << fixture.name << " in steps of " << step;
        }
    }
}

TEST(MimeReader, MakesATextOfAnEmptyMessage)
{
    EXPECT_EQ(body_structure(""),
        R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL))");
    EXPECT_EQ(body_structure("\r\n"),
        R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL))");
    EXPECT_EQ(body_structure("\r"),
        R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL))");
    EXPECT_EQ(body_structure("\r\r\n\r\n"),
        R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 2 1 NIL NIL NIL NIL))");
}

TEST(MimeReader, CountsOctetsAndLines)
{
    auto const message = read_message("A: b\r\n\r\none\r\ntwo\r\n");
    EXPECT_EQ(message.size, 18U);
    EXPECT_EQ(message.lines, 4U);
    EXPECT_EQ(message.parts[0].lines, 2U);
    EXPECT_EQ(read_message("A: b\n\none\ntwo").parts[0].lines, 2U);
    EXPECT_EQ(read_message("A: b\n\n\n\n").parts[0].lines, 2U);
}

TEST(MimeReader, LeavesTheLineEndInFrontOfABoundaryToTheBoundary)
{
    std::string_view const octets
        = "Content-Type: multipart/mixed; "
          "boundary=b\r\n\r\n--b\r\n\r\none\r\n\r\n--b\r\n\r\n--b\r\n\r\n\r\n--b--";
    auto const message = read_message(octets);
    ASSERT_EQ(message.parts.size(), 4U);
    auto const body = [&](std::size_t i) {
        return octets.substr(
            message.parts[i].body_begin, message.parts[i].body_end - message.parts[i].body_begin);
    };
    EXPECT_EQ(body(1), "one\r\n");
    EXPECT_EQ(message.parts[1].lines, 1U);
    EXPECT_EQ(body(2), "");
    EXPECT_EQ(message.parts[2].lines, 0U);
    EXPECT_EQ(body(3), "");
    EXPECT_EQ(message.parts[3].lines, 0U);
}

TEST(MimeReader, TakesBoundariesWithTrailingBlanksOnlyWhole)
{
    auto const parts = [](std::string_view body) {
        return read_message(
            fmt::format("Content-Type: multipart/mixed; boundary=\"b c\"\n\n{}", body))
            .parts.size();
    };
    EXPECT_EQ(parts("--b c\n\nx\n--b c--\n"), 2U);
    EXPECT_EQ(parts("--b c \t\n\nx\n--b c-- \n--b c\n"), 2U); // behind the end nothing begins
    EXPECT_EQ(parts("--b cd\n\nx\n"), 2U); // only the text that stands for no part at all
    EXPECT_EQ(parts("--b c\n\nx\n--b cc\n\n--b c\r\n\r\ny"), 3U);
    EXPECT_EQ(parts(" --b c\n\nx\n"), 2U);
}

TEST(MimeReader, ReadsABoundaryInPieces)
{
    EXPECT_EQ(
        read_message(
            "Content-Type: multipart/mixed; boundary*1=c; boundary*0=b\n\n--bc\n\nx\n--bc\n\ny\n")
            .parts.size(),
        3U);
}

TEST(MimeReader, EndsWhatIsOpenAtTheBoundaryOfAnOuterMultipart)
{
    auto const message = read_message(
        "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: message/rfc822\n\n"
        "Content-Type: multipart/mixed; boundary=i\n\n--i\n\ninner\n--o\n\nouter\n--o--\n");
    ASSERT_EQ(message.parts.size(), 5U);
    EXPECT_EQ(message.parts[1].kind, PartKind::message);
    EXPECT_EQ(message.parts[3].depth, 3U);
    EXPECT_EQ(message.parts[4].depth, 1U);
    EXPECT_EQ(message.parts[1].body_end, message.parts[3].body_end);
}

TEST(MimeReader, MakesNoPartsBeyondItsLimit)
{
    std::string octets = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    for (int i = 0; i < 12'000; ++i)
        octets += "--b\r\n\r\nx\r\n";
    octets += "--b--\r\n";
    auto const message = read_message(octets);
    EXPECT_EQ(message.parts.size(), 10'000U);
    EXPECT_EQ(tests::fault_of(message, octets.size()), "");
    EXPECT_EQ(message.parts.back().body_end, octets.size()); // the rest is its text
    auto const blob = encode_structure(message);
    StructureView const view(blob);
    ASSERT_TRUE(view.valid());
    std::vector<std::uint32_t> const path { 9'999 };
    ASSERT_TRUE(view.find(path));
    EXPECT_EQ(view.find(path)->index, 9'999U);
}

TEST(MimeReader, CallsDeeperPartsOctets)
{
    std::string multiparts, messages;
    for (int i = 0; i < 1'000; ++i) {
        auto const boundary = fmt::format("b{}", i);
        multiparts
            += fmt::format("Content-Type: multipart/mixed; boundary={0}\n\n--{0}\n", boundary);
        messages += "Content-Type: message/rfc822\n\n";
    }
    for (auto const& octets : { multiparts, messages }) {
        auto const message = read_message(octets);
        EXPECT_EQ(tests::fault_of(message, octets.size()), "");
        EXPECT_EQ(message.parts.size(), 101U);
        EXPECT_EQ(message.parts.back().type, "application");
        EXPECT_TRUE(tests::is_wire_list(body_structure(message)));
    }
    EXPECT_EQ(read_message(multiparts, { .parts = 10, .depth = 1'000 }).parts.size(),
        11U); // the text of the last one
}

TEST(MimeReader, LooksAtNoMoreOfAHeaderThanItMay)
{
    std::string octets = "From: a@b.example\r\n";
    while (octets.size() < 3'000'000)
        octets += "X-Filler: and so on and so on and so on\r\n";
    octets += "Subject: too late\r\n\r\nbody\r\n";
    auto const message = read_message(octets);
    EXPECT_EQ(message.header.size(), std::size_t { 1 } << 20);
    EXPECT_EQ(octets.substr(message.parts[0].body_begin), "body\r\n");

    std::string many = "Content-Type: multipart/mixed; boundary=b\n\n";
    for (int i = 0; i < 100; ++i)
        many.append("--b\nContent-Description: ").append(100'000, 'd').append("\n\nx\n");
    std::size_t kept = 0;
    for (auto const& part : read_message(many).parts)
        kept += part.description.size();
    EXPECT_LE(kept, std::size_t { 4 } << 20);
}

TEST(MimeReader, TakesTimeInProportionToTheOctets)
{
    std::string head
        = "Content-Type: multipart/mixed; boundary=\"--------------------------------b0\"\r\n\r\n";
    for (int i = 1; i < 90; ++i) // every line must be compared with all of these
        head += fmt::format(
            "----------------------------------b{}\r\nContent-Type: multipart/mixed; "
            "boundary=\"--------------------------------b{}\"\r\n\r\n",
            i - 1, i);
    std::string lines;
    while (lines.size() < 1'000'000)
        lines += "----------------------------------bx\r\n--\r\n-\r\n--a\r\n\r\n";
    std::size_t parts = 0;
    auto const seconds = seconds_for([&] {
        Reader reader;
        reader.feed(head);
        for (int i = 0; i < 20; ++i)
            reader.feed(lines);
        parts = reader.finish().parts.size();
    });
    EXPECT_EQ(parts, 91U);
    EXPECT_LT(seconds, 40.0); // about 0.3, with sanitizers 5; a quadratic reader needs many minutes

    std::string const endless(100'000'000, '-');
    EXPECT_LT(seconds_for([&] { read_message(endless); }), 20.0);
}

TEST(MimeReader, PrefersThePlainTextOfAnAlternativeForThePreview)
{
    EXPECT_EQ(preview_of_plain(" a\r\n\t b\xC2\xA0 c "), "a b c");
    EXPECT_EQ(
        preview_of_html(
            "<p>a</p><p>b<b>c</b> &lt;&#x41;&euro;&bogus; 1 < 2<!-- no --><script>x<y</script>"),
        "a bc <A\xE2\x82\xAC&bogus; 1 < 2");
    std::string long_text;
    for (int i = 0; i < 300; ++i)
        long_text += "\xC3\xA4";
    EXPECT_EQ(preview_of_plain(long_text).size(), 400U);
    EXPECT_EQ(preview_of(read_message(fmt::format(
                             "Content-Type: text/plain; charset=utf-8\n\n{}", long_text)))
                  .size(),
        400U);
    EXPECT_EQ(preview_of(read_message("Content-Type: image/png\n\nx")), "");
    EXPECT_EQ(
        preview_of(read_message("Content-Type: text/plain\nContent-Disposition: attachment\n\nx")),
        "");
}
