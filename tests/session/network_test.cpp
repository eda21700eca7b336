// Networks of client addresses.
#include "protocol/network.h"

#include <gtest/gtest.h>

namespace mail {
namespace {

    bool contains(char const* network, char const* address)
    {
        auto const parsed = Network::parse(network);
        EXPECT_TRUE(parsed) << network;
        return parsed && parsed->contains(address);
    }

    TEST(Network, ContainsItsAddresses)
    {
        EXPECT_TRUE(contains("192.0.2.0/24", "192.0.2.255"));
        EXPECT_FALSE(contains("192.0.2.0/24", "192.0.3.0"));
        EXPECT_TRUE(contains("192.0.2.128/25", "192.0.2.200"));
        EXPECT_FALSE(contains("192.0.2.128/25", "192.0.2.127"));
        EXPECT_TRUE(contains("192.0.2.7", "192.0.2.7"));
        EXPECT_FALSE(contains("192.0.2.7", "192.0.2.8"));
        EXPECT_TRUE(contains("0.0.0.0/0", "203.0.113.9"));
        EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
        EXPECT_TRUE(contains("2001:db8::/32", "2001:db8:ffff::1"));
        EXPECT_FALSE(contains("2001:db8::/32", "2001:db9::1"));
        EXPECT_TRUE(contains("::/0", "203.0.113.9")) << "IPv4 is within IPv6";
        EXPECT_FALSE(contains("::/0", "local"));
    }

    TEST(Network, RefusesWhatIsNone)
    {
        for (auto const* text : { "", "local", "192.0.2", "192.0.2.0/33", "192.0.2.0/",
                 "192.0.2.0/x", "2001:db8::/129", "192.0.2.0/24x", "example.org", "/8" })
            EXPECT_FALSE(Network::parse(text)) << text;
    }

} // namespace
} // namespace mail
