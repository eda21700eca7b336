// When an I/O thread goes on looking for work.
#include "server/patience.h"

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using mail::server::Patience;

TEST(Patience, SleepsAtOnceUntilWaitsAreShort)
{
    Patience patience;
    EXPECT_EQ(patience.length(), 0s);
    patience.learn(1ms);
    EXPECT_EQ(patience.length(), 0s);
}

TEST(Patience, GrowsToItsLimitWhileWaitsAreShort)
{
    Patience patience;
    auto before = patience.length();
    for (int i = 0; i < 3; ++i) {
        patience.learn(10us);
        EXPECT_GT(patience.length(), before);
        before = patience.length();
    }
    patience.learn(10us);
    EXPECT_EQ(patience.length(), Patience::limit);
}

TEST(Patience, EndsWithTheFirstLongWait)
{
    Patience patience;
    for (int i = 0; i < 5; ++i)
        patience.learn(10us);
    // Just beyond what it looked for in vain: a client that is always that slow must not cost a
    // core.
    patience.learn(Patience::limit + 1us);
    EXPECT_EQ(patience.length(), 0s);
}
