// The radix sorts of SORT, against the standard library's.
#include "protocol/imap/sort_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <random>

namespace mail::imap {
namespace {

    std::vector<std::uint32_t> identity(std::size_t count)
    {
        std::vector<std::uint32_t> order(count);
        std::iota(order.begin(), order.end(), 0U);
        return order;
    }

    std::vector<std::uint32_t> taken(SortOrder const& order)
    {
        return { order.order().begin(), order.order().end() };
    }

    TEST(ImapSortOrder, SortsNumbersStablyBothWays)
    {
        std::mt19937_64 random(1);
        for (std::size_t const count : { 0U, 1U, 2U, 100U, 199U, 200U, 5000U })
            for (std::uint64_t const range : { 1ULL, 5ULL, 1000ULL, ~0ULL }) {
                std::vector<std::uint64_t> keys(count);
                for (auto& key : keys)
                    key = random() % range;
                auto expected = identity(count);
                std::ranges::stable_sort(expected, {}, [&](auto i) { return keys[i]; });
                SortOrder ascending(count);
                ascending.by_number(keys, Direction::ascending);
                EXPECT_EQ(taken(ascending), expected);
                expected = identity(count);
                std::ranges::stable_sort(
                    expected, std::ranges::greater {}, [&](auto i) { return keys[i]; });
                SortOrder descending(count);
                descending.by_number(keys, Direction::descending);
                EXPECT_EQ(taken(descending), expected);
            }
    }

    /// Texts of few letters, so that many begin alike or are equal, with NUL and 0xFF among them.
    std::vector<std::string> random_texts(std::mt19937_64& random, std::size_t count)
    {
        std::vector<std::string> texts(count);
        std::string const letters { '\0', '\1', '\2', 'a', 'b', '\xff' };
        for (auto& text : texts) {
            if (random() % 3 == 0)
                text.assign(random() % 40, 'a');
            for (auto length = random() % 20; length > 0; --length)
                text += letters[random() % letters.size()];
        }
        return texts;
    }

    TEST(ImapSortOrder, SortsTextsAsOctetsStablyBothWays)
    {
        std::mt19937_64 random(2);
        for (std::size_t const count : { 0U, 1U, 2U, 3U, 50U, 300U, 4000U }) {
            auto const texts = random_texts(random, count);
            TextColumn column;
            for (auto const& text : texts)
                column.add(text);
            ASSERT_EQ(column.size(), count);
            auto const key = [&](auto i) { return std::string_view(texts[i]); };
            auto expected = identity(count);
            std::ranges::stable_sort(expected, {}, key);
            SortOrder ascending(count);
            ascending.by_text(column, Direction::ascending);
            EXPECT_EQ(taken(ascending), expected) << count;
            expected = identity(count);
            std::ranges::stable_sort(expected, std::ranges::greater {}, key);
            SortOrder descending(count);
            descending.by_text(column, Direction::descending);
            EXPECT_EQ(taken(descending), expected) << count;
        }
    }

    TEST(ImapSortOrder, TheLastCriterionCountsMost)
    {
        std::mt19937_64 random(3);
        std::size_t const count = 2000;
        auto const texts = random_texts(random, count);
        TextColumn column;
        std::vector<std::uint64_t> numbers;
        for (auto const& text : texts) {
            column.add(text.substr(0, 1));
            numbers.push_back(random() % 10);
        }
        SortOrder order(count);
        order.by_text(column, Direction::descending);
        order.by_number(numbers, Direction::ascending);
        auto expected = identity(count);
        std::ranges::stable_sort(expected, [&](auto a, auto b) {
            if (numbers[a] != numbers[b])
                return numbers[a] < numbers[b];
            return texts[a].substr(0, 1) > texts[b].substr(0, 1);
        });
        EXPECT_EQ(taken(order), expected);
    }

    TEST(ImapSortOrder, ColumnsTellEqualTextsAndEmptyOnes)
    {
        TextColumn column;
        std::vector<std::string> texts { "", std::string(1, '\0'), std::string(2, '\0'), "\1",
            std::string("\1\0", 2), "12345678", "1234567", "12345678" };
        for (auto const& text : texts)
            column.add(text);
        for (std::size_t i = 0; i < texts.size(); ++i) {
            EXPECT_EQ(column.is_empty(i), texts[i].empty()) << i;
            for (std::size_t k = 0; k < texts.size(); ++k)
                EXPECT_EQ(column[i] == column[k], texts[i] == texts[k]) << i << ' ' << k;
        }
    }

    TEST(ImapSortOrder, LongEqualTextsCostNoMoreThanTheirOctets)
    {
        TextColumn column;
        std::string const text(1000, 'x');
        for (int i = 0; i < 20'000; ++i)
            column.add(text);
        auto const begin = std::chrono::steady_clock::now();
        SortOrder order(20'000);
        order.by_text(column, Direction::ascending);
        EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
        EXPECT_EQ(taken(order), identity(20'000));
    }

} // namespace
} // namespace mail::imap
