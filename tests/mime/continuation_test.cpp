// Parameters in pieces (RFC 2231).

#include "protocol/mime/continuation.h"
#include "protocol/mime/reader.h"
#include "protocol/mime/structure.h"

#include <string>

#include <gtest/gtest.h>

using namespace mail::mime;

namespace {

std::string joined(Params params)
{
    std::string out;
    for (auto const& [name, value] : join_continuations(std::move(params)))
        out.append(name).append("=").append(value).append("|");
    return out;
}

} // namespace

TEST(MimeContinuation, JoinsWhatTheRfcShows)
{
    EXPECT_EQ(joined({ { "access-type", "URL" }, { "URL*0", "ftp://" },
                  { "URL*1", "cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar" } }),
        "access-type=URL|URL=ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar|");
    EXPECT_EQ(joined({ { "title*0*", "us-ascii'en'This%20is%20even%20more%20" },
                  { "title*1*", "%2A%2A%2Afun%2A%2A%2A%20" }, { "title*2", "isn't it!" } }),
        "title*=us-ascii'en'This%20is%20even%20more%20%2A%2A%2Afun%2A%2A%2A%20isn%27t%20it!|");
}

TEST(MimeContinuation, JoinsInAnyOrderAndWithoutCase)
{
    EXPECT_EQ(joined({ { "a", "1" }, { "Name*2", "z" }, { "NAME*0", "x" }, { "b", "2" },
                  { "name*1", "y" } }),
        "a=1|NAME=xyz|b=2|");
    EXPECT_EQ(
        joined({ { "x*0", "1" }, { "y*0", "2" }, { "x*1", "3" }, { "y*1", "4" } }), "x=13|y=24|");
    EXPECT_EQ(joined({ { "name*0", "alone" } }), "name=alone|");
    EXPECT_EQ(joined({ { "name*0", "100% \xC3\xBC" }, { "name*1*", "%41" } }),
        "name*=''100%25%20%C3%BC%41|");
}

TEST(MimeContinuation, LeavesWhatIsNotWhole)
{
    for (auto const* name : { "name", "name*", "*0", "name*x", "name*00", "name*01", "name*0x",
             "name**", "name*-1", "name*99999999999999999999999" })
        EXPECT_EQ(joined({ { name, "v" } }), std::string(name) + "=v|");
    EXPECT_EQ(joined({ { "n*1", "v" } }), "n*1=v|");
    EXPECT_EQ(joined({ { "n*0", "v" }, { "n*2", "w" } }), "n*0=v|n*2=w|");
    EXPECT_EQ(joined({ { "n*0", "v" }, { "n*0*", "w" } }), "n*0=v|n*0*=w|");
    EXPECT_EQ(joined({}), "");
}

TEST(MimeContinuation, IsJoinedInBodyStructure)
{
    auto const blob = encode_structure(
        read_message("Content-Type: text/plain; charset*0=utf-; charset*1=8\n"
                     "Content-Disposition: attachment; filename*0*=''a; filename*1=\" b\"\n\n"));
    std::string out;
    StructureView(blob).write_bodystructure(out);
    EXPECT_EQ(out,
        R"(("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 0 0 NIL ("attachment" ("filename*" "''a%20b")) NIL NIL))");
}
