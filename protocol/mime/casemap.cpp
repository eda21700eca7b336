// Tables of prepared characters, made from ICU's data as they are needed.

#include "protocol/mime/casemap.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <stdexcept>

namespace mail::mime {

namespace {

    constexpr std::size_t page_size = 256; ///< characters
    constexpr std::size_t page_count = 0x110000 / page_size;

    icu::Normalizer2 const& decomposer()
    {
        static icu::Normalizer2 const* const instance = [] {
            UErrorCode error = U_ZERO_ERROR;
            auto const* found = icu::Normalizer2::getNFKDInstance(error);
            if (U_FAILURE(error) != 0)
                throw std::runtime_error("ICU has no NFKD data: install libicu's data files");
            return found;
        }();
        return *instance;
    }

    /// What consecutive characters become, one behind the other.
    class Page {
    public:
        explicit Page(std::size_t number)
        {
            icu::UnicodeString decomposed;
            for (std::size_t i = 0; i < page_size; ++i) {
                auto const title
                    = ::u_totitle(static_cast<UChar32>(number * page_size + i)); // step 2 (a)
                if (!decomposer().getDecomposition(title, decomposed)) // step 2 (b)
                    decomposed.setTo(title);
                decomposed.toUTF8String(octets_);
                ends_[i + 1] = static_cast<std::uint16_t>(octets_.size()); // 33 octets each at most
            }
            octets_.shrink_to_fit();
        }

        std::string_view operator[](std::size_t i) const
        {
            return std::string_view(octets_).substr(
                ends_[i], std::size_t { ends_[i + 1] } - ends_[i]);
        }

    private:
        std::array<std::uint16_t, page_size + 1> ends_ {};
        std::string octets_;
    };

    /// Lives as long as the program: which characters mail has is soon known.
    Page const& page(std::size_t number)
    {
        static std::array<std::atomic<Page const*>, page_count> pages {};
        auto const* known = pages[number].load(std::memory_order_acquire);
        if (known != nullptr)
            return *known;
        auto made = std::make_unique<Page const>(number);
        if (pages[number].compare_exchange_strong(known, made.get(), std::memory_order_acq_rel))
            return *made.release();
        return *known; // another thread was faster
    }

    /// Takes the character at the front; `text` is well-formed and not empty.
    char32_t take_character(std::string_view& text)
    {
        auto const lead = static_cast<unsigned char>(text[0]);
        std::size_t const octets = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        char32_t c = octets == 1 ? lead : lead & (0x7FU >> octets);
        for (std::size_t i = 1; i < octets; ++i)
            c = c << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
        text.remove_prefix(octets);
        return c;
    }

} // namespace

void append_casemapped(std::string_view utf8, std::string& out)
{
    while (!utf8.empty()) {
        auto const c = take_character(utf8);
        out += page(c / page_size)[c % page_size];
    }
}

} // namespace mail::mime
