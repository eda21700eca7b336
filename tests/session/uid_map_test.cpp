// UidMap against a plain sorted vector.
#include "protocol/session/uid_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace mail::session {
namespace {

    UidSet set_of(std::initializer_list<std::uint32_t> uids)
    {
        UidSet set;
        for (auto const uid : uids)
            set.add(Uid { uid });
        return set;
    }

    TEST(UidMap, EmptyMailboxHasNoNumbers)
    {
        UidMap const map;
        EXPECT_EQ(map.count(), 0U);
        EXPECT_FALSE(map.uid_of(SeqNum { 1 }));
        EXPECT_FALSE(map.seq_of(Uid { 1 }));
        EXPECT_FALSE(map.last());
        EXPECT_TRUE(map.uids_of(SeqNum { 1 }, SeqNum { 5 }).empty());
    }

    TEST(UidMap, RefusesNumbersOutsideTheMailbox)
    {
        UidMap const map(set_of({ 2, 3, 7 }));
        EXPECT_FALSE(map.uid_of(SeqNum { 0 }));
        EXPECT_FALSE(map.uid_of(SeqNum { 4 }));
        EXPECT_FALSE(map.seq_of(Uid { 1 }));
        EXPECT_FALSE(map.seq_of(Uid { 5 }));
    }

    TEST(UidMap, HighestUidPossible)
    {
        UidMap const map(set_of({ 1, UINT32_MAX }));
        EXPECT_EQ(map.uid_of(SeqNum { 2 }), Uid { UINT32_MAX });
        EXPECT_EQ(map.seq_of(Uid { UINT32_MAX }), SeqNum { 2 });
    }

    TEST(UidMap, AgreesWithASortedVector)
    {
        std::mt19937 random(7);
        auto const up_to
            = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
        for (int round = 0; round < 200; ++round) {
            std::set<std::uint32_t> model;
            for (auto n = up_to(60); n != 0; --n)
                model.insert(1 + up_to(80));
            UidSet uids;
            for (auto const uid : model)
                uids.add(Uid { uid });
            UidMap const map(uids);
            std::vector<std::uint32_t> const sorted(model.begin(), model.end());

            ASSERT_EQ(map.count(), sorted.size());
            for (std::uint32_t uid = 0; uid < 90; ++uid) {
                auto const at = std::ranges::lower_bound(sorted, uid) - sorted.begin();
                ASSERT_EQ(map.count_below(Uid { uid }), at) << uid;
                ASSERT_EQ(map.seq_of(Uid { uid }).has_value(), model.contains(uid));
                if (model.contains(uid)) {
                    ASSERT_EQ(map.seq_of(Uid { uid })->value, at + 1);
                    ASSERT_EQ(
                        map.uid_of(SeqNum { static_cast<std::uint32_t>(at + 1) }), Uid { uid });
                }
            }
            auto const first = up_to(70);
            auto const last = up_to(70);
            UidSet expected;
            for (auto seq = std::min(first, last); seq <= std::max(first, last); ++seq)
                if (seq >= 1 && seq <= sorted.size())
                    expected.add(Uid { sorted[seq - 1] });
            ASSERT_EQ(map.uids_of(SeqNum { first }, SeqNum { last }), expected);
        }
    }

    TEST(UidMap, ChangesMakeANewMap)
    {
        UidMap const map(set_of({ 1, 2, 3 }));
        auto const next = map.with(set_of({ 4, 6 }), set_of({ 2 }));
        EXPECT_EQ(next->uids(), set_of({ 1, 3, 4, 6 }));
        EXPECT_EQ(map.count(), 3U) << "the old map is shared and must not change";
    }

} // namespace
} // namespace mail::session
