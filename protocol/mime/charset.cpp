// Charsets to UTF-8: UTF-8 itself and windows-1252 by hand, all others by ICU.

#include "protocol/mime/charset.h"

#include "protocol/mime/header.h"
#include "storage/ascii.h"

#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace mail::mime {

namespace {

    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    constexpr std::size_t most_idle_converters = 16; ///< per thread
    constexpr std::size_t longest_name = 60;

    /// What mail means by a name, where ICU or the standard means less.
    struct Alias {
        std::string_view name, meaning;
    };
    constexpr auto aliases = std::to_array<Alias>({
        { "utf8", "utf-8" },
        { "unicode-1-1-utf-8", "utf-8" },
        { "x-unicode-2-0-utf-8", "utf-8" },
        { "latin1", "windows-1252" },
        { "iso-8859-1", "windows-1252" },
        { "iso8859-1", "windows-1252" },
        { "iso_8859-1", "windows-1252" },
        { "cp1252", "windows-1252" },
        { "iso-8859-9", "windows-1254" },
        { "iso-8859-11", "windows-874" },
        { "tis-620", "windows-874" },
        { "iso-8859-8-i", "iso-8859-8" },
        { "iso-8859-8-e", "iso-8859-8" },
        { "gb2312", "gb18030" },
        { "gbk", "gb18030" },
        { "x-gbk", "gb18030" },
        { "x-euc-cn", "gb18030" },
        { "shift_jis", "windows-31j" },
        { "shift-jis", "windows-31j" },
        { "x-sjis", "windows-31j" },
        { "ks_c_5601-1987", "windows-949" },
        { "ks_c_5601", "windows-949" },
        { "euc-kr", "windows-949" },
        { "big5", "windows-950" },
        { "x-big5", "windows-950" },
        { "unicode-1-1-utf-7", "utf-7" },
        { "us-ascii", "us-ascii" },
        { "ascii", "us-ascii" },
        { "ansi_x3.4-1968", "us-ascii" },
    });

    /// windows-1252 for 0x80 to 0x9f; 0 where it has no character.
    constexpr std::array<char16_t, 32> high_controls { 0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026,
        0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0, 0, 0x2018, 0x2019,
        0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E,
        0x0178 };

    void append_utf8(char32_t c, std::string& out)
    {
        if (c < 0x80) {
            out += static_cast<char>(c);
        } else if (c < 0x800) {
            out += static_cast<char>(0xC0 | (c >> 6));
            out += static_cast<char>(0x80 | (c & 0x3F));
        } else if (c < 0x10000) {
            out += static_cast<char>(0xE0 | (c >> 12));
            out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
            out += static_cast<char>(0x80 | (c & 0x3F));
        } else {
            out += static_cast<char>(0xF0 | (c >> 18));
            out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
            out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
            out += static_cast<char>(0x80 | (c & 0x3F));
        }
    }

    void append_1252(char c, std::string& out)
    {
        auto const octet = static_cast<unsigned char>(c);
        if (octet >= 0x80 && octet < 0xA0) {
            auto const high = high_controls[octet - 0x80U];
            append_utf8(high != 0 ? high : 0xFFFD, out);
        } else
            append_utf8(octet, out);
    }

    enum class Sequence { valid, invalid, unfinished };

    /// Judges the UTF-8 sequence at the start of `text`; `length` becomes the octets that it has or
    /// could have.
    Sequence judge_utf8(std::string_view text, std::size_t& length)
    {
        auto const at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
        auto const lead = at(0);
        length = 1;
        if (lead < 0x80)
            return Sequence::valid;
        std::size_t need = 0;
        unsigned low = 0x80, high = 0xBF;
        if (lead >= 0xC2 && lead <= 0xDF) {
            need = 2;
        } else if (lead >= 0xE0 && lead <= 0xEF) {
            need = 3;
            low = lead == 0xE0 ? 0xA0 : 0x80;
            high = lead == 0xED ? 0x9F : 0xBF;
        } else if (lead >= 0xF0 && lead <= 0xF4) {
            need = 4;
            low = lead == 0xF0 ? 0x90 : 0x80;
            high = lead == 0xF4 ? 0x8F : 0xBF;
        } else
            return Sequence::invalid;
        for (; length < need; ++length) {
            if (length == text.size())
                return Sequence::unfinished;
            if (at(length) < low || at(length) > high)
                return Sequence::invalid;
            low = 0x80;
            high = 0xBF;
        }
        return Sequence::valid;
    }

    using ascii::is_ascii;

    /// Lower case, without quotes and white space; empty when it cannot name a charset.
    std::string clean_name(std::string_view name)
    {
        std::string clean;
        for (char const c : name) {
            if (c == ' ' || c == '\t' || c == '"' || c == '\'')
                continue;
            bool const digit = c >= '0' && c <= '9';
            char const low = ascii::lower(c);
            // Nothing else reaches ICU, which reads options from names and opens files by them.
            if (!digit && !(low >= 'a' && low <= 'z')
                && std::string_view("-_.:+").find(c) == std::string_view::npos)
                return {};
            clean += low;
        }
        if (clean.size() > longest_name)
            clean.clear();
        for (auto const& alias : aliases)
            if (clean == alias.name)
                return std::string(alias.meaning);
        return clean;
    }

    struct CloseConverter {
        void operator()(UConverter* converter) const { ::ucnv_close(converter); }
    };
    using ConverterPtr = std::unique_ptr<UConverter, CloseConverter>;

    struct Idle {
        std::string name;
        ConverterPtr converter;
    };
    /// Converters that nobody uses now. Opening one costs microseconds to milliseconds.
    thread_local std::vector<Idle> idle_converters;

    ConverterPtr open_converter(std::string const& name)
    {
        auto const found = std::ranges::find(idle_converters, name, &Idle::name);
        if (found != idle_converters.end()) {
            auto converter = std::move(found->converter);
            idle_converters.erase(found);
            return converter;
        }
        UErrorCode error = U_ZERO_ERROR;
        ConverterPtr converter(::ucnv_open(name.c_str(), &error));
        if (U_FAILURE(error) != 0)
            return nullptr;
        return converter;
    }

    /// A converter in use; given back to the thread's idle ones, reset.
    struct Borrowed {
        std::string name;
        ConverterPtr icu;

        Borrowed(std::string charset, ConverterPtr converter)
            : name(std::move(charset))
            , icu(std::move(converter))
        {
        }
        Borrowed(Borrowed const&) = delete;
        Borrowed& operator=(Borrowed const&) = delete;
        ~Borrowed()
        {
            ::ucnv_reset(icu.get());
            if (idle_converters.size() >= most_idle_converters)
                idle_converters.erase(idle_converters.begin());
            idle_converters.push_back({ std::move(name), std::move(icu) });
        }
    };

} // namespace

struct CharsetDecoder::Converter : Borrowed {
    using Borrowed::Borrowed;
};

bool is_supported_charset(std::string_view name)
{
    auto const clean = clean_name(name);
    if (clean == "utf-8" || clean == "us-ascii" || clean == "windows-1252")
        return true;
    if (clean.empty())
        return false;
    auto converter = open_converter(clean);
    if (!converter)
        return false;
    Borrowed const returned(clean, std::move(converter));
    return true;
}

CharsetDecoder::CharsetDecoder(std::string_view charset)
{
    auto clean = clean_name(charset);
    if (clean == "utf-8")
        method_ = Method::utf8;
    else if (clean == "windows-1252")
        method_ = Method::windows_1252;
    else if (!clean.empty() && clean != "us-ascii") {
        if (auto converter = open_converter(clean)) {
            method_ = Method::icu;
            converter_ = std::make_unique<Converter>(std::move(clean), std::move(converter));
        }
    }
}

CharsetDecoder::~CharsetDecoder() = default;
CharsetDecoder::CharsetDecoder(CharsetDecoder&&) noexcept = default;
CharsetDecoder& CharsetDecoder::operator=(CharsetDecoder&&) noexcept = default;

void CharsetDecoder::decode(std::string_view octets, std::string& out)
{
    switch (method_) {
    case Method::utf8:
    case Method::utf8_or_1252:
        decode_utf8(octets, out, false);
        return;
    case Method::windows_1252:
        for (char const c : octets)
            append_1252(c, out);
        return;
    case Method::icu:
        decode_icu(octets, out, false);
        return;
    }
}

void CharsetDecoder::finish(std::string& out)
{
    if (method_ == Method::icu)
        decode_icu({}, out, true);
    else
        decode_utf8({}, out, true);
}

void CharsetDecoder::decode_utf8(std::string_view octets, std::string& out, bool last)
{
    std::string joined;
    if (!held_.empty()) {
        joined = std::exchange(held_, {});
        joined += octets;
        octets = joined;
    }
    std::size_t at = 0;
    while (at < octets.size()) {
        auto const plain = at;
        while (at < octets.size() && is_ascii(octets[at]))
            ++at;
        out += octets.substr(plain, at - plain);
        if (at == octets.size())
            return;
        std::size_t length = 0;
        auto const judged = judge_utf8(octets.substr(at), length);
        if (judged == Sequence::unfinished && !last) {
            held_ = octets.substr(at);
            return;
        }
        if (judged == Sequence::valid) {
            out += octets.substr(at, length);
            at += length;
        } else if (method_ == Method::utf8) {
            out += replacement;
            at += length; // the part of a sequence that was sound, as Unicode recommends
        } else {
            append_1252(octets[at], out);
            ++at;
        }
    }
}

void CharsetDecoder::decode_icu(std::string_view octets, std::string& out, bool last)
{
    std::array<char16_t, 512> units;
    char const* source = octets.data();
    char const* const source_end = source + octets.size();
    UErrorCode error = U_ZERO_ERROR;
    do {
        error = U_ZERO_ERROR;
        char16_t* target = units.data();
        ::ucnv_toUnicode(converter_->icu.get(), &target, target + units.size(), &source, source_end,
            nullptr, static_cast<UBool>(last), &error);
        for (char16_t const* unit = units.data(); unit != target; ++unit) {
            bool const low = *unit >= 0xDC00 && *unit < 0xE000;
            if (surrogate_ != 0) {
                append_utf8(
                    low ? 0x10000U + ((surrogate_ - 0xD800U) << 10) + (*unit - 0xDC00U) : 0xFFFDU,
                    out);
                surrogate_ = 0;
                if (low)
                    continue;
            }
            if (*unit >= 0xD800 && *unit < 0xDC00)
                surrogate_ = *unit;
            else
                append_utf8(low ? char32_t { 0xFFFD } : char32_t { *unit }, out);
        }
    } while (error == U_BUFFER_OVERFLOW_ERROR);
    if (last && std::exchange(surrogate_, u'\0') != 0)
        out += replacement;
}

std::string to_utf8(std::string_view charset, std::string_view octets)
{
    std::string out;
    out.reserve(octets.size());
    CharsetDecoder decoder(charset);
    decoder.decode(octets, out);
    decoder.finish(out);
    return out;
}

bool is_utf8(std::string_view octets)
{
    std::size_t length = 0;
    for (std::size_t at = 0; at < octets.size(); at += length)
        if (judge_utf8(octets.substr(at), length) != Sequence::valid)
            return false;
    return true;
}

std::string_view cut_utf8(std::string_view utf8, std::size_t limit)
{
    if (utf8.size() <= limit)
        return utf8;
    while (limit > 0 && (static_cast<unsigned char>(utf8[limit]) & 0xC0) == 0x80)
        --limit;
    return utf8.substr(0, limit);
}

std::string repair_utf8(std::string_view octets) { return to_utf8({}, octets); }

} // namespace mail::mime
