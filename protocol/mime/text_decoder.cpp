// Transfer encoding, charset and case of a part's text undone, chunk by chunk.

#include "protocol/mime/text_decoder.h"

namespace mail::mime {

TextDecoder::TextDecoder(std::string_view encoding, std::string_view charset, Collation collation)
    : transfer_(transfer_encoding(encoding))
    , charset_(charset)
    , collation_(collation)
{
}

void TextDecoder::feed(std::string_view octets, std::string& out)
{
    decoded_.clear();
    transfer_.decode(octets, decoded_);
    text_.clear();
    charset_.decode(decoded_, text_);
    fold_to(text_, out, collation_);
}

void TextDecoder::finish(std::string& out)
{
    decoded_.clear();
    transfer_.finish(decoded_);
    text_.clear();
    charset_.decode(decoded_, text_);
    charset_.finish(text_);
    fold_to(text_, out, collation_);
}

} // namespace mail::mime
