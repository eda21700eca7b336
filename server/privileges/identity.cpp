#include "server/privileges/identity.h"

#include <fmt/format.h>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace mail::server {

namespace {

    struct Ids {
        uid_t user;
        gid_t group;
    };

    Ids look_up(std::string const& user)
    {
        auto const* found = ::getpwnam(user.c_str());
        if (!found)
            throw std::runtime_error(fmt::format("process.user: there is no user \"{0}\"; make it "
                                                 "by: useradd --system --user-group {0}",
                user));
        if (found->pw_uid == 0)
            throw std::runtime_error(
                fmt::format("process.user: \"{}\" is root; name a user without rights", user));
        return { found->pw_uid, found->pw_gid };
    }

    void give(std::filesystem::path const& path, Ids ids)
    {
        if (::chown(path.c_str(), ids.user, ids.group) != 0)
            throw std::runtime_error(
                fmt::format("cannot give {} to the user that process.user names: {}", path.string(),
                    std::strerror(errno)));
    }

} // namespace

void hand_over(config::Config const& config, std::string const& user)
{
    auto const ids = look_up(user);
    auto const& store = config.storage.path;
    struct stat found { };
    if (::stat(store.c_str(), &found) != 0) {
        std::filesystem::create_directories(store);
        std::filesystem::permissions(store, std::filesystem::perms::owner_all);
        give(store, ids);
    } else if (found.st_uid != ids.user) {
        throw std::runtime_error(fmt::format(
            "the store {0} belongs to another user than {1}: give it over by: chown -R {1}: {0}",
            store.string(), user));
    }
    for (auto const& listener : config.listeners)
        if (listener.endpoint.is_unix())
            give(listener.endpoint.unix_path, ids);
}

void become(std::string const& user)
{
    auto const ids = look_up(user);
    if (::initgroups(user.c_str(), ids.group) != 0
        || ::setresgid(ids.group, ids.group, ids.group) != 0
        || ::setresuid(ids.user, ids.user, ids.user) != 0)
        throw std::runtime_error(
            fmt::format("cannot become the user {}: {}", user, std::strerror(errno)));
    if (::setuid(0) == 0 || ::geteuid() != ids.user)
        throw std::runtime_error(fmt::format("could not give up the rights of root for {}", user));
}

bool is_root() { return ::geteuid() == 0; }

} // namespace mail::server
