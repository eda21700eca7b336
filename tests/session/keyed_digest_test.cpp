// Digests under a key: the octets of the RFC, and what tells lists of parts apart.
#include "protocol/keyed_digest.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <cstring>

using namespace mail;

namespace {

std::string hex(KeyedDigest::Octets const& octets)
{
    std::string text;
    for (auto const octet : octets)
        text += fmt::format("{:02x}", octet);
    return text;
}

} // namespace

TEST(KeyedDigest, IsHmacSha256)
{
    // RFC 4231 §4.3
    EXPECT_EQ(hex(KeyedDigest("Jefe").of({ "what do ya want for nothing?" })),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    // Begun once, used again and again.
    KeyedDigest const digest("Jefe");
    auto const first = digest.of({ "one" });
    EXPECT_NE(digest.of({ "two" }), first);
    EXPECT_EQ(digest.of({ "one" }), first);
}

TEST(KeyedDigest, TellsPartsAndKeysApart)
{
    KeyedDigest const digest("key");
    using namespace std::string_view_literals;
    EXPECT_NE(digest.of({ "ab", "c" }), digest.of({ "a", "bc" }));
    EXPECT_NE(digest.of({ "a", "" }), digest.of({ "a" }));
    EXPECT_EQ(digest.of({ "a", "b" }), digest.of({ "a\0b"sv }));
    EXPECT_NE(digest.of({ "a" }), KeyedDigest("another").of({ "a" }));
    EXPECT_NE(
        KeyedDigest::of_this_process().of({ "a" }), KeyedDigest::of_this_process().of({ "a" }));
}

TEST(KeyedDigest, NumbersAreItsFirstOctets)
{
    KeyedDigest const digest("Jefe");
    auto const octets = digest.of({ "what do ya want for nothing?" });
    std::uint64_t number = 0;
    std::memcpy(&number, octets.data(), sizeof number);
    EXPECT_EQ(digest.number_of({ "what do ya want for nothing?" }), number);
}
