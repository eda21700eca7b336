// SASLprep by ICU's stringprep.
#include "protocol/sasl/saslprep.h"

#include <unicode/usprep.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace mail::sasl {
namespace {

    bool is_printable_ascii(std::string_view text)
    {
        return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
    }

    UStringPrepProfile const* profile()
    {
        static UStringPrepProfile const* const instance = [] {
            UErrorCode error = U_ZERO_ERROR;
            auto const* found = ::usprep_openByType(USPREP_RFC4013_SASLPREP, &error);
            if (U_FAILURE(error) != 0)
                throw std::runtime_error("ICU has no SASLprep data: install libicu's data files");
            return found;
        }();
        return instance;
    }

    std::optional<std::u16string> to_utf16(std::string_view utf8)
    {
        std::u16string text(utf8.size(), u'\0'); // never more units than octets
        int32_t size = 0;
        UErrorCode error = U_ZERO_ERROR;
        ::u_strFromUTF8(text.data(), static_cast<int32_t>(text.size()), &size, utf8.data(),
            static_cast<int32_t>(utf8.size()), &error);
        if (U_FAILURE(error) != 0)
            return std::nullopt;
        text.resize(static_cast<std::size_t>(size));
        return text;
    }

    std::optional<std::string> to_utf8(std::u16string_view text)
    {
        std::string utf8(text.size() * 3, '\0');
        int32_t size = 0;
        UErrorCode error = U_ZERO_ERROR;
        ::u_strToUTF8(utf8.data(), static_cast<int32_t>(utf8.size()), &size, text.data(),
            static_cast<int32_t>(text.size()), &error);
        if (U_FAILURE(error) != 0)
            return std::nullopt;
        utf8.resize(static_cast<std::size_t>(size));
        return utf8;
    }

} // namespace

std::optional<std::string> saslprep(std::string_view utf8)
{
    constexpr std::size_t longest = 4096; // no name is longer
    if (utf8.size() > longest)
        return std::nullopt;
    if (is_printable_ascii(utf8))
        return std::string(utf8); // stays as it is
    auto const text = to_utf16(utf8);
    if (!text)
        return std::nullopt;
    std::u16string prepared(text->size() * 18 + 1, u'\0'); // NFKC's longest growth is 18 times
    UErrorCode error = U_ZERO_ERROR;
    auto const size = ::usprep_prepare(profile(), text->data(), static_cast<int32_t>(text->size()),
        prepared.data(), static_cast<int32_t>(prepared.size()), USPREP_ALLOW_UNASSIGNED, nullptr,
        &error);
    if (U_FAILURE(error) != 0)
        return std::nullopt;
    return to_utf8(std::u16string_view(prepared).substr(0, static_cast<std::size_t>(size)));
}

} // namespace mail::sasl
