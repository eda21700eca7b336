#include "server/accounts/pam_source.h"

#include "server/accounts/passwords.h"
#include "server/accounts/read_entry.h"

#include <fmt/format.h>

#include <pwd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace mail::server {

namespace {

    EntryPtr entry_of(std::string const& name)
    {
        auto entry = std::make_shared<UserEntry>();
        entry->name = name;
        return entry;
    }

    /// Whether the system has such a user, who is not one of its own.
    bool is_system_user(std::string const& name, uid_t least)
    {
        std::vector<char> buffer(4096);
        passwd user {};
        passwd* found = nullptr;
        int error = ERANGE;
        while (error == ERANGE && buffer.size() < (std::size_t { 1 } << 20)) {
            buffer.resize(buffer.size() * 2);
            error = ::getpwnam_r(name.c_str(), &user, buffer.data(), buffer.size(), &found);
        }
        // Some name services say so of names that they do not know (getpwnam(3)).
        if (error == ENOENT || error == ESRCH)
            return false;
        if (error != 0)
            throw SourceDown(
                fmt::format("cannot look up the system's users: {}", std::strerror(error)));
        return found && user.pw_uid >= least;
    }

} // namespace

PamSource::PamSource(config::AuthSource const& settings, std::unique_ptr<Source> accounts)
    : settings_(settings)
    , pam_(std::get<config::PamAccounts>(settings_.accounts))
    , name_(fmt::format("the PAM service {}", pam_.service))
    , accounts_(std::move(accounts))
{
}

SourceTerms PamSource::terms() const { return terms_of(settings_); }

EntryPtr PamSource::find(std::string const& name)
{
    auto const at = name.find('@');
    switch (pam_.users) {
    case config::PamAccounts::Users::system:
        return is_system_user(name, pam_.least_uid) ? entry_of(name) : EntryPtr {};
    case config::PamAccounts::Users::domains:
        return at != name.npos
                && std::ranges::find(pam_.domains, name.substr(at + 1)) != pam_.domains.end()
            ? entry_of(name)
            : EntryPtr {};
    case config::PamAccounts::Users::source:
        break;
    }
    return accounts_->find(name);
}

EntryPtr PamSource::find_by_address(std::string const& address)
{
    return accounts_ ? accounts_->find_by_address(address) : find(address);
}

Verdict PamSource::check_password(UserEntry const& entry, Tried const& tried)
{
    auto const& password = tried.password;
    if (password.size() > max_password || password.find('\0') != password.npos)
        return Verdict::wrong;
    auto process = processes_.take();
    if (!process)
        process = std::make_unique<PamProcess>(pam_.service, pam_.folder);
    auto const verdict = process->check(entry.name, tried, settings_.time_limit);
    if (!process->is_worn_out())
        processes_.give_back(std::move(process));
    return verdict;
}

} // namespace mail::server
