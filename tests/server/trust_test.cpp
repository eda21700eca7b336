// Whose mail a listener takes without a login.
#include "server/trust.h"

#include <gtest/gtest.h>

namespace mail::server {
namespace {

    config::Listener lmtp(std::string const& host)
    {
        config::Listener listener;
        listener.protocol = config::Protocol::lmtp;
        listener.endpoint = { host, 24, {} };
        return listener;
    }

    TEST(Trust, IsOfThisMachineUnlessItIsSaid)
    {
        auto const listener = lmtp("0.0.0.0");
        EXPECT_TRUE(is_trusted(listener, { "127.0.0.1", 1, true }));
        EXPECT_TRUE(is_trusted(listener, { "::1", 1, true }));
        EXPECT_FALSE(is_trusted(listener, { "192.0.2.1", 1, false }));
    }

    TEST(Trust, IsOfTheNetworksThatAreNamedAndNoOthers)
    {
        auto listener = lmtp("0.0.0.0");
        listener.trusted_networks = { "192.0.2.0/24", "2001:db8::/32" };
        EXPECT_TRUE(is_trusted(listener, { "192.0.2.255", 1, false }));
        EXPECT_TRUE(is_trusted(listener, { "2001:db8::5", 1, false }));
        EXPECT_FALSE(is_trusted(listener, { "192.0.3.1", 1, false }));
        EXPECT_FALSE(is_trusted(listener, { "127.0.0.1", 1, true }));
        listener.trusted_networks->clear();
        EXPECT_FALSE(is_trusted(listener, { "127.0.0.1", 1, true }));
    }

    TEST(Trust, IsOfWhoeverReachesAUnixSocket)
    {
        config::Listener listener;
        listener.endpoint.unix_path = "/run/mailroom/lmtp";
        EXPECT_TRUE(is_trusted(listener, { "local", 0, true }));
    }

} // namespace
} // namespace mail::server
