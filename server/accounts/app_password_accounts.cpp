#include "server/accounts/app_password_accounts.h"

#include "server/accounts/users.h"
#include "server/log.h"

namespace mail::server {

std::filesystem::path app_passwords_file(config::Config const& config)
{
    auto const& auth = config.auth;
    if (!auth.app_passwords_file.empty())
        return auth.app_passwords_file;
    auto const& neighbour = auth.users_file.empty() ? config.file : auth.users_file;
    return neighbour.parent_path() / "app-passwords";
}

std::filesystem::path app_password_uses_file(config::Storage const& storage)
{
    return storage.path / "app-password-uses";
}

AppPasswordAccounts::AppPasswordAccounts(
    session::Authenticator& accounts, config::Config const& config)
    : accounts_(accounts)
    , default_domain_(config.auth.default_domain)
    , passwords_(app_passwords_file(config))
    , uses_(app_password_uses_file(config.storage))
{
}

/// The name may be given, and listed, with and without the default domain.
std::shared_ptr<AppPassword const> AppPasswordAccounts::find(
    std::string_view name, std::string_view password)
{
    auto const digest = digest_of_app_password(password);
    if (!digest)
        return {};
    auto found = passwords_.find(*digest);
    if (!found)
        return {};
    bool const is_own
        = full_name(name, default_domain_) == full_name(found->account, default_domain_);
    return is_own ? found : nullptr;
}

awaitable<boost::system::result<session::User, session::Refusal>>
AppPasswordAccounts::check_password(
    session::Attempt attempt, std::string name, std::string password)
{
    auto const used = find(name, password);
    if (!used) {
        auto answer = co_await accounts_.check_password(
            std::move(attempt), std::move(name), std::move(password));
        co_return answer;
    }
    auto const now = AppPasswordUses::Clock::now();
    auto const problem = used->problem_of(attempt, std::chrono::floor<std::chrono::days>(now));
    if (!problem.empty()) {
        log::warn("{} may not use the app password {} by {} from {}: {}", used->account,
            escaped(used->label), attempt.protocol, attempt.peer.address, problem);
        co_return session::Refusal::disabled;
    }
    if (!attempt.authzid.empty() && lower_case(attempt.authzid) != lower_case(name)) {
        log::warn("{} may not act as another account by an app password", used->account);
        co_return session::Refusal::disabled;
    }
    attempt.authzid.clear();
    auto user = co_await accounts_.admit(attempt, used->account);
    if (user)
        uses_.note(*used, attempt, now);
    co_return user;
}

} // namespace mail::server
