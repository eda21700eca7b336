// Object identifiers to text and back.
#include "protocol/imap/object_id.h"

#include <charconv>
#include <fmt/format.h>

namespace mail::imap {
namespace {

    // RFC 8474 §8.1 advises against identifiers that begin with a digit.
    constexpr char mailbox_letter = 'F';
    constexpr char email_letter = 'M';
    constexpr char thread_letter = 'T';

    std::optional<std::uint64_t> parse(std::string_view text, char letter)
    {
        if (!text.starts_with(letter))
            return std::nullopt;
        text.remove_prefix(1);
        std::uint64_t number = 0;
        auto const [end, error]
            = std::from_chars(text.data(), text.data() + text.size(), number, 16);
        if (error != std::errc {} || end != text.data() + text.size())
            return std::nullopt;
        // One number has one spelling, and case counts.
        return fmt::format("{:x}", number) == text ? std::optional(number) : std::nullopt;
    }

} // namespace

std::string object_id(storage::Place mailbox)
{
    return fmt::format("{}{:x}-{:x}", mailbox_letter, mailbox.account.value, mailbox.mailbox.value);
}

std::string object_id(storage::EmailId email)
{
    return fmt::format("{}{:x}", email_letter, email.value);
}

std::string thread_object_id(std::uint64_t thread)
{
    return fmt::format("{}{:x}", thread_letter, thread);
}

std::optional<storage::EmailId> parse_email_id(std::string_view text)
{
    auto const number = parse(text, email_letter);
    return number ? std::optional(storage::EmailId { *number }) : std::nullopt;
}

std::optional<std::uint64_t> parse_thread_id(std::string_view text)
{
    return parse(text, thread_letter);
}

} // namespace mail::imap
