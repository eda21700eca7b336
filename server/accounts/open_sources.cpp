#include "server/accounts/open_sources.h"

#include "server/accounts/file_source.h"
#include "server/accounts/ldap_source.h"
#include "server/accounts/pam_source.h"
#include "server/accounts/sql_source.h"

namespace mail::server {

namespace {

    std::unique_ptr<Source> open(config::AuthSource const& settings)
    {
        if (auto const* file = std::get_if<config::FileAccounts>(&settings.accounts))
            return std::make_unique<FileSource>(file->path);
        if (auto const* pam = std::get_if<config::PamAccounts>(&settings.accounts))
            return std::make_unique<PamSource>(
                settings, pam->source.empty() ? nullptr : open(pam->source.front()));
        if (std::holds_alternative<config::LdapAccounts>(settings.accounts))
            return std::make_unique<LdapSource>(settings);
        return std::make_unique<SqlSource>(settings);
    }

} // namespace

std::vector<std::unique_ptr<Source>> open_sources(config::Auth const& auth)
{
    std::vector<std::unique_ptr<Source>> sources;
    for (auto const& settings : auth.sources)
        sources.push_back(open(settings));
    if (sources.empty())
        sources.push_back(std::make_unique<FileSource>(auth.users_file));
    return sources;
}

} // namespace mail::server
