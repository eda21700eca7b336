// JSON of others: tokens, sets of keys, answers of login services. Hostile until it is read.
#pragma once

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace mail::server {

/// nullopt: it is no JSON object (RFC 8259), nests deeper than 8, or is longer than `max_octets`.
std::optional<boost::json::object> parse_object(std::string_view text, std::size_t max_octets);

/// The text of a member; nullopt: there is none, or it is no text.
std::optional<std::string> text_at(boost::json::object const& object, std::string_view key);

/// The octets of base64 with the alphabet of URLs and without padding (RFC 7515 §2): strict, so
/// that one value has one spelling.
std::optional<std::string> decode_base64url(std::string_view text, std::size_t max_octets);

} // namespace mail::server
