// Case folding for SEARCH.

#include "protocol/mime/fold.h"

#include "protocol/mime/charset.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

namespace mail::mime {

namespace {

    bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

    constexpr std::array<char, 128> make_lower()
    {
        std::array<char, 128> table {};
        for (std::size_t i = 0; i < table.size(); ++i)
            table[i] = static_cast<char>(i >= 'A' && i <= 'Z' ? i + 32 : i);
        return table;
    }
    constexpr auto lower = make_lower();

    icu::Normalizer2 const& folder()
    {
        static icu::Normalizer2 const* const instance = [] {
            UErrorCode error = U_ZERO_ERROR;
            auto const* found = icu::Normalizer2::getNFKCCasefoldInstance(error);
            if (U_FAILURE(error) != 0)
                throw std::runtime_error(
                    "ICU has no NFKC_Casefold data: install libicu's data files");
            return found;
        }();
        return *instance;
    }

    /// Appends to a string; ICU's own class is a template that costs compile time.
    class StringSink final : public icu::ByteSink {
    public:
        explicit StringSink(std::string& out)
            : out_(out)
        {
        }
        void Append(char const* bytes, int32_t n) override
        {
            out_.append(bytes, static_cast<std::size_t>(n));
        }

    private:
        std::string& out_;
    };

} // namespace

void fold_to(std::string_view utf8, std::string& out)
{
    constexpr std::size_t slice = std::size_t { 1 } << 20; // ICU counts in int32_t
    std::size_t at = 0;
    while (at < utf8.size()) {
        auto const plain = at;
        while (at < utf8.size() && is_ascii(utf8[at]))
            ++at;
        // A combining character behind an ASCII letter composes with it: ICU must see both.
        auto const plain_end = at < utf8.size() && at > plain ? at - 1 : at;
        auto const begin = out.size();
        out += utf8.substr(plain, plain_end - plain);
        for (auto i = begin; i < out.size(); ++i)
            out[i] = lower[static_cast<unsigned char>(out[i])];
        if (at == utf8.size())
            return;
        while (at < utf8.size() && !is_ascii(utf8[at]) && at - plain_end < slice)
            ++at;
        while (at < utf8.size() && (static_cast<unsigned char>(utf8[at]) & 0xC0) == 0x80
            && at - plain_end < slice + 3)
            ++at;
        auto run = utf8.substr(plain_end, at - plain_end);
        std::string repaired;
        if (!is_utf8(run)) // ICU copies what is ill-formed
            run = repaired = to_utf8("utf-8", run);
        StringSink sink(out);
        UErrorCode error = U_ZERO_ERROR;
        folder().normalizeUTF8(0, icu::StringPiece(run.data(), static_cast<int32_t>(run.size())),
            sink, nullptr, error);
    }
}

std::string fold(std::string_view utf8)
{
    std::string out;
    out.reserve(utf8.size());
    fold_to(utf8, out);
    return out;
}

std::string compose(std::string_view utf8)
{
    UErrorCode error = U_ZERO_ERROR;
    auto const* composer = icu::Normalizer2::getNFCInstance(error);
    if (U_FAILURE(error) != 0)
        throw std::runtime_error("ICU has no NFC data: install libicu's data files");
    std::string out;
    StringSink sink(out);
    composer->normalizeUTF8(
        0, icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())), sink, nullptr, error);
    return out;
}

bool contains(std::string_view folded_text, std::string_view folded_pattern)
{
    return folded_pattern.empty()
        || ::memmem(
               folded_text.data(), folded_text.size(), folded_pattern.data(), folded_pattern.size())
        != nullptr;
}

SubstringMatcher::SubstringMatcher(std::string_view folded_pattern)
    : pattern_(folded_pattern)
    , found_(folded_pattern.empty())
{
}

bool SubstringMatcher::feed(std::string_view folded_text)
{
    if (found_)
        return true;
    auto const overlap = pattern_.size() - 1;
    // First where the chunks meet, then in this one.
    tail_ += folded_text.substr(0, overlap);
    found_ = contains(tail_, pattern_) || contains(folded_text, pattern_);
    if (folded_text.size() >= overlap)
        tail_ = folded_text.substr(folded_text.size() - overlap);
    else if (tail_.size() > overlap)
        tail_.erase(0, tail_.size() - overlap);
    return found_;
}

void SubstringMatcher::restart()
{
    tail_.clear();
    found_ = pattern_.empty();
}

} // namespace mail::mime
