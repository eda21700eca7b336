// Transfer encoding, charset and case of a part's text undone, chunk by chunk.

#include "protocol/mime/text_decoder.h"

#include "protocol/mime/fold.h"

#include <algorithm>

namespace mail::mime {

namespace {
    constexpr std::size_t most_held = 1024; ///< octets that wait for a place where text may be cut
}

TextDecoder::TextDecoder(std::string_view encoding, std::string_view charset)
    : transfer_(transfer_encoding(encoding))
    , charset_(charset)
{
}

/// Folds up to the last place where cutting does not change the result: between an ASCII character
/// and the one in front of it, which then cannot combine.
void TextDecoder::fold_complete(std::string& out, bool last)
{
    auto const is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    auto end = text_.size();
    if (!last) {
        auto const least = end > most_held ? end - most_held : 0;
        auto at = end;
        while (at > least && !is_ascii(text_[at - 1]))
            --at;
        if (at > least)
            end = at - 1;
        else {
            end = least; // a long run without ASCII: cut between characters
            while (end > 0 && end < text_.size()
                && (static_cast<unsigned char>(text_[end]) & 0xC0) == 0x80)
                --end;
        }
    }
    fold_to(std::string_view(text_).substr(0, end), out);
    text_.erase(0, end);
}

void TextDecoder::feed(std::string_view octets, std::string& out)
{
    decoded_.clear();
    transfer_.decode(octets, decoded_);
    charset_.decode(decoded_, text_);
    fold_complete(out, false);
}

void TextDecoder::finish(std::string& out)
{
    decoded_.clear();
    transfer_.finish(decoded_);
    charset_.decode(decoded_, text_);
    charset_.finish(text_);
    fold_complete(out, true);
}

} // namespace mail::mime
