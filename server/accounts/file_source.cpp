#include "server/accounts/file_source.h"

#include <functional>

namespace mail::server {

FileSource::FileSource(std::filesystem::path path)
    : path_(std::move(path))
    , name_("the users file " + path_.string())
    , file_(path_)
{
}

EntryPtr FileSource::find(std::string const& name)
{
    auto const users = file_.current();
    return { users, users->find(name) };
}

EntryPtr FileSource::find_by_address(std::string const& address)
{
    auto const users = file_.current();
    return { users, users->find_by_address(address) };
}

bool FileSource::has_domain(std::string_view domain) const
{
    return file_.current()->has_domain(domain);
}

bool FileSource::replace(UserEntry const& entry, Verifiers const& with)
{
    try {
        return replace_verifiers(path_, entry.name, entry.hash, with);
    } catch (std::exception const& failure) {
        throw SourceDown(failure.what());
    }
}

std::array<bool, sasl::scram_hashes> FileSource::keys_of_all() const
{
    return file_.current()->keys_of_all();
}

EntryPtr FileSource::stand_in(std::string_view name) const
{
    auto const users = file_.current();
    auto const& all = users->all();
    if (all.empty())
        return {};
    return { users, &all[std::hash<std::string_view> {}(name) % all.size()] };
}

} // namespace mail::server
