// What is kept of mailboxes between sessions.
#include "protocol/session/view_cache.h"

#include <gtest/gtest.h>

namespace mail::session {
namespace {

    storage::Place place(std::uint64_t mailbox)
    {
        return { storage::AccountId { 1 }, storage::MailboxId { mailbox } };
    }

    /// `runs` UIDs with gaps between them.
    std::shared_ptr<UidMap const> map_of(std::uint32_t runs)
    {
        UidSet uids;
        for (std::uint32_t i = 0; i < runs; ++i)
            uids.add(Uid { 2 * i + 1 });
        return std::make_shared<UidMap const>(uids);
    }

    TEST(ViewCache, KnowsAMapInItsStateOnly)
    {
        ViewCache cache;
        auto const map = map_of(3);
        cache.keep_map(place(1), Uid { 9 }, map);
        EXPECT_EQ(cache.find_map(place(1), Uid { 9 }, 3), map);
        EXPECT_EQ(cache.find_map(place(1), Uid { 10 }, 3), nullptr);
        EXPECT_EQ(cache.find_map(place(1), Uid { 9 }, 2), nullptr);
        EXPECT_EQ(cache.find_map(place(2), Uid { 9 }, 3), nullptr);
        auto const later = map_of(4);
        cache.keep_map(place(1), Uid { 10 }, later);
        EXPECT_EQ(cache.find_map(place(1), Uid { 9 }, 3), nullptr);
        EXPECT_EQ(cache.find_map(place(1), Uid { 10 }, 4), later);
    }

    TEST(ViewCache, KnowsTheFirstUnseenOfAViewer)
    {
        ViewCache cache;
        storage::Viewpoint const owner { place(1), storage::AccountId { 1 } };
        storage::Viewpoint const other { place(1), storage::AccountId { 2 } };
        EXPECT_EQ(cache.find_unseen(owner, storage::ModSeq { 5 }), std::nullopt);
        cache.keep_unseen(owner, storage::ModSeq { 5 }, Uid { 7 });
        EXPECT_EQ(cache.find_unseen(owner, storage::ModSeq { 5 }), Uid { 7 });
        EXPECT_EQ(cache.find_unseen(owner, storage::ModSeq { 6 }), std::nullopt);
        EXPECT_EQ(cache.find_unseen(other, storage::ModSeq { 5 }), std::nullopt);
    }

    TEST(ViewCache, ForgetsWhatWasUsedLeast)
    {
        ViewCache cache;
        auto const large = map_of(400'000); // about 5 MB
        for (std::uint64_t i = 1; i <= 6; ++i)
            cache.keep_map(place(i), Uid { 9 }, large);
        EXPECT_NE(cache.find_map(place(1), Uid { 9 }, large->count()), nullptr);
        for (std::uint64_t i = 7; i <= 9; ++i)
            cache.keep_map(place(i), Uid { 9 }, large);
        EXPECT_NE(cache.find_map(place(9), Uid { 9 }, large->count()), nullptr);
        EXPECT_NE(cache.find_map(place(1), Uid { 9 }, large->count()), nullptr) << "used meanwhile";
        EXPECT_EQ(cache.find_map(place(2), Uid { 9 }, large->count()), nullptr);
    }

} // namespace
} // namespace mail::session
