#include "server/accounts/open_sources.h"

#include "server/accounts/file_source.h"

namespace mail::server {

std::vector<std::unique_ptr<Source>> open_sources(config::Auth const& auth)
{
    std::vector<std::unique_ptr<Source>> sources;
    sources.push_back(std::make_unique<FileSource>(auth.users_file));
    return sources;
}

} // namespace mail::server
