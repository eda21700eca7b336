// One pass over a message's headers and text parts.
#include "protocol/imap/search_text.h"

#include "protocol/mime/encoded_word.h"
#include "protocol/mime/header.h"
#include "protocol/mime/text_decoder.h"
#include "protocol/mime/transfer.h"
#include "storage/ascii.h"

#include <algorithm>

namespace mail::imap {

namespace {

    constexpr std::uint8_t best_score = 100;

    /// Octets of one header block: what the MIME reader looks at.
    constexpr std::uint64_t max_searched_header = 1 << 20;

    /// Folds text that is all ASCII into `out`; false, and garbage in `out`, when it is not.
    /// Several times as fast as the decoder, and most mail is so.
    bool fold_ascii(std::string_view text, std::string& out)
    {
        out.resize(text.size());
        unsigned char all = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            all |= static_cast<unsigned char>(text[i]);
            out[i] = ascii::upper(text[i]);
        }
        return all < 0x80;
    }

    /// Whether octets that are all ASCII are the text itself.
    bool is_plain(std::string_view encoding, std::string_view charset)
    {
        return mime::transfer_encoding(encoding) == mime::TransferEncoding::identity
            && (charset.empty() || charset == "us-ascii" || charset == "utf-8"
                || charset.starts_with("iso-8859-") || charset.starts_with("windows-125"));
    }

} // namespace

std::string_view StoredText::at(std::uint64_t offset)
{
    if (offset < window_begin_ || offset - window_begin_ >= window_.size()) {
        window_.clear();
        window_begin_ = offset;
        auto const read = storage::read_body(txn_, body_, offset, UINT64_MAX, window_);
        if (!read || window_.empty())
            throw storage::Damaged("a body ends before its size");
    }
    return std::string_view(window_).substr(static_cast<std::size_t>(offset - window_begin_));
}

std::string_view StoredText::first(mime::Range range)
{
    if (range.size() == 0)
        return {};
    auto const chunk = at(range.begin);
    return chunk.substr(
        0, static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size(), range.size())));
}

std::string_view StoredText::read_whole(mime::Range range, std::uint64_t limit)
{
    range.end = std::min(range.end, range.begin + limit);
    if (range.size() == 0)
        return {};
    auto const first = at(range.begin);
    if (first.size() >= range.size())
        return first.substr(0, static_cast<std::size_t>(range.size()));
    joined_.clear();
    read(range, [&](std::string_view octets) {
        joined_ += octets;
        return true;
    });
    return joined_;
}

TextSearch::TextSearch(std::span<SearchProgram::Pattern const> patterns, mime::Collation collation)
    : patterns_(patterns)
    , collation_(collation)
{
    for (auto const& pattern : patterns) {
        auto& seeker = seekers_.emplace_back(Seeker { mime::SubstringMatcher(pattern.text), {} });
        if (pattern.words)
            seeker.fuzzy.emplace(*pattern.words);
    }
}

bool TextSearch::feed(std::string_view folded, Place place)
{
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
        if (scores_[i] == best_score || (place == Place::header && !patterns_[i].in_headers))
            continue;
        if (auto& fuzzy = seekers_[i].fuzzy) {
            fuzzy->feed(folded);
            scores_[i] = static_cast<std::uint8_t>(fuzzy->score());
        } else if (seekers_[i].exact.feed(folded)) {
            scores_[i] = best_score;
        }
        if (scores_[i] == best_score)
            --missing_;
    }
    return !all_found();
}

/// Nothing is found across the border of two parts.
void TextSearch::end_text(Place place)
{
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
        if (scores_[i] == best_score || (place == Place::header && !patterns_[i].in_headers))
            continue;
        if (seekers_[i].fuzzy)
            seekers_[i].fuzzy->end_text();
        else
            seekers_[i].exact.restart();
    }
}

void TextSearch::search_header(StoredText& text, mime::Range range, Place place)
{
    if (all_found())
        return;
    for (mime::Fields fields(text.read_whole(range, max_searched_header)); fields.next();) {
        folded_.clear();
        mime::fold_to(fields.field().name, folded_, collation_);
        folded_ += ": ";
        mime::fold_to(mime::decode_text(fields.field().value), folded_, collation_);
        bool const goes_on = feed(folded_, place);
        end_text(place);
        if (!goes_on)
            return;
    }
}

void TextSearch::search_raw(
    StoredText& text, mime::Range range, std::string_view encoding, std::string_view charset)
{
    if (all_found())
        return;
    if (auto const chunk = text.first(range); chunk.size() == range.size()
        && is_plain(encoding, charset) && collation_ != mime::Collation::octet
        && fold_ascii(chunk, folded_)) {
        feed(folded_, Place::body);
        end_text(Place::body);
        return;
    }
    mime::TextDecoder decoder(encoding, charset, collation_);
    text.read(range, [&](std::string_view octets) {
        folded_.clear();
        decoder.feed(octets, folded_);
        return feed(folded_, Place::body);
    });
    folded_.clear();
    decoder.finish(folded_);
    feed(folded_, Place::body);
    end_text(Place::body);
}

void TextSearch::search_leaf(StoredText& text, mime::PartView const& part)
{
    if (part.kind == mime::PartKind::leaf && part.is_text())
        search_raw(text, part.body, part.encoding, part.charset());
}

std::span<std::uint8_t const> TextSearch::run(
    StoredText& text, mime::StructureView const& structure, std::uint64_t size)
{
    scores_.assign(patterns_.size(), 0);
    missing_ = patterns_.size();
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
        seekers_[i].exact.restart();
        if (seekers_[i].fuzzy)
            seekers_[i].fuzzy->restart();
        if (patterns_[i].text.empty()) { // the empty string is in every text
            scores_[i] = best_score;
            --missing_;
        }
    }
    if (!structure.valid()) {
        search_raw(text, { 0, size }, {}, {});
        return scores_;
    }
    auto part = structure.root();
    bool embedded = false; // is this the root of a message within the message?
    do {
        search_header(text, part.header, embedded ? Place::body : Place::header);
        search_leaf(text, part);
        embedded = part.kind == mime::PartKind::message;
    } while (!all_found() && structure.next(part));
    return scores_;
}

} // namespace mail::imap
