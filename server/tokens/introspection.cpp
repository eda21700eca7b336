#include "server/tokens/introspection.h"

#include "protocol/sasl/base64.h"
#include "server/tokens/json.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace mail::server {

namespace {

    constexpr unsigned most_at_once = 64;

    /// application/x-www-form-urlencoded
    std::string encoded(std::string_view text)
    {
        std::string out;
        for (char const c : text) {
            bool const is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' || c == '*';
            if (is_plain)
                out += c;
            else
                fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
        }
        return out;
    }

    std::string first_line(std::filesystem::path const& path)
    {
        std::string line;
        if (path.empty())
            return line;
        std::ifstream file(path);
        if (!std::getline(file, line))
            throw std::runtime_error(fmt::format("{}: has no line with a secret", path.string()));
        while (line.ends_with('\r') || line.ends_with(' '))
            line.pop_back();
        if (line.empty() || line.find_first_of("\t\v\f") != line.npos)
            throw std::runtime_error(fmt::format("{}: its first line is no secret", path.string()));
        return line;
    }

} // namespace

std::string authorization_of(
    std::string_view client_id, std::string_view secret, std::string_view bearer_token)
{
    if (!bearer_token.empty())
        return "Bearer " + std::string(bearer_token);
    if (client_id.empty())
        return {};
    std::string value = "Basic ";
    sasl::append_base64(value, encoded(client_id) + ':' + encoded(secret));
    return value;
}

std::string introspection_form(std::string_view token)
{
    return "token=" + encoded(token) + "&token_type_hint=access_token";
}

TokenResult<Claims> read_introspection(
    unsigned status, std::string_view body, std::string_view name_claim)
{
    if (status == 401 || status == 403)
        return Rejection::unavailable(
            "the login service refuses this server: look at client_id and its secret");
    if (status != 200)
        return Rejection::unavailable(
            fmt::format("the login service answers with status {}", status));
    auto const answer = parse_object(body, HttpsClient::max_body);
    auto const* active = answer ? answer->if_contains("active") : nullptr;
    if (!active || !active->is_bool())
        return Rejection::unavailable(
            "the login service does not say whether the token is active (RFC 7662)");
    if (!active->get_bool())
        return Rejection::invalid("the login service says that it is not active");
    return read_claims(*answer, name_claim);
}

Introspection::Introspection(config::Introspection settings, std::string name_claim)
    : settings_(std::move(settings))
    , name_claim_(std::move(name_claim))
    , authorization_(authorization_of(settings_.client_id, first_line(settings_.client_secret_file),
          first_line(settings_.bearer_token_file)))
    , client_(settings_.ca_file)
    , cache_(settings_.cache_time)
{
}

boost::asio::awaitable<TokenResult<Claims>> Introspection::ask(std::string token)
{
    if (auto const known = cache_.find(token, TokenCache::Clock::now()))
        co_return *known;
    if (asking_.load(std::memory_order_relaxed) >= most_at_once)
        co_return Rejection::unavailable("the login service is slow: too many tokens wait for it");
    ++asking_;
    struct Place { // given back also when it throws
        std::atomic<unsigned>& asking;
        ~Place() { --asking; }
    } const place { asking_ };
    HttpsRequest request;
    request.url = settings_.url;
    request.authorization = authorization_;
    request.content_type = "application/x-www-form-urlencoded";
    request.body = introspection_form(token);
    try {
        auto const response = co_await client_.post(std::move(request), settings_.time_limit);
        auto verdict = read_introspection(response.status, response.body, name_claim_);
        if (verdict || !verdict.error().is_temporary())
            cache_.keep(token, verdict, TokenCache::Clock::now());
        co_return verdict;
    } catch (boost::system::system_error const& failure) {
        co_return Rejection::unavailable(fmt::format(
            "the login service at {} cannot be asked: {}", settings_.url.host, failure.what()));
    }
}

} // namespace mail::server
