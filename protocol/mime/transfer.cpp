// base64 and quoted-printable, chunk by chunk.

#include "protocol/mime/transfer.h"

#include "protocol/mime/header.h"

#include <array>

namespace mail::mime {

namespace {

    constexpr std::size_t most_held
        = 1000; ///< white space that may turn out to stand at the end of a line

    constexpr std::array<std::int8_t, 256> make_base64_values()
    {
        std::array<std::int8_t, 256> values {};
        values.fill(-1);
        constexpr std::string_view alphabet
            = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (std::size_t i = 0; i < alphabet.size(); ++i)
            values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
        return values;
    }
    constexpr auto base64_values = make_base64_values();

} // namespace

int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

TransferEncoding transfer_encoding(std::string_view name)
{
    if (equal_no_case(name, "base64"))
        return TransferEncoding::base64;
    if (equal_no_case(name, "quoted-printable"))
        return TransferEncoding::quoted_printable;
    return TransferEncoding::identity;
}

bool is_known_encoding(std::string_view name)
{
    for (auto const known : { "", "7bit", "8bit", "binary", "base64", "quoted-printable" })
        if (equal_no_case(name, known))
            return true;
    return false;
}

void TransferDecoder::decode(std::string_view octets, std::string& out)
{
    switch (encoding_) {
    case TransferEncoding::identity:
        out += octets;
        return;
    case TransferEncoding::base64:
        decode_base64(octets, out);
        return;
    case TransferEncoding::quoted_printable:
        decode_quoted(octets, out);
        return;
    }
}

void TransferDecoder::decode_base64(std::string_view octets, std::string& out)
{
    for (char const c : octets) {
        auto const value = base64_values[static_cast<unsigned char>(c)];
        if (value < 0) {
            if (c == '=') { // the end of one stream; another may follow
                bits_ = 0;
                bit_count_ = 0;
            }
            continue;
        }
        bits_ = (bits_ << 6) | static_cast<std::uint32_t>(value);
        bit_count_ += 6;
        if (bit_count_ >= 8) {
            bit_count_ -= 8;
            out += static_cast<char>((bits_ >> bit_count_) & 0xff);
        }
    }
}

void TransferDecoder::decode_quoted(std::string_view octets, std::string& out)
{
    std::size_t at = 0;
    while (at < octets.size()) {
        if (held_.empty()) {
            auto const end = std::min(octets.find_first_of("= \t\r", at), octets.size());
            out += octets.substr(at, end - at);
            at = end;
        }
        if (at < octets.size())
            quoted_octet(octets[at++], out);
    }
}

/// Takes an octet that may be part of an escape, of a soft line break or of white space at a line's
/// end.
void TransferDecoder::quoted_octet(char c, std::string& out)
{
    if (held_.empty()) {
        if (c == '=' || c == ' ' || c == '\t' || c == '\r')
            held_ = c;
        else
            out += c;
        return;
    }
    bool const white = c == ' ' || c == '\t';
    if (held_[0] == '=') {
        if (c == '\n' && held_.find_first_not_of(" \t\r", 1) == held_.npos) {
            held_.clear(); // a soft line break, with white space that was added on the way
            return;
        }
        if (held_.size() == 2 && hex_value(held_[1]) >= 0 && hex_value(c) >= 0) {
            out += static_cast<char>(hex_value(held_[1]) * 16 + hex_value(c));
            held_.clear();
            return;
        }
        bool const goes_on = held_.size() == 1 ? hex_value(c) >= 0 || white || c == '\r'
                                               : hex_value(held_[1]) < 0 && (white || c == '\r');
        if (goes_on && held_.size() < most_held) {
            held_ += c;
            return;
        }
    } else { // white space, perhaps with a CR behind it
        if (c == '\n') {
            if (held_.back() == '\r')
                out += '\r';
            out += '\n';
            held_.clear();
            return;
        }
        if (held_.back() != '\r' && (white || c == '\r') && held_.size() < most_held) {
            held_ += c;
            return;
        }
    }
    out += held_;
    held_.clear();
    quoted_octet(c, out); // held_ is empty: one level only
}

void TransferDecoder::finish(std::string& out)
{
    if (!held_.empty() && held_ != "=")
        out += held_;
    held_.clear();
    bits_ = 0;
    bit_count_ = 0;
}

std::string decode_transfer(TransferEncoding encoding, std::string_view octets)
{
    std::string out;
    TransferDecoder decoder(encoding);
    decoder.decode(octets, out);
    decoder.finish(out);
    return out;
}

} // namespace mail::mime
