// The first words of a message.

#include "protocol/mime/preview.h"

#include "protocol/mime/charset.h"
#include "protocol/mime/encoded_word.h"
#include "protocol/mime/header.h"
#include "protocol/mime/transfer.h"

#include <array>
#include <charconv>

namespace mail::mime {

namespace {

    /// Collects characters until there are enough; runs of white space count as one blank.
    class Collector {
    public:
        bool full() const { return characters_ >= preview_characters; }

        /// Adds the character that begins at `at`, moving `at` behind it.
        void take(std::string_view utf8, std::size_t& at)
        {
            auto const begin = at++;
            while (at < utf8.size() && (static_cast<unsigned char>(utf8[at]) & 0xC0) == 0x80)
                ++at;
            add(utf8.substr(begin, at - begin));
        }
        void add(std::string_view character)
        {
            auto const octet = static_cast<unsigned char>(character[0]);
            if (octet <= 0x20 || octet == 0x7f || character == "\xC2\xA0"
                || character == "\xEF\xBB\xBF") {
                blank_ = !text_.empty();
                return;
            }
            if (blank_) {
                text_ += ' ';
                blank_ = false;
                if (++characters_ >= preview_characters)
                    return;
            }
            text_ += character;
            ++characters_;
        }
        std::string result()
        {
            if (text_.ends_with(' '))
                text_.pop_back();
            return std::move(text_);
        }

    private:
        std::string text_;
        std::size_t characters_ = 0;
        bool blank_ = false;
    };

    struct Entity {
        std::string_view name, text;
    };
    constexpr auto entities = std::to_array<Entity>({ { "amp", "&" }, { "lt", "<" }, { "gt", ">" },
        { "quot", "\"" }, { "apos", "'" }, { "nbsp", " " }, { "ndash", "\xE2\x80\x93" },
        { "mdash", "\xE2\x80\x94" }, { "hellip", "\xE2\x80\xA6" }, { "copy", "\xC2\xA9" },
        { "euro", "\xE2\x82\xAC" }, { "lsquo", "\xE2\x80\x98" }, { "rsquo", "\xE2\x80\x99" },
        { "ldquo", "\xE2\x80\x9C" }, { "rdquo", "\xE2\x80\x9D" }, { "zwnj", " " }, { "shy", " " },
        { "auml", "\xC3\xA4" }, { "ouml", "\xC3\xB6" }, { "uuml", "\xC3\xBC" },
        { "szlig", "\xC3\x9F" }, { "eacute", "\xC3\xA9" } });

    std::string utf8_of(unsigned code)
    {
        if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
            return " ";
        std::array<char, 4> const wide { static_cast<char>(code >> 24),
            static_cast<char>(code >> 16), static_cast<char>(code >> 8), static_cast<char>(code) };
        return to_utf8("utf-32be", std::string_view(wide.data(), wide.size()));
    }

    /// The text of "&name;" at `at`, which moves behind it; empty when it is none.
    std::string take_entity(std::string_view html, std::size_t& at)
    {
        auto const end = html.substr(0, at + 12).find(';', at);
        if (end == html.npos)
            return {};
        auto name = html.substr(at + 1, end - at - 1);
        std::string text;
        if (name.starts_with('#')) {
            bool const hex = name.starts_with("#x") || name.starts_with("#X");
            auto const digits = name.substr(hex ? 2 : 1);
            unsigned code = 0;
            auto const parsed = std::from_chars(
                digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
            if (parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size())
                text = utf8_of(code);
        } else
            for (auto const& entity : entities)
                if (entity.name == name)
                    text = entity.text;
        if (!text.empty())
            at = end + 1;
        return text;
    }

    bool begins_tag(std::string_view html, std::size_t at, std::string_view name)
    {
        return equal_no_case(html.substr(at + 1, name.size()), name)
            && (at + 1 + name.size() >= html.size()
                || std::string_view(" \t\r\n/>").find(html[at + 1 + name.size()])
                    != std::string_view::npos);
    }

    /// Moves behind the tag, comment or element without text that begins at `at`.
    void skip_markup(std::string_view html, std::size_t& at)
    {
        auto const behind = [&](std::string_view mark, std::size_t from) {
            auto const found = html.find(mark, from);
            return found == html.npos ? html.size() : found + mark.size();
        };
        if (html.substr(at).starts_with("<!--")) {
            at = behind("-->", at);
            return;
        }
        for (auto const name : { "style", "script", "head", "title" }) {
            if (!begins_tag(html, at, name))
                continue;
            auto const end_tag = std::string("/") + name;
            for (auto next = html.find('<', at + 1); next != html.npos;
                 next = html.find('<', next + 1))
                if (begins_tag(html, next, end_tag)) {
                    at = behind(">", next);
                    return;
                }
            at = html.size();
            return;
        }
        at = behind(">", at);
    }

} // namespace

std::string preview_of_plain(std::string_view text)
{
    Collector collector;
    for (std::size_t at = 0; at < text.size() && !collector.full();)
        collector.take(text, at);
    return collector.result();
}

std::string preview_of_html(std::string_view html)
{
    Collector collector;
    for (std::size_t at = 0; at < html.size() && !collector.full();) {
        char const c = html[at];
        if (c == '<' && at + 1 < html.size()
            && std::string_view(" \t\r\n=0123456789").find(html[at + 1])
                == std::string_view::npos) {
            bool const is_inline = begins_tag(html, at, "b") || begins_tag(html, at, "/b")
                || begins_tag(html, at, "i") || begins_tag(html, at, "/i")
                || begins_tag(html, at, "span") || begins_tag(html, at, "/span")
                || begins_tag(html, at, "a") || begins_tag(html, at, "/a")
                || begins_tag(html, at, "font") || begins_tag(html, at, "/font")
                || begins_tag(html, at, "strong") || begins_tag(html, at, "/strong")
                || begins_tag(html, at, "em") || begins_tag(html, at, "/em");
            skip_markup(html, at);
            if (!is_inline)
                collector.add(" "); // other elements keep words apart
        } else if (c == '&') {
            if (auto const text = take_entity(html, at); !text.empty())
                collector.add(text);
            else
                collector.take(html, at);
        } else
            collector.take(html, at);
    }
    return collector.result();
}

std::string preview_of(Message const& message)
{
    if (!message.has_text)
        return {};
    auto const& part = message.parts[message.text_part];
    auto const octets = decode_transfer(transfer_encoding(part.encoding), message.text_prefix);
    std::string text;
    CharsetDecoder decoder(param_value(part.params, "charset").value_or(""));
    decoder.decode(octets, text); // not finished: a character that the prefix cuts is left out
    return equal_no_case(part.subtype, "html") ? preview_of_html(text) : preview_of_plain(text);
}

} // namespace mail::mime
