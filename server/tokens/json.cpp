#include "server/tokens/json.h"

#include "protocol/sasl/base64.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace mail::server {

std::optional<boost::json::object> parse_object(std::string_view text, std::size_t max_octets)
{
    if (text.size() > max_octets)
        return std::nullopt;
    boost::json::parse_options options; // strict but for the depth
    options.max_depth = 8;
    boost::system::error_code error;
    auto value = boost::json::parse({ text.data(), text.size() }, error, {}, options);
    if (error || !value.is_object())
        return std::nullopt;
    return std::move(value.get_object());
}

std::optional<std::string> text_at(boost::json::object const& object, std::string_view key)
{
    auto const* value = object.if_contains({ key.data(), key.size() });
    if (!value || !value->is_string())
        return std::nullopt;
    return std::string(value->get_string());
}

std::optional<std::string> decode_base64url(std::string_view text, std::size_t max_octets)
{
    std::string plain(text);
    for (char& c : plain) {
        if (c == '+' || c == '/' || c == '=') // of the other alphabet
            return std::nullopt;
        c = c == '-' ? '+' : c == '_' ? '/' : c;
    }
    plain.append((4 - plain.size() % 4) % 4, '=');
    return sasl::decode_base64(plain, max_octets);
}

} // namespace mail::server
