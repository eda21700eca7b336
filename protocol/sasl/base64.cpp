#include "protocol/sasl/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace mail::sasl {

namespace {

    constexpr std::string_view alphabet
        = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    constexpr std::uint8_t invalid = 0xff;

    constexpr auto values = [] {
        std::array<std::uint8_t, 256> table {};
        table.fill(invalid);
        for (std::size_t i = 0; i < alphabet.size(); ++i)
            table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
        return table;
    }();

} // namespace

std::optional<std::string> decode_base64(std::string_view text, std::size_t max_octets)
{
    if (text.size() % 4 != 0)
        return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
        ++padding;
    if (text.size() / 4 * 3 - padding > max_octets)
        return std::nullopt;

    std::string octets;
    octets.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (char const c : text.substr(0, text.size() - padding)) {
        std::uint8_t const value = values[static_cast<unsigned char>(c)];
        if (value == invalid)
            return std::nullopt;
        bits = (bits << 6) | value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            octets.push_back(static_cast<char>((bits >> held) & 0xff));
        }
    }
    if ((bits & ((1u << held) - 1)) != 0)
        return std::nullopt; // a second spelling of the same octets
    return octets;
}

void append_base64(std::string& out, std::string_view octets)
{
    out.reserve(out.size() + (octets.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < octets.size(); i += 3) {
        std::size_t const count = std::min<std::size_t>(3, octets.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = (group << 8) | (k < count ? static_cast<unsigned char>(octets[i + k]) : 0u);
        out += alphabet[group >> 18];
        out += alphabet[(group >> 12) & 63];
        out += count > 1 ? alphabet[(group >> 6) & 63] : '=';
        out += count > 2 ? alphabet[group & 63] : '=';
    }
}

} // namespace mail::sasl
