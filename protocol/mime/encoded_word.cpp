// Encoded words and extended parameters to UTF-8.

#include "protocol/mime/encoded_word.h"

#include "protocol/mime/charset.h"
#include "protocol/mime/header.h"
#include "protocol/mime/transfer.h"

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

namespace mail::mime {

namespace {

    constexpr std::size_t most_pieces = 200; ///< of one parameter

    /// Decodes `mark` XX; in encoded words "_" is a blank.
    std::string unescape(std::string_view text, char mark, bool underscores)
    {
        std::string out;
        out.reserve(text.size());
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == mark && i + 2 < text.size() && hex_value(text[i + 1]) >= 0
                && hex_value(text[i + 2]) >= 0) {
                out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
                i += 2;
            } else
                out += underscores && text[i] == '_' ? ' ' : text[i];
        }
        return out;
    }

    struct EncodedWord {
        std::string_view charset;
        std::string octets;
        std::size_t end = 0; ///< behind it in the text
    };

    /// The encoded word that begins at `at`, where "=?" stands. Blanks within it are tolerated.
    std::optional<EncodedWord> read_word(std::string_view text, std::size_t at)
    {
        constexpr std::size_t longest_charset = 60;
        auto const charset_begin = at + 2;
        auto const charset_end
            = text.substr(0, charset_begin + longest_charset).find_first_of("? ", charset_begin);
        if (charset_end == text.npos || text[charset_end] != '?' || charset_end + 2 >= text.size()
            || text[charset_end + 2] != '?')
            return std::nullopt;
        char const encoding = text[charset_end + 1];
        auto const begin = charset_end + 3;
        auto end = text.find('?', begin);
        while (end != text.npos && text.substr(end, 2) != "?=") {
            if (end > begin && text[end - 1] == '=')
                return std::nullopt; // another word begins: this one has no end
            end = text.find('?', end + 1);
        }
        if (end == text.npos)
            return std::nullopt;
        EncodedWord word;
        word.charset = text.substr(charset_begin, charset_end - charset_begin);
        word.charset = word.charset.substr(0, word.charset.find('*')); // RFC 2231 §5: a language
        word.end = end + 2;
        auto const encoded = text.substr(begin, end - begin);
        if (encoding == 'B' || encoding == 'b')
            word.octets = decode_transfer(TransferEncoding::base64, encoded);
        else if (encoding == 'Q' || encoding == 'q')
            word.octets = unescape(encoded, '=', true);
        else
            return std::nullopt;
        return word;
    }

    /// A piece of a header text: octets and the charset that they claim to be in.
    struct TextPiece {
        std::string charset; ///< empty: none, it was no encoded word
        std::string octets;
    };

    /// Undoes the encoding of words. Neighbours of one charset are one piece: mailers cut within
    /// characters.
    std::vector<TextPiece> split_text(std::string_view text)
    {
        std::vector<TextPiece> pieces;
        std::size_t plain = 0; // begin of what is not yet taken
        for (auto at = text.find("=?"); at != text.npos;) {
            auto word = read_word(text, at);
            if (!word) {
                at = text.find("=?", at + 1);
                continue;
            }
            auto const between = text.substr(plain, at - plain);
            // White space between encoded words is not text.
            bool const follows = plain != 0 && between.find_first_not_of(" \t") == between.npos;
            if (!follows && !between.empty())
                pieces.push_back({ {}, std::string(between) });
            if (follows && equal_no_case(pieces.back().charset, word->charset))
                pieces.back().octets += word->octets;
            else
                pieces.push_back({ std::string(word->charset), std::move(word->octets) });
            plain = word->end;
            at = text.find("=?", plain);
        }
        if (plain < text.size())
            pieces.push_back({ {}, std::string(text.substr(plain)) });
        return pieces;
    }

    /// What encoded words may bring in and no line of text has.
    void drop_controls(std::string& text)
    {
        std::replace(text.begin(), text.end(), '\n', ' ');
        std::erase_if(text, [](char c) { return c == '\r' || c == '\0'; });
    }

    bool is_plain(std::string_view text)
    {
        return text.find("=?") == text.npos && std::ranges::all_of(text, [](char c) {
            return static_cast<unsigned char>(c) < 0x80;
        });
    }

    /// Whether `converted` is all that the octets say.
    bool is_faithful(TextPiece const& piece, std::string_view converted)
    {
        if (piece.charset.empty() || equal_no_case(piece.charset, "us-ascii"))
            return is_utf8(piece.octets);
        return is_supported_charset(piece.charset)
            && (converted.find("\xEF\xBF\xBD") == converted.npos || is_utf8(piece.octets));
    }

    /// Splits "charset'language'text"; without the marks all is text.
    std::pair<std::string_view, std::string_view> split_extended(std::string_view value)
    {
        auto const first = value.find('\'');
        auto const second = first == value.npos ? first : value.find('\'', first + 1);
        if (second == value.npos)
            return { {}, value };
        return { value.substr(0, first), value.substr(second + 1) };
    }

    struct ValuePiece {
        unsigned number;
        bool extended;
        std::string_view value;
    };

} // namespace

std::string decode_text(std::string_view raw_value)
{
    auto text = unfold(raw_value);
    if (is_plain(text))
        return text;
    std::string out;
    for (auto const& piece : split_text(text))
        out += to_utf8(piece.charset, piece.octets);
    drop_controls(out);
    return out;
}

StrictText decode_text_strictly(std::string_view raw_value)
{
    StrictText strict { unfold(raw_value) };
    if (is_plain(strict.text))
        return strict;
    std::string converted, octets;
    for (auto const& piece : split_text(strict.text)) {
        auto const utf8 = to_utf8(piece.charset, piece.octets);
        strict.is_valid = strict.is_valid && is_faithful(piece, utf8);
        converted += utf8;
        octets += piece.octets;
    }
    strict.text = std::move(strict.is_valid ? converted : octets);
    drop_controls(strict.text);
    return strict;
}

std::string decode_extended_value(std::string_view value)
{
    auto const [charset, text] = split_extended(value);
    return to_utf8(charset, unescape(text, '%', false));
}

std::optional<std::string> param_value(std::span<Param const> params, std::string_view name)
{
    Param const* simple = nullptr;
    std::vector<ValuePiece> pieces;
    for (auto const& param : params) {
        std::string_view given = param.name;
        if (!equal_no_case(given.substr(0, name.size()), name))
            continue;
        given.remove_prefix(name.size());
        if (given.empty()) {
            simple = simple == nullptr ? &param : simple;
            continue;
        }
        if (given == "*")
            return decode_extended_value(param.value);
        bool const extended = given.ends_with('*');
        unsigned number = 0;
        auto const digits = given.substr(1, given.size() - (extended ? 2 : 1));
        auto const [end, error]
            = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (given[0] == '*' && error == std::errc() && end == digits.data() + digits.size()
            && pieces.size() < most_pieces)
            pieces.push_back({ number, extended, param.value });
    }
    if (pieces.empty())
        return simple == nullptr ? std::nullopt : std::optional(decode_text(simple->value));
    std::ranges::stable_sort(pieces, {}, &ValuePiece::number);
    std::string_view charset;
    std::string octets;
    for (auto const& piece : pieces) {
        auto value = piece.value;
        if (&piece == &pieces.front() && piece.extended)
            std::tie(charset, value) = split_extended(value);
        octets += piece.extended ? unescape(value, '%', false) : std::string(value);
    }
    return to_utf8(charset, octets);
}

} // namespace mail::mime
