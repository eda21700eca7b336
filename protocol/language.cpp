// Finds languages by ranges, and texts by their English.
#include "protocol/language.h"

#include "protocol/mime/header.h"
#include "protocol/texts.h"

#include <algorithm>
#include <array>
#include <vector>

namespace mail {
namespace {

    struct Tag {
        Language language;
        std::string_view tag;
        std::string_view name;
    };
    constexpr auto tags = std::to_array<Tag>({
        { Language::i_default, "i-default", "English" },
        { Language::en, "en", "English" },
        { Language::de, "de", "Deutsch" },
        { Language::fr, "fr", "Français" },
    });
    constexpr std::array all { Language::i_default, Language::en, Language::de, Language::fr };
    static_assert(tags.size() == all.size());

    bool is_alphanumeric(char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    std::string_view in(Language language, Text const& text)
    {
        switch (language) {
        case Language::de:
            return text.german;
        case Language::fr:
            return text.french;
        case Language::i_default:
        case Language::en:
            break;
        }
        return text.english;
    }

    constexpr std::string_view gap = "{}";

    /// What stands in the gaps of `pattern` when `text` is made by it.
    std::optional<std::vector<std::string_view>> fill_of(
        std::string_view pattern, std::string_view text)
    {
        std::vector<std::string_view> fill;
        auto end = pattern.find(gap);
        if (!text.starts_with(pattern.substr(0, end)))
            return std::nullopt;
        text.remove_prefix(end);
        while (end != std::string_view::npos) {
            pattern.remove_prefix(end + gap.size());
            end = pattern.find(gap);
            auto const words = pattern.substr(0, end);
            // The last words are those at the text's end.
            auto const at = end == std::string_view::npos ? text.rfind(words) : text.find(words);
            if (at == std::string_view::npos
                || (end == std::string_view::npos && at + words.size() != text.size()))
                return std::nullopt;
            fill.push_back(text.substr(0, at));
            text.remove_prefix(at + words.size());
        }
        return fill;
    }

    std::string filled(std::string_view pattern, std::vector<std::string> const& fill)
    {
        std::string text;
        for (auto const& words : fill) {
            auto const at = pattern.find(gap);
            text.append(pattern.substr(0, at)).append(words);
            pattern.remove_prefix(at + gap.size());
        }
        return text.append(pattern);
    }

    /// Words of the protocol with an "or" between them, such as "MIN, MAX or COUNT".
    std::optional<std::string> translate_choice(Language language, std::string_view text)
    {
        constexpr std::string_view english = " or ";
        auto const at = text.rfind(english);
        auto const is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
        if (at == std::string_view::npos || std::ranges::any_of(text.substr(0, at), is_lower)
            || std::ranges::any_of(text.substr(at + english.size()), is_lower))
            return std::nullopt;
        return std::string(text.substr(0, at))
            .append(language == Language::de ? " oder " : " ou ")
            .append(text.substr(at + english.size()));
    }

    template <Language language> std::string into(std::string_view english)
    {
        return translate(language, english);
    }

} // namespace

std::span<Language const> languages() { return all; }

std::string_view tag_of(Language language) { return tags[static_cast<std::size_t>(language)].tag; }

std::string_view name_of(Language language)
{
    return tags[static_cast<std::size_t>(language)].name;
}

bool is_language_range(std::string_view text)
{
    for (;;) {
        auto const end = text.find('-');
        auto const subtag = text.substr(0, end);
        bool const is_subtag
            = !subtag.empty() && subtag.size() <= 8 && std::ranges::all_of(subtag, is_alphanumeric);
        if (!is_subtag && subtag != "*")
            return false;
        if (end == std::string_view::npos)
            return true;
        text.remove_prefix(end + 1);
    }
}

std::optional<Language> find_language(std::string_view range)
{
    if (range == "*")
        return Language::i_default;
    while (!range.empty()) {
        for (auto const& each : tags)
            if (mime::equal_no_case(each.tag, range))
                return each.language;
        auto const end = range.rfind('-');
        range = range.substr(0, end == std::string_view::npos ? 0 : end);
        // A subtag of one letter says what the next ones are, and means nothing without them.
        if (range.size() > 2 && range[range.size() - 2] == '-')
            range.remove_suffix(2);
    }
    return std::nullopt;
}

std::string translate(Language language, std::string_view english)
{
    if (language == Language::i_default || language == Language::en)
        return std::string(english);
    auto const texts = whole_texts();
    auto const text = std::ranges::lower_bound(texts, english, {}, &Text::english);
    if (text != texts.end() && text->english == english)
        return std::string(in(language, *text));
    if (auto choice = translate_choice(language, english))
        return std::move(*choice);
    for (auto const& each : texts_with_gaps()) {
        auto const fill = fill_of(each.english, english);
        if (!fill)
            continue;
        std::vector<std::string> translated;
        for (auto const words : *fill)
            translated.push_back(translate(language, words));
        return filled(in(language, each), translated);
    }
    return std::string(english);
}

Translation translation_into(Language language)
{
    switch (language) {
    case Language::de:
        return into<Language::de>;
    case Language::fr:
        return into<Language::fr>;
    case Language::i_default:
    case Language::en:
        break;
    }
    return nullptr;
}

} // namespace mail
