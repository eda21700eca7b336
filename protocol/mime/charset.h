// Charsets to UTF-8, by ICU where the few common ones do not suffice.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace mail::mime {

/// Whether SEARCH CHARSET may name it (RFC 9051 §6.4.4). Case does not matter.
bool is_supported_charset(std::string_view name);

/// Decodes text that comes in chunks, cut anywhere. What is invalid becomes U+FFFD. Text of an
/// unknown charset, US-ASCII or none is taken as UTF-8, and octets that are not, as windows-1252.
/// The output is valid UTF-8. Converters are kept per thread and used again.
class CharsetDecoder {
public:
    explicit CharsetDecoder(std::string_view charset);
    ~CharsetDecoder();
    CharsetDecoder(CharsetDecoder&&) noexcept;
    CharsetDecoder& operator=(CharsetDecoder&&) noexcept;

    void decode(std::string_view octets, std::string& out); ///< appends
    void finish(std::string& out); ///< appends what an unfinished character leaves

private:
    enum class Method : std::uint8_t { utf8, utf8_or_1252, windows_1252, icu };
    void decode_utf8(std::string_view octets, std::string& out, bool last);
    void decode_icu(std::string_view octets, std::string& out, bool last);

    struct Converter;
    Method method_ = Method::utf8_or_1252;
    std::string held_; ///< begin of a UTF-8 character, up to 3 octets
    char16_t surrogate_ = 0;
    std::unique_ptr<Converter> converter_;
};

/// A whole text at once.
std::string to_utf8(std::string_view charset, std::string_view octets);

bool is_utf8(std::string_view octets); ///< well-formed, by Unicode's table 3-7

/// At most `limit` octets of it, cut between characters.
std::string_view cut_utf8(std::string_view utf8, std::size_t limit);

/// Bytes that are not UTF-8 are taken as windows-1252: for headers and unlabelled text.
std::string repair_utf8(std::string_view octets);

} // namespace mail::mime
