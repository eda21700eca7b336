// Scores of texts that are not quite what was asked for.

#include "protocol/mime/fuzzy.h"

#include "protocol/mime/fold.h"

#include <algorithm>

namespace mail::mime {

namespace {
    constexpr unsigned best = 100;
    constexpr unsigned best_of_words = 95; ///< all words, but not beside each other
    constexpr std::size_t longest_word = 63; ///< octets that are looked at
    constexpr std::size_t shortest_with_slip = 4; ///< with one, shorter ones are found everywhere
    constexpr std::size_t most_words = 16;

    bool is_gap(char c) { return static_cast<unsigned char>(c) <= 0x20; }
}

FuzzyPattern::FuzzyPattern(std::string_view folded_pattern)
    : whole_(folded_pattern)
{
    auto rest = folded_pattern;
    while (words_.size() < most_words) {
        auto const begin = std::ranges::find_if_not(rest, is_gap);
        if (begin == rest.end())
            return;
        auto const end = std::find_if(begin, rest.end(), is_gap);
        Word word;
        word.size = std::min(static_cast<std::size_t>(end - begin), longest_word);
        for (std::size_t i = 0; i < word.size; ++i)
            word.masks[static_cast<unsigned char>(begin[static_cast<std::ptrdiff_t>(i)])]
                |= std::uint64_t { 1 } << i;
        words_.push_back(word);
        rest.remove_prefix(static_cast<std::size_t>(end - rest.begin()));
    }
}

FuzzyMatcher::FuzzyMatcher(FuzzyPattern const& pattern)
    : pattern_(pattern)
    , states_(pattern.words_.size())
    , found_whole_(pattern.whole_.empty())
{
}

void FuzzyMatcher::feed_word(FuzzyPattern::Word const& word, State& state, std::string_view text)
{
    auto const last = std::uint64_t { 1 } << (word.size - 1);
    auto exact = state.exact;
    auto slipped = state.slipped;
    std::uint64_t all_exact = 0, all_slipped = 0;
    for (char const c : text) {
        auto const mask = word.masks[static_cast<unsigned char>(c)];
        auto const before = exact;
        exact = (before << 1 | 1) & mask;
        // The slip was made before, or is made now: an octet too many, another, or one too few.
        slipped = ((slipped << 1) & mask) | before | before << 1 | exact << 1 | 1;
        all_exact |= exact;
        all_slipped |= slipped;
    }
    state.exact = exact;
    state.slipped = slipped;
    state.found |= (all_exact & last) != 0;
    state.found_slipped |= (all_slipped & last) != 0;
}

void FuzzyMatcher::feed(std::string_view folded_text)
{
    if (found_whole_)
        return;
    auto const& whole = pattern_.whole_;
    auto const overlap = whole.size() - 1;
    tail_ += folded_text.substr(0, overlap);
    found_whole_ = contains(tail_, whole) || contains(folded_text, whole);
    if (found_whole_)
        return;
    if (folded_text.size() >= overlap)
        tail_ = folded_text.substr(folded_text.size() - overlap);
    else if (tail_.size() > overlap)
        tail_.erase(0, tail_.size() - overlap);
    for (std::size_t i = 0; i < states_.size(); ++i)
        if (!states_[i].found)
            feed_word(pattern_.words_[i], states_[i], folded_text);
}

void FuzzyMatcher::end_text()
{
    tail_.clear();
    for (auto& state : states_) {
        state.exact = 0;
        state.slipped = 1;
    }
}

void FuzzyMatcher::restart()
{
    found_whole_ = pattern_.whole_.empty();
    tail_.clear();
    states_.assign(states_.size(), {});
}

unsigned FuzzyMatcher::score() const
{
    if (found_whole_)
        return best;
    unsigned halves = 0;
    for (std::size_t i = 0; i < states_.size(); ++i) {
        if (states_[i].found)
            halves += 2;
        else if (states_[i].found_slipped && pattern_.words_[i].size >= shortest_with_slip)
            halves += 1;
    }
    auto const words = static_cast<unsigned>(states_.size());
    return words == 0 || halves < words ? 0 : halves * best_of_words / (2 * words);
}

unsigned fuzzy_score(std::string_view folded_text, FuzzyPattern const& pattern)
{
    FuzzyMatcher matcher(pattern);
    matcher.feed(folded_text);
    return matcher.score();
}

} // namespace mail::mime
