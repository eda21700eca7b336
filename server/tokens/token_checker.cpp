#include "server/tokens/token_checker.h"

#include "protocol/session/write.h"
#include "server/tokens/jwt.h"

#include <boost/asio/this_coro.hpp>

namespace mail::server {

TokenChecker::TokenChecker(config::Oauth const& settings, boost::asio::any_io_executor workers)
    : demands_ { settings.issuer, settings.audience, settings.scope,
        static_cast<double>(settings.leeway.count()) }
    , name_claim_(settings.name_claim)
    , advice_ { settings.scope, settings.openid_configuration, settings.hosts }
    , workers_(std::move(workers))
{
    if (!settings.jwks_files.empty())
        keys_ = std::make_unique<JwksFiles>(settings.jwks_files);
    if (!settings.introspection.url.host.empty())
        service_ = std::make_unique<Introspection>(settings.introspection, name_claim_);
}

boost::asio::awaitable<TokenResult<Claims>> TokenChecker::read(std::string token)
{
    if (!keys_ || !is_jwt(token)) {
        if (!service_)
            co_return Rejection::invalid("it is no JWT, and there is nobody to ask about others");
        co_return co_await service_->ask(std::move(token));
    }
    auto const keys = keys_->current();
    auto open = [&]() -> TokenResult<Claims> {
        auto const claims = open_jwt(token, *keys);
        if (!claims)
            return claims.error();
        return read_claims(*claims, name_claim_);
    };
    auto const executor = co_await boost::asio::this_coro::executor;
    co_return co_await session::work(workers_, executor, open);
}

boost::asio::awaitable<TokenResult<std::string>> TokenChecker::check(std::string token)
{
    auto const gaps = keys_ && is_jwt(token) ? Gaps::refused : Gaps::allowed;
    auto claims = co_await read(std::move(token));
    if (!claims)
        co_return claims.error();
    auto const good = check_claims(*claims, demands_, gaps, std::chrono::system_clock::now());
    if (!good)
        co_return good.error();
    co_return std::move(claims->name);
}

} // namespace mail::server
