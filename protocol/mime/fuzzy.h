// Approximate search for SEARCH FUZZY (RFC 6203): the words of a pattern in any order, each with
// one slip of the finger at most.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mail::mime {

/// What is looked for, made ready once.
class FuzzyPattern {
public:
    explicit FuzzyPattern(std::string_view folded_pattern);

private:
    friend class FuzzyMatcher;
    struct Word {
        std::size_t size = 0; ///< octets
        std::array<std::uint64_t, 256> masks {}; ///< by octet: bits of the places that have it
    };
    std::string whole_;
    std::vector<Word> words_;
};

/// Looks for one pattern in text that comes in chunks, folded as the pattern is. Some nanoseconds
/// for each octet and word. The pattern must outlive it.
class FuzzyMatcher {
public:
    explicit FuzzyMatcher(FuzzyPattern const& pattern);

    void feed(std::string_view folded_text);
    void end_text(); ///< nothing goes on from here to what comes next
    void restart(); ///< for the next message

    /// 100 for the pattern as it is; less, the fewer of its words were found and the more of them
    /// with a slip; 0 when less than half is left.
    unsigned score() const;

private:
    /// Bit-parallel search with at most one octet more, less or different (Wu and Manber): which
    /// beginnings of the word end here.
    struct State {
        std::uint64_t exact = 0, slipped = 1;
        bool found = false, found_slipped = false;
    };
    static void feed_word(FuzzyPattern::Word const& word, State& state, std::string_view text);

    FuzzyPattern const& pattern_;
    std::vector<State> states_; ///< by word
    std::string tail_;
    bool found_whole_;
};

/// The score of a text that is all there.
unsigned fuzzy_score(std::string_view folded_text, FuzzyPattern const& pattern);

} // namespace mail::mime
