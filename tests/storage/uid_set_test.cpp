// UidSet against a std::set, and the rules of names.
#include "storage/encoding.h"
#include "storage/mailboxes.h"
#include "storage/names.h"
#include "storage/uid_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace mail::storage {
namespace {

    UidRange range(std::uint32_t first, std::uint32_t last)
    {
        return { Uid { first }, Uid { last } };
    }

    TEST(UidSet, JoinsWhatTouches)
    {
        UidSet set;
        set.add(range(1, 3));
        set.add(range(7, 9));
        set.add(Uid { 5 });
        EXPECT_EQ(set.ranges().size(), 3U);
        set.add(range(4, 4));
        ASSERT_EQ(set.ranges().size(), 2U);
        EXPECT_EQ(set.ranges()[0], range(1, 5));
        set.add(range(2, 20));
        ASSERT_EQ(set.ranges().size(), 1U);
        EXPECT_EQ(set.ranges()[0], range(1, 20));
        EXPECT_EQ(set.count(), 20U);
    }

    TEST(UidSet, ReachesTheHighestUid)
    {
        UidSet set(range(UINT32_MAX - 1, UINT32_MAX));
        set.add(Uid { UINT32_MAX });
        EXPECT_EQ(set.count(), 2U);
        EXPECT_TRUE(set.contains(Uid { UINT32_MAX }));
        std::size_t seen = 0;
        set.for_each([&](Uid) { ++seen; });
        EXPECT_EQ(seen, 2U);
        set.remove(range(UINT32_MAX, UINT32_MAX));
        EXPECT_EQ(set.count(), 1U);
        EXPECT_EQ(UidSet(range(1, UINT32_MAX)).count(), std::size_t { UINT32_MAX });
    }

    void expect_same(UidSet const& set, std::set<std::uint32_t> const& model)
    {
        std::vector<std::uint32_t> members;
        set.for_each([&](Uid uid) { members.push_back(uid.value); });
        EXPECT_EQ(members, std::vector<std::uint32_t>(model.begin(), model.end()));
        EXPECT_EQ(set.count(), model.size());
        for (std::size_t i = 1; i < set.ranges().size(); ++i)
            EXPECT_GT(set.ranges()[i].first.value, set.ranges()[i - 1].last.value + 1);
    }

    TEST(UidSet, LosesTheHighestUidPossible)
    {
        UidSet set(range(5, UINT32_MAX));
        set.remove(UidSet(range(7, UINT32_MAX)));
        EXPECT_EQ(set, UidSet(range(5, 6)));
        set.remove(set);
        EXPECT_TRUE(set.empty());
    }

    TEST(UidSet, BehavesLikeASet)
    {
        std::mt19937 random(7);
        auto const number
            = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
        UidSet other;
        std::set<std::uint32_t> other_model;
        for (int round = 0; round < 60; ++round) {
            UidSet set;
            std::set<std::uint32_t> model;
            for (int step = 0; step < 40; ++step) {
                auto const first = 1 + number(120);
                auto const last = first + number(12);
                bool const adds = number(3) != 0;
                adds ? set.add(range(first, last)) : set.remove(range(first, last));
                for (auto uid = first; uid <= last; ++uid)
                    adds ? void(model.insert(uid)) : void(model.erase(uid));
            }
            expect_same(set, model);
            for (std::uint32_t uid = 1; uid < 140; ++uid)
                EXPECT_EQ(set.contains(Uid { uid }), model.contains(uid));
            std::set<std::uint32_t> common;
            for (auto const uid : model)
                if (other_model.contains(uid))
                    common.insert(uid);
            expect_same(set.intersection(other), common);
            std::string encoded;
            RecordWriter(encoded).uids(set);
            EXPECT_EQ(RecordReader(encoded).uids(), set);
            auto left = set;
            left.remove(other);
            std::set<std::uint32_t> left_model;
            for (auto const uid : model)
                if (!other_model.contains(uid))
                    left_model.insert(uid);
            expect_same(left, left_model);
            auto const some = number(150);
            auto newest = model;
            while (newest.size() > some)
                newest.erase(newest.begin());
            expect_same(newest_of(set, some), newest);
            std::vector<UidRange> ranges(set.ranges().begin(), set.ranges().end());
            ranges.insert(ranges.end(), other.ranges().begin(), other.ranges().end());
            std::ranges::shuffle(ranges, random);
            other.add(set);
            EXPECT_EQ(set_of(std::move(ranges)), other);
            other_model.insert(model.begin(), model.end());
            expect_same(other, other_model);
            if (round % 8 == 7) {
                other = {};
                other_model.clear();
            }
        }
    }

    TEST(Encoding, ReportsWhatIsCutShort)
    {
        std::string text;
        RecordWriter(text).varint(300).string("abc").number(std::uint32_t { 7 });
        for (std::size_t size = 0; size < text.size(); ++size) {
            RecordReader reader(std::string_view(text).substr(0, size));
            EXPECT_THROW(
                (reader.varint(), reader.string(), reader.number<std::uint32_t>()), Damaged)
                << size;
        }
        EXPECT_THROW(RecordReader(std::string(11, '\x80')).varint(), Damaged);
    }

    TEST(Names, InboxIsSpelledInOneWay)
    {
        EXPECT_EQ(*check_mailbox_name("iNbOx"), "INBOX");
        EXPECT_EQ(*check_mailbox_name("inbox/Work"), "INBOX/Work");
        EXPECT_EQ(*check_mailbox_name("inboxes"), "inboxes");
        EXPECT_EQ(*check_mailbox_name("Lists/inbox"), "Lists/inbox");
    }

    TEST(Names, RefusesWhatIsNoName)
    {
        for (std::string_view const bad :
            { "", "/", "/a", "a/", "a//b", "a\nb", "a\x7f", "a\xc2\x85", "\xe2\x80\xa8", "a\xff",
                "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe0\x80\x80" })
            EXPECT_EQ(check_mailbox_name(bad).error(), Errc::invalid_name) << bad;
        using namespace std::literals;
        EXPECT_EQ(check_mailbox_name("a\0b"sv).error(), Errc::invalid_name);
        for (std::string_view const good : { "a b", "Gel\xc3\xb6scht", "\xe5\x8f\xb0\xe5\x8c\x97",
                 "\xf0\x9f\x93\xac", "a%*\"\\b" })
            EXPECT_EQ(*check_mailbox_name(good), good);
    }

    TEST(Names, AreBounded)
    {
        EXPECT_TRUE(check_mailbox_name(std::string(max_mailbox_name, 'a')));
        EXPECT_EQ(check_mailbox_name(std::string(max_mailbox_name + 1, 'a')).error(), Errc::limit);
        std::string deep = "a";
        for (std::size_t level = 1; level < max_mailbox_levels; ++level)
            deep += "/a";
        EXPECT_TRUE(check_mailbox_name(deep));
        EXPECT_EQ(check_mailbox_name(deep + "/a").error(), Errc::limit);
    }

    TEST(Names, AccountsAreLowerCase)
    {
        EXPECT_EQ(*check_account_name("Alice@Example.ORG"), "alice@example.org");
        EXPECT_EQ(check_account_name("").error(), Errc::invalid_name);
        EXPECT_EQ(check_account_name("a\r\nb").error(), Errc::invalid_name);
        EXPECT_EQ(check_account_name(std::string(256, 'a')).error(), Errc::limit);
    }

} // namespace
} // namespace mail::storage
