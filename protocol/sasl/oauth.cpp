// Tokens of OAuth 2: OAUTHBEARER (RFC 7628), and XOAUTH2, which Google spoke before and most
// clients speak today. Both end with one message when the token is good.
#include "protocol/sasl/gs2.h"
#include "protocol/sasl/mechanism.h"
#include "storage/ascii.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace mail::sasl {

namespace {

    constexpr char separator = '\x01';
    constexpr std::string_view malformed = "That is no message with a token (RFC 7628)";
    constexpr std::string_view not_bearer = "The token comes as: auth=Bearer TOKEN";

    bool is_alpha(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
    bool is_digit(char c) { return c >= '0' && c <= '9'; }

    /// key "=" value, behind which `separator` stands; takes it off the front.
    bool take_pair(std::string_view& rest, std::string_view& key, std::string_view& value)
    {
        auto const end = rest.find(separator);
        if (end == rest.npos)
            return false;
        auto const pair = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        auto const equals = pair.find('=');
        if (equals == pair.npos)
            return false;
        key = pair.substr(0, equals);
        value = pair.substr(equals + 1);
        return !key.empty() && std::ranges::all_of(key, is_alpha)
            && std::ranges::all_of(value, [](char c) {
                   return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\r' || c == '\n';
               });
    }

    /// The b64token of "Bearer b64token" (RFC 6750 §2.1).
    std::optional<std::string> bearer_token(std::string_view value)
    {
        constexpr std::string_view scheme = "bearer ";
        if (!ascii::equal_without_case(value.substr(0, scheme.size()), scheme))
            return std::nullopt;
        value.remove_prefix(scheme.size());
        value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
        auto const end = value.find_last_not_of('=') + 1; // 0: nothing but padding
        bool const is_token = end != 0 && std::ranges::all_of(value.substr(0, end), [](char c) {
            return is_alpha(c) || is_digit(c)
                || std::string_view("-._~+/").find(c) != std::string_view::npos;
        });
        return is_token ? std::optional(std::string(value)) : std::nullopt;
    }

    /// A name or an address, as a client may write it into its settings.
    bool is_host(std::string_view text)
    {
        return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [](char c) {
            return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.' || c == ':'
                || c == '[' || c == ']';
        });
    }

    bool is_port(std::string_view text)
    {
        if (text.empty() || text.size() > 5 || text.front() == '0'
            || !std::ranges::all_of(text, is_digit))
            return false;
        int port = 0;
        for (char const c : text)
            port = port * 10 + (c - '0');
        return port <= 65535;
    }

    void append_json(std::string& out, std::string_view key, std::string_view value)
    {
        if (value.empty())
            return;
        fmt::format_to(std::back_inserter(out), "{}\"{}\":\"", out.empty() ? "{" : ",", key);
        for (char const c : value) {
            if (c == '"' || c == '\\')
                out += '\\';
            if (static_cast<unsigned char>(c) >= 0x20)
                out += c;
        }
        out += '"';
    }

    class Oauthbearer final : public Mechanism {
    public:
        Step begin() override { return Challenge {}; }

        /// gs2-header kvsep *kvpair kvsep
        Step feed(std::string_view response) override
        {
            TokenClaim claim;
            if (response.starts_with("p="))
                return Malformed { "OAUTHBEARER has no channel binding: begin with \"n,\"" };
            if (!response.starts_with("n,") && !response.starts_with("y,"))
                return Malformed { malformed };
            auto rest = response.substr(2);
            auto const authzid = rest.substr(0, rest.find(','));
            rest.remove_prefix(std::min(authzid.size() + 1, rest.size()));
            if (!authzid.empty()) {
                auto name
                    = authzid.starts_with("a=") ? decode_saslname(authzid.substr(2)) : std::nullopt;
                if (!name)
                    return Malformed { malformed };
                claim.authzid = std::move(*name);
            }
            if (!rest.starts_with(separator))
                return Malformed { malformed };
            rest.remove_prefix(1);
            return take_pairs(rest, std::move(claim));
        }

        std::string explain_refusal(
            session::Refusal why, session::TokenAdvice const& advice) const override
        {
            std::string json;
            append_json(json, "status", status_of(why));
            append_json(json, "scope", advice.scope);
            append_json(json, "openid-configuration", advice.openid_configuration);
            return json + '}';
        }

    private:
        /// Keys that nobody knows are passed over (RFC 7628 §3.1). The port is not compared:
        /// between this server and its clients others may map it.
        static Step take_pairs(std::string_view rest, TokenClaim claim)
        {
            bool has_token = false;
            bool has_port = false;
            std::string_view key;
            std::string_view value;
            while (rest != std::string_view(&separator, 1)) {
                if (!take_pair(rest, key, value))
                    return Malformed { malformed };
                if (key == "auth") {
                    auto token = bearer_token(value);
                    if (has_token || (!token && !value.empty())) // empty: what is needed? (§4.3)
                        return Malformed { not_bearer };
                    has_token = true;
                    claim.token = token ? std::move(*token) : std::string {};
                } else if (key == "host") {
                    if (!claim.host.empty() || !is_host(value))
                        return Malformed { malformed };
                    claim.host = value;
                } else if (key == "port") {
                    if (std::exchange(has_port, true) || !is_port(value))
                        return Malformed { malformed };
                }
            }
            if (!has_token)
                return Malformed { not_bearer };
            return claim;
        }

        /// Of the registered error codes of OAuth (RFC 6749 §4.1.2.1, RFC 6750 §3.1).
        static std::string_view status_of(session::Refusal why)
        {
            switch (why) {
            case session::Refusal::wrong_credentials:
            case session::Refusal::needs_tls:
                return "invalid_token";
            case session::Refusal::disabled:
                return "access_denied";
            case session::Refusal::unavailable:
            case session::Refusal::too_many:
            case session::Refusal::throttled:
                break;
            }
            return "temporarily_unavailable";
        }
    };

    class Xoauth2 final : public Mechanism {
    public:
        Step begin() override { return Challenge {}; }

        /// "user=" name ^A "auth=Bearer " token ^A ^A
        Step feed(std::string_view response) override
        {
            constexpr std::string_view first = "user=";
            constexpr std::string_view second = "auth=";
            auto const name_end = response.find(separator);
            if (!response.starts_with(first) || name_end == response.npos)
                return Malformed { malformed };
            auto const name = response.substr(first.size(), name_end - first.size());
            auto rest = response.substr(name_end + 1);
            auto const token_end = rest.find(separator);
            bool const is_whole = rest.starts_with(second) && token_end + 2 == rest.size()
                && rest.back() == separator;
            if (name.empty() || name.find('\0') != name.npos || !is_whole)
                return Malformed { malformed };
            auto token = bearer_token(rest.substr(second.size(), token_end - second.size()));
            if (!token)
                return Malformed { not_bearer };
            return TokenClaim { std::string(name), std::move(*token), {} };
        }

        std::string explain_refusal(
            session::Refusal why, session::TokenAdvice const& advice) const override
        {
            std::string json;
            append_json(json, "status", status_of(why));
            append_json(json, "schemes", "bearer");
            append_json(json, "scope", advice.scope);
            return json + '}';
        }

    private:
        /// Google's are those of HTTP.
        static std::string_view status_of(session::Refusal why)
        {
            switch (why) {
            case session::Refusal::wrong_credentials:
            case session::Refusal::needs_tls:
                return "401";
            case session::Refusal::disabled:
                return "403";
            case session::Refusal::unavailable:
            case session::Refusal::too_many:
            case session::Refusal::throttled:
                break;
            }
            return "503";
        }
    };

} // namespace

std::unique_ptr<Mechanism> make_oauthbearer(Channel const&)
{
    return std::make_unique<Oauthbearer>();
}

std::unique_ptr<Mechanism> make_xoauth2(Channel const&) { return std::make_unique<Xoauth2>(); }

} // namespace mail::sasl
