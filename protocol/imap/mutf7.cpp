// Modified UTF-7: printable ASCII stands for itself, "&-" for "&", all else is UTF-16 in base64
// with
// "," in place of "/" and without padding, between "&" and "-" (RFC 3501 §5.1.3).
#include "protocol/imap/mutf7.h"

#include <cstdint>

namespace mail::imap {
namespace {

    constexpr std::string_view alphabet
        = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

    bool is_direct(char32_t c) { return c >= 0x20 && c < 0x7f; }

    void append_utf8(std::string& out, char32_t c)
    {
        auto const put = [&](char32_t octet) { out.push_back(static_cast<char>(octet)); };
        if (c < 0x80) {
            put(c);
        } else if (c < 0x800) {
            put(0xc0 | (c >> 6));
            put(0x80 | (c & 0x3f));
        } else if (c < 0x10000) {
            put(0xe0 | (c >> 12));
            put(0x80 | ((c >> 6) & 0x3f));
            put(0x80 | (c & 0x3f));
        } else {
            put(0xf0 | (c >> 18));
            put(0x80 | ((c >> 12) & 0x3f));
            put(0x80 | ((c >> 6) & 0x3f));
            put(0x80 | (c & 0x3f));
        }
    }

    /// Takes one character from the front; nullopt when it is not well-formed.
    std::optional<char32_t> take_utf8(std::string_view& octets)
    {
        auto const first = static_cast<unsigned char>(octets.front());
        std::size_t length = 1;
        char32_t c = first;
        char32_t least = 0;
        if (first >= 0xf0 && first < 0xf5) {
            length = 4;
            c = first & 0x07u;
            least = 0x10000;
        } else if (first >= 0xe0 && first < 0xf0) {
            length = 3;
            c = first & 0x0fu;
            least = 0x800;
        } else if (first >= 0xc2 && first < 0xe0) {
            length = 2;
            c = first & 0x1fu;
            least = 0x80;
        } else if (first >= 0x80) {
            return std::nullopt;
        }
        if (octets.size() < length)
            return std::nullopt;
        for (std::size_t i = 1; i < length; ++i) {
            auto const octet = static_cast<unsigned char>(octets[i]);
            if ((octet & 0xc0) != 0x80)
                return std::nullopt;
            c = (c << 6) | (octet & 0x3fu);
        }
        octets.remove_prefix(length);
        if (c < least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
            return std::nullopt;
        return c;
    }

    /// Puts UTF-16 units together to characters that base64 may carry.
    class Utf16Reader {
    public:
        bool add(std::uint16_t unit, std::string& out)
        {
            if (high_ != 0) {
                if (unit < 0xdc00 || unit > 0xdfff)
                    return false;
                append_utf8(out,
                    0x10000 + ((static_cast<char32_t>(high_ - 0xd800)) << 10)
                        + static_cast<char32_t>(unit - 0xdc00));
                high_ = 0;
                return true;
            }
            if (unit >= 0xd800 && unit < 0xdc00) {
                high_ = unit;
                return true;
            }
            if (is_direct(unit) || (unit >= 0xdc00 && unit < 0xe000))
                return false;
            append_utf8(out, unit);
            return true;
        }
        bool is_complete() const { return high_ == 0; }

    private:
        std::uint16_t high_ = 0;
    };

    /// Decodes what stands between "&" and "-".
    bool decode_base64(std::string_view digits, std::string& out)
    {
        Utf16Reader reader;
        std::uint32_t bits = 0;
        int held = 0;
        for (char const digit : digits) {
            auto const value = alphabet.find(digit);
            if (value == std::string_view::npos)
                return false;
            bits = (bits << 6) | static_cast<std::uint32_t>(value);
            held += 6;
            if (held >= 16) {
                held -= 16;
                if (!reader.add(static_cast<std::uint16_t>(bits >> held), out))
                    return false;
                bits &= (1u << held) - 1;
            }
        }
        return held < 6 && bits == 0 && reader.is_complete();
    }

    class Base64Writer {
    public:
        explicit Base64Writer(std::string& out)
            : out_(out)
        {
        }
        void add(std::uint16_t unit)
        {
            bits_ = (bits_ << 16) | unit;
            held_ += 16;
            while (held_ >= 6) {
                held_ -= 6;
                out_.push_back(alphabet[(bits_ >> held_) & 0x3f]);
            }
            bits_ &= (1u << held_) - 1;
        }
        void end()
        {
            if (held_ > 0)
                out_.push_back(alphabet[(bits_ << (6 - held_)) & 0x3f]);
            held_ = 0;
            bits_ = 0;
        }

    private:
        std::string& out_;
        std::uint32_t bits_ = 0;
        int held_ = 0;
    };

} // namespace

std::optional<std::string> decode_mutf7(std::string_view name)
{
    std::string out;
    out.reserve(name.size());
    bool follows_base64 = false;
    while (!name.empty()) {
        char const c = name.front();
        name.remove_prefix(1);
        if (c != '&') {
            if (!is_direct(static_cast<unsigned char>(c)))
                return std::nullopt;
            out.push_back(c);
            follows_base64 = false;
            continue;
        }
        auto const end = name.find('-');
        if (end == std::string_view::npos)
            return std::nullopt;
        auto const digits = name.substr(0, end);
        name.remove_prefix(end + 1);
        if (digits.empty()) {
            out.push_back('&');
            follows_base64 = false;
            continue;
        }
        // Two runs side by side would give one mailbox two spellings.
        if (follows_base64 || !decode_base64(digits, out))
            return std::nullopt;
        follows_base64 = true;
    }
    return out;
}

std::string encode_mutf7(std::string_view name)
{
    std::string out;
    out.reserve(name.size());
    while (!name.empty()) {
        auto const c = static_cast<unsigned char>(name.front());
        if (is_direct(c)) {
            out.push_back(name.front());
            if (c == '&')
                out.push_back('-');
            name.remove_prefix(1);
            continue;
        }
        out.push_back('&');
        Base64Writer writer(out);
        while (!name.empty() && !is_direct(static_cast<unsigned char>(name.front()))) {
            auto const character = take_utf8(name);
            if (!character) { // not UTF-8: cannot come from decode_mutf7; shown, not lost
                name.remove_prefix(1);
                writer.add(0xfffd);
            } else if (*character >= 0x10000) {
                writer.add(static_cast<std::uint16_t>(0xd800 + ((*character - 0x10000) >> 10)));
                writer.add(static_cast<std::uint16_t>(0xdc00 + ((*character - 0x10000) & 0x3ff)));
            } else {
                writer.add(static_cast<std::uint16_t>(*character));
            }
        }
        writer.end();
        out.push_back('-');
    }
    return out;
}

bool is_utf8(std::string_view octets)
{
    while (!octets.empty())
        if (!take_utf8(octets))
            return false;
    return true;
}

} // namespace mail::imap
