// What a message with octets beyond ASCII in its headers looks like to clients that know nothing of
// such messages: the surrogate of RFC 6858. Bodies stay as they are.
#pragma once

#include "protocol/mime/structure.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mail::mime {

/// A header block in ASCII. Fields that are in ASCII stay as they are, octet for octet. Of the
/// others (RFC 6858 §2): an address that is not ASCII becomes invalid@internationalized-address.
/// invalid with the real one in its display name; text becomes encoded words; parameters get the
/// form of RFC 2231; a Date keeps what can be read of it; all else is left out. Octets that are not
/// UTF-8 are read as decode_text() does. Linear.
std::string downgrade_header(std::string_view block);

/// Where the headers of a message and of its parts are, ascending; none when the blob is not valid.
std::vector<Range> header_ranges(std::string_view structure_blob);

/// Makes the surrogate of a message that comes in pieces, cut anywhere; the output does not depend
/// on the cuts, but for headers above 256 KiB. Holds a header of a part, and no more of it than
/// that.
class Surrogate {
public:
    static constexpr std::size_t most_held = 256 * 1024;

    explicit Surrogate(std::vector<Range> headers)
        : headers_(std::move(headers))
    {
    }
    void write(std::string_view octets, std::string& out); ///< appends
    void end(std::string& out); ///< appends what is left
    bool is_changed() const
    {
        return is_changed_;
    } ///< something that went out is not as it came in

private:
    void flush(std::string_view block, std::string& out);
    void flush_some(std::string& out);

    std::vector<Range> headers_;
    std::size_t next_ = 0; ///< in headers_: the one that is under way or comes next
    std::uint64_t position_ = 0; ///< of the message
    std::string held_; ///< of the header that is under way
    bool is_changed_ = false;
};

} // namespace mail::mime
