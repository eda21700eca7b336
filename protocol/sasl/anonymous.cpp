// ANONYMOUS: nobody is named; a trace may say who asks, and anything else (RFC 4505).
#include "protocol/mime/charset.h"
#include "protocol/sasl/mechanism.h"

#include <algorithm>

namespace mail::sasl {

namespace {

    constexpr std::ptrdiff_t max_characters = 255;

    bool has_controls(std::string_view utf8)
    {
        for (std::size_t i = 0; i < utf8.size(); ++i) {
            auto const octet = static_cast<unsigned char>(utf8[i]);
            bool const is_c1 = octet == 0xc2 && static_cast<unsigned char>(utf8[i + 1]) < 0xa0;
            if (octet < 0x20 || octet == 0x7f || is_c1)
                return true;
        }
        return false;
    }

    /// An address, or a token without "@": at most 255 characters of UTF-8, none of them a control.
    /// That it is a good address is of no use: anybody may write any.
    bool is_trace(std::string_view text)
    {
        auto const begins = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
        auto const mark = text.find('@');
        return mime::is_utf8(text) && !has_controls(text)
            && std::ranges::count_if(text, begins) <= max_characters
            && (mark == text.npos || (mark > 0 && text.back() != '@'));
    }

    class Anonymous final : public Mechanism {
    public:
        Step begin() override { return Challenge {}; }

        Step feed(std::string_view response) override
        {
            if (!is_trace(response))
                return Malformed {
                    "ANONYMOUS takes an address or a word of at most 255 characters, or nothing"
                };
            return AnonymousClaim { std::string(response) };
        }
    };

} // namespace

std::unique_ptr<Mechanism> make_anonymous(Channel const&) { return std::make_unique<Anonymous>(); }

} // namespace mail::sasl
