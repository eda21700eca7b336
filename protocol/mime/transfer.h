// Content-Transfer-Encodings: base64 and quoted-printable, decoded chunk by chunk (RFC 2045 §6).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mail::mime {

enum class TransferEncoding : std::uint8_t { identity, base64, quoted_printable };

/// Of a hexadecimal digit in either case; -1 for what is none.
int hex_value(char c);

/// By the name in Content-Transfer-Encoding; 7bit, 8bit, binary, empty and unknown names are
/// identity.
TransferEncoding transfer_encoding(std::string_view name);
/// False for names that no decoder is known for (RFC 9051's UNKNOWN-CTE).
bool is_known_encoding(std::string_view name);

/// Decodes a body that comes in chunks, cut anywhere; the output does not depend on the cuts.
/// Garbage is tolerated: base64 passes over octets outside of its alphabet and goes on behind
/// padding; quoted-printable leaves what is no escape as it is. Memory: the output and a few
/// octets.
class TransferDecoder {
public:
    explicit TransferDecoder(TransferEncoding encoding)
        : encoding_(encoding)
    {
    }
    void decode(std::string_view octets, std::string& out); ///< appends
    void finish(std::string& out); ///< appends what is left

private:
    void decode_base64(std::string_view octets, std::string& out);
    void decode_quoted(std::string_view octets, std::string& out);
    void quoted_octet(char c, std::string& out);

    TransferEncoding encoding_;
    std::uint32_t bits_ = 0;
    int bit_count_ = 0;
    std::string held_; ///< quoted-printable: an escape or white space whose end is not yet seen
};

std::string decode_transfer(TransferEncoding encoding, std::string_view octets); ///< a whole body

} // namespace mail::mime
