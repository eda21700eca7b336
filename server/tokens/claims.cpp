#include "server/tokens/claims.h"

#include "protocol/sasl/saslprep.h"
#include "server/tokens/json.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cmath>

namespace mail::server {

namespace {

    using boost::json::object;
    using boost::json::value;

    Rejection wrong_type(std::string_view claim)
    {
        return Rejection::invalid("its \"" + std::string(claim) + "\" is of the wrong type");
    }

    void add_words(std::vector<std::string>& out, std::string_view text)
    {
        while (!text.empty()) {
            auto const word = text.substr(0, text.find(' '));
            if (!word.empty())
                out.emplace_back(word);
            text.remove_prefix(std::min(text.size(), word.size() + 1));
        }
    }

    enum class Split { no, at_blanks };

    /// A text, or an array of texts. False: something else.
    bool read_texts(
        object const& from, std::string_view claim, Split split, std::vector<std::string>& out)
    {
        auto const* found = from.if_contains({ claim.data(), claim.size() });
        if (!found)
            return true;
        auto const add = [&](value const& one) {
            if (!one.is_string())
                return false;
            std::string_view const text(one.get_string().data(), one.get_string().size());
            if (split == Split::at_blanks)
                add_words(out, text);
            else
                out.emplace_back(text);
            return true;
        };
        return found->is_array() ? std::ranges::all_of(found->get_array(), add) : add(*found);
    }

    /// NumericDate (RFC 7519 §2). False: something else.
    bool read_time(object const& from, std::string_view claim, std::optional<double>& out)
    {
        auto const* found = from.if_contains({ claim.data(), claim.size() });
        if (!found)
            return true;
        if (!found->is_number())
            return false;
        out = found->to_number<double>();
        return std::isfinite(*out);
    }

    bool is_unverified(object const& from)
    {
        auto const* verified = from.if_contains("email_verified");
        return verified && !(verified->is_bool() && verified->get_bool())
            && !(verified->is_string() && verified->get_string() == "true"); // as AWS writes it
    }

    bool contains(std::vector<std::string> const& all, std::string const& one)
    {
        return std::ranges::find(all, one) != all.end();
    }

} // namespace

TokenResult<Claims> read_claims(object const& from, std::string_view name_claim)
{
    Claims claims;
    if (from.contains("iss")) {
        auto issuer = text_at(from, "iss");
        if (!issuer)
            return wrong_type("iss");
        claims.issuer = std::move(*issuer);
    }
    if (!read_texts(from, "aud", Split::no, claims.audiences))
        return wrong_type("aud");
    // "scp" is how Microsoft calls it.
    for (std::string_view const claim : { "scope", "scp" })
        if (!read_texts(from, claim, Split::at_blanks, claims.scopes))
            return wrong_type(claim);
    if (!read_time(from, "exp", claims.expires))
        return wrong_type("exp");
    if (!read_time(from, "nbf", claims.not_before))
        return wrong_type("nbf");
    if (!read_time(from, "iat", claims.issued))
        return wrong_type("iat");
    auto const name = text_at(from, name_claim);
    if (!name)
        return Rejection::invalid("it names no user: it has no \"" + std::string(name_claim) + '"');
    auto prepared = sasl::saslprep(*name);
    if (!prepared || prepared->empty())
        return Rejection::invalid("its \"" + std::string(name_claim) + "\" is no name of a user");
    if (name_claim == "email" && is_unverified(from))
        return Rejection::invalid("the address that it names is not verified");
    claims.name = std::move(*prepared);
    return claims;
}

TokenResult<void> check_claims(Claims const& claims, Demands const& demands, Gaps gaps,
    std::chrono::system_clock::time_point now)
{
    bool const may_lack = gaps == Gaps::allowed;
    auto const time = std::chrono::duration<double>(now.time_since_epoch()).count();
    if (!claims.expires && !may_lack)
        return Rejection::invalid("it has no end (\"exp\")");
    if (claims.expires && time >= *claims.expires + demands.leeway)
        return Rejection::invalid("it has expired");
    if (claims.not_before && time < *claims.not_before - demands.leeway)
        return Rejection::invalid("it is not valid yet (\"nbf\")");
    if (claims.issued && time < *claims.issued - demands.leeway)
        return Rejection::invalid("it was issued in the future (\"iat\"): compare the clocks");
    if (!demands.issuer.empty() && claims.issuer != demands.issuer
        && !(may_lack && claims.issuer.empty()))
        return Rejection::invalid("it is of another issuer: \"" + claims.issuer + '"');
    auto const is_for_us
        = [&](std::string const& audience) { return contains(claims.audiences, audience); };
    if (!demands.audiences.empty() && std::ranges::none_of(demands.audiences, is_for_us)
        && !(may_lack && claims.audiences.empty()))
        return Rejection::invalid("it is for another audience");
    if (!demands.scope.empty() && !contains(claims.scopes, demands.scope))
        return Rejection::invalid("it lacks the scope \"" + demands.scope + '"');
    return {};
}

} // namespace mail::server
