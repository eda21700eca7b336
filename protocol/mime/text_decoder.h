// The text of a part for SEARCH BODY and TEXT: transfer encoding and charset undone, case folded.
#pragma once

#include "protocol/mime/charset.h"
#include "protocol/mime/transfer.h"

#include <string>
#include <string_view>

namespace mail::mime {

/// Turns the stored octets of a part's body, in chunks, into folded UTF-8. Memory: a few times the
/// chunk.
class TextDecoder {
public:
    TextDecoder(std::string_view encoding, std::string_view charset);
    /// Appends the folded text of this chunk; up to some 1 KiB is held back for the next.
    void feed(std::string_view octets, std::string& out);
    void finish(std::string& out);

private:
    void fold_complete(std::string& out, bool last);

    TransferDecoder transfer_;
    CharsetDecoder charset_;
    std::string decoded_;
    std::string text_; ///< UTF-8, not yet folded
};

} // namespace mail::mime
