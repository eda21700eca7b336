#include "server/accounts/weak_accounts.h"

#include "server/accounts/passwords.h"

#include <fmt/format.h>

namespace mail::server {

std::string advice_on_weak_account(std::string_view name)
{
    return fmt::format(
        "{0} cannot log in: its password hash is weak; set a new password by: mailroom user passwd "
        "{0}; or take weak hashes by [auth] weak_schemes = true until it has logged in",
        name);
}

std::vector<std::string> advice_on_weak_accounts(Users const& users)
{
    constexpr std::size_t most = 20;
    std::vector<std::string> lines;
    std::size_t more = 0;
    for (auto const& entry : users.all()) {
        if (entry.is_disabled || !is_weak(entry.hash))
            continue;
        if (lines.size() < most)
            lines.push_back(advice_on_weak_account(entry.name));
        else
            ++more;
    }
    if (more > 0)
        lines.push_back(fmt::format("so it is with {} more accounts", more));
    return lines;
}

} // namespace mail::server
