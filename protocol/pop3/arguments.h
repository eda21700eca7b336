// Arguments of POP3 commands: numbers of messages and of lines (RFC 1939 §3).
#pragma once

#include "protocol/pop3/failure.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mail::pop3 {

struct NoArguments { };

struct MessageNumber {
    std::uint64_t number; ///< from 1; may be beyond the maildrop
};

struct OptionalMessageNumber {
    std::optional<MessageNumber> message;
};

struct TopArguments {
    MessageNumber message;
    std::uint64_t lines; ///< of the body
};

struct Credential {
    std::string text; ///< all of the line behind the keyword's space: passwords have spaces
};

struct LanguageRange {
    std::string text; ///< empty: the client asks which there are
};

Result<NoArguments> parse_nothing(std::string_view arguments);
Result<MessageNumber> parse_message_number(std::string_view arguments);
Result<OptionalMessageNumber> parse_optional_message_number(std::string_view arguments);
Result<Credential> parse_credential(std::string_view arguments);
Result<LanguageRange> parse_language_range(std::string_view arguments);
Result<TopArguments> parse_top(std::string_view arguments);

} // namespace mail::pop3
