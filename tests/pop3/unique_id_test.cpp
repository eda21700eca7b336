// Formats of unique ids: what they make, and which are refused.
#include "protocol/pop3/unique_id.h"

#include <gtest/gtest.h>

namespace mail::pop3 {
namespace {

    std::string id(std::string_view format, std::uint32_t validity, std::uint32_t uid)
    {
        EXPECT_EQ(problem_of_uidl_format(format), "") << format;
        std::string out;
        UniqueIdFormat(format).append(out, storage::UidValidity { validity }, storage::Uid { uid });
        return out;
    }

    TEST(Pop3UniqueId, LooksAsOtherServersMakeIt)
    {
        EXPECT_EQ(id("%v-%u", 1700000000, 7), "1700000000-7"); // this one, Courier
        EXPECT_EQ(id("%08Xu%08Xv", 0x65535280, 255), "000000FF65535280"); // Dovecot
        EXPECT_EQ(id("%08xv%08xu", 0x65535280, 255), "65535280000000ff"); // UW
        EXPECT_EQ(id("%v.%u", 12, 34), "12.34"); // Cyrus
        EXPECT_EQ(id("%u", 12, 34), "34"); // Cyrus, uidonly
        EXPECT_EQ(id("UID%u-%v", 12, 34), "UID34-12");
        EXPECT_EQ(id("%%%05u", 12, 34), "%00034");
        EXPECT_EQ(id("%010v%u", 12, 34), "000000001234");
        EXPECT_EQ(id("%Xu", 12, 0xffffffff), "FFFFFFFF");
    }

    TEST(Pop3UniqueId, IsUniqueAndAsTheStandardSays)
    {
        for (auto const* format :
            { "%", "%f", "%m", "%g", "%u%", "%08X", "%99999999999999999u", "%u-%q", "%08Xu%f" })
            EXPECT_NE(problem_of_uidl_format(format).find("none of %v and %u"), std::string::npos)
                << format;
        for (auto const* format : { "%u %v", "%u\xc3\xa4", "%u\x7f" })
            EXPECT_NE(problem_of_uidl_format(format).find("printable"), std::string::npos)
                << format;
        for (auto const* format : { "", "%v", "%%u" })
            EXPECT_NE(problem_of_uidl_format(format).find("lacks %u"), std::string::npos) << format;
        for (auto const* format : { "%v%u", "%u0%v", "%04Xu%04Xv", "%vabc%u" })
            EXPECT_NE(problem_of_uidl_format(format).find("look alike"), std::string::npos)
                << format;
        for (auto const& format : { std::string("%71u"), std::string(61, 'x') + "%u" })
            EXPECT_NE(problem_of_uidl_format(format).find("70 are allowed"), std::string::npos)
                << format;
        EXPECT_EQ(problem_of_uidl_format(std::string(60, 'x') + "%u"), "");
        EXPECT_FALSE(UniqueIdFormat("%u").has_uid_validity());
        EXPECT_TRUE(UniqueIdFormat("%u.%v").has_uid_validity());
    }

} // namespace
} // namespace mail::pop3
