// Folding for SEARCH, SORT and THREAD.

#include "protocol/mime/fold.h"

#include "protocol/mime/casemap.h"
#include "protocol/mime/charset.h"
#include "storage/ascii.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace mail::mime {

namespace {

    using ascii::is_ascii;
    using ascii::upper;

    void append_upper(std::string_view text, std::string& out)
    {
        auto const begin = out.size();
        out.resize(begin + text.size());
        std::transform(
            text.begin(), text.end(), out.begin() + static_cast<std::ptrdiff_t>(begin), upper);
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

    void fold_unicode(std::string_view utf8, std::string& out)
    {
        while (!utf8.empty()) {
            auto const other = std::ranges::find_if_not(utf8, is_ascii);
            auto const plain = static_cast<std::size_t>(other - utf8.begin());
            append_upper(utf8.substr(0, plain), out);
            auto const end = std::find_if(other, utf8.end(), is_ascii);
            auto const run = utf8.substr(plain, static_cast<std::size_t>(end - other));
            if (is_utf8(run))
                append_casemapped(run, out);
            else
                append_casemapped(to_utf8("utf-8", run), out);
            utf8.remove_prefix(plain + run.size());
        }
    }

} // namespace

void fold_to(std::string_view utf8, std::string& out, Collation collation)
{
    switch (collation) {
    case Collation::unicode_casemap:
        return fold_unicode(utf8, out);
    case Collation::ascii_casemap:
        return append_upper(utf8, out);
    case Collation::octet:
        out += utf8;
    }
}

std::string fold(std::string_view utf8, Collation collation)
{
    std::string out;
    out.reserve(utf8.size());
    fold_to(utf8, out, collation);
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
    if (folded_pattern.empty())
        return true;
    if (folded_text.size() < folded_pattern.size()) // it may have no octets to point at
        return false;
    return ::memmem(
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
