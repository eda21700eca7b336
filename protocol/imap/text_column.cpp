// Texts in blocks of memory, and their order.
#include "protocol/imap/text_column.h"

#include "protocol/imap/radix_sort.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

namespace mail::imap {

static_assert(std::endian::native == std::endian::little, "words are swapped to be compared");

namespace {

    constexpr std::size_t word_octets = sizeof(std::uint64_t);
    constexpr std::size_t block_words = 16 * 1024;
    constexpr std::size_t recent_texts = 8192;
    constexpr std::uint32_t no_text = UINT32_MAX;

    /// Without NUL, and ordered as before.
    std::string escape(std::string_view text)
    {
        std::string out;
        for (char const c : text) {
            if (c == '\0' || c == '\1') {
                out += '\1';
                out += static_cast<char>(c + 1);
            } else
                out += c;
        }
        return out;
    }

    /// Whether any of the eight octets is less than 2.
    bool has_low_octet(std::uint64_t word)
    {
        constexpr std::uint64_t each = 0x0101010101010101;
        return ((word - 2 * each) & ~word & 0x80 * each) != 0;
    }

} // namespace

TextColumn::TextColumn()
    : recent_(recent_texts, no_text)
{
}

TextColumn::Word* TextColumn::room_for(std::size_t words)
{
    if (free_.size() < words) {
        auto const size = std::max(words, block_words);
        blocks_.push_back(std::make_unique_for_overwrite<Word[]>(size));
        free_ = { blocks_.back().get(), size };
    }
    return free_.data();
}

void TextColumn::add(std::string_view text)
{
    if (!keep(text, LowOctets::refused)) // hardly any text has NUL or 1
        keep(escape(text), LowOctets::allowed);
}

bool TextColumn::keep(std::string_view text, LowOctets low_octets)
{
    auto const whole = text.size() / word_octets;
    auto const count = whole + 1;
    auto* const words = room_for(count);
    words[whole] = 0;
    text.copy(reinterpret_cast<char*>(words), text.size());
    std::uint64_t hash = 0;
    bool is_low = false;
    for (std::size_t i = 0; i < whole; ++i) {
        hash = (std::rotl(hash, 23) ^ words[i]) * 0x9e3779b97f4a7c15;
        is_low |= has_low_octet(words[i]);
    }
    hash = (std::rotl(hash, 23) ^ words[whole]) * 0x9e3779b97f4a7c15;
    auto const behind = ~std::uint64_t {} << 8 * (text.size() % word_octets);
    is_low |= has_low_octet(words[whole] | behind);
    if (is_low && low_octets == LowOctets::refused)
        return false;
    auto& recent = recent_[hash >> 51];
    static_assert(recent_texts == std::size_t { 1 } << (64 - 51));
    if (recent == no_text || kept_[recent].count != count
        || !std::equal(words, words + count, kept_[recent].words)) {
        recent = static_cast<std::uint32_t>(kept_.size());
        kept_.push_back({ words, static_cast<std::uint32_t>(count) });
        free_ = free_.subspan(count);
    }
    texts_.push_back(recent);
    return true;
}

std::string_view TextColumn::operator[](std::size_t message) const
{
    auto const& text = kept_[texts_[message]];
    return { reinterpret_cast<char const*>(text.words), text.count * word_octets };
}

std::vector<std::uint32_t> TextColumn::ranks() const
{
    using Item = SortItem<Word const*>; // its value: the words that are not yet compared
    std::vector<Item> items;
    items.reserve(kept_.size());
    for (std::uint32_t i = 0; i < kept_.size(); ++i)
        items.push_back({ 0, i, kept_[i].words });
    std::vector<Item> scratch(items.size());
    std::vector<bool> is_as_before(items.size()); // the same text as the item in front
    std::vector<std::span<Item>> runs { std::span(items) }, next; // equal as far as they go
    while (!runs.empty()) {
        // All loads first: they miss the cache, and so they do it together.
        for (auto const run : runs)
            for (auto& item : run)
                item.key = __builtin_bswap64(*item.value++);
        next.clear();
        for (auto const run : runs) {
            radix_sort(run, std::span(scratch));
            for (auto begin = run.begin(); begin != run.end();) {
                auto const key = begin->key;
                auto const end = std::find_if(
                    begin, run.end(), [&](Item const& item) { return item.key != key; });
                bool const is_last_word = (key & 0xff) == 0;
                if (is_last_word)
                    for (auto same = begin + 1; same < end; ++same)
                        is_as_before[static_cast<std::size_t>(&*same - items.data())] = true;
                else if (end - begin > 1)
                    next.emplace_back(begin, end);
                begin = end;
            }
        }
        std::swap(runs, next);
    }

    std::vector<std::uint32_t> by_text(kept_.size());
    std::uint32_t rank = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
        rank += i != 0 && !is_as_before[i];
        by_text[items[i].index] = rank;
    }
    std::vector<std::uint32_t> ranks;
    ranks.reserve(texts_.size());
    for (auto const text : texts_)
        ranks.push_back(by_text[text]);
    return ranks;
}

} // namespace mail::imap
