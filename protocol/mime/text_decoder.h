// The text of a part for SEARCH BODY and TEXT: transfer encoding and charset undone, case folded.
#pragma once

#include "protocol/mime/charset.h"
#include "protocol/mime/fold.h"
#include "protocol/mime/transfer.h"

#include <string>
#include <string_view>

namespace mail::mime {

/// Turns the stored octets of a part's body, in chunks, into folded UTF-8. Memory: a few times the
/// chunk.
class TextDecoder {
public:
    TextDecoder(std::string_view encoding, std::string_view charset,
        Collation collation = Collation::unicode_casemap);
    /// Appends the folded text of this chunk; the octets of one character are held back at most.
    void feed(std::string_view octets, std::string& out);
    void finish(std::string& out);

private:
    TransferDecoder transfer_;
    CharsetDecoder charset_;
    Collation collation_;
    std::string decoded_;
    std::string text_;
};

} // namespace mail::mime
