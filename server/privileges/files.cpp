// Landlock by its system calls: glibc has no functions for them, and Debian 12's kernel headers do
// not know all that newer kernels do.
#include "server/privileges/files.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace mail::server {

namespace {

    // Rights by the version of the interface that brought them (landlock(7)).
    constexpr std::uint64_t execute = LANDLOCK_ACCESS_FS_EXECUTE;
    constexpr std::uint64_t write_file = LANDLOCK_ACCESS_FS_WRITE_FILE;
    constexpr std::uint64_t read_file = LANDLOCK_ACCESS_FS_READ_FILE;
    constexpr std::uint64_t read_folder = LANDLOCK_ACCESS_FS_READ_DIR;
    constexpr std::uint64_t remove_file = LANDLOCK_ACCESS_FS_REMOVE_FILE;
    constexpr std::uint64_t make_file = LANDLOCK_ACCESS_FS_MAKE_REG;
    constexpr std::uint64_t make_folder = LANDLOCK_ACCESS_FS_MAKE_DIR;
    constexpr std::uint64_t version_1 = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
    constexpr std::uint64_t refer = std::uint64_t { 1 } << 13; // version 2
    constexpr std::uint64_t truncate = std::uint64_t { 1 } << 14; // version 3
    constexpr std::uint64_t device_control = std::uint64_t { 1 } << 15; // version 5
    constexpr std::uint64_t for_files = execute | write_file | read_file | truncate;

    /// struct landlock_ruleset_attr of version 6.
    struct Handled {
        std::uint64_t files;
        std::uint64_t tcp; ///< since version 4
        std::uint64_t scopes; ///< since version 6
    };
    constexpr std::uint64_t bind_tcp = 1;
    constexpr std::uint64_t abstract_sockets = 1;

    Handled handled_by(long version)
    {
        Handled handled { version_1, 0, 0 };
        if (version >= 2)
            handled.files |= refer;
        if (version >= 3)
            handled.files |= truncate;
        if (version >= 4)
            handled.tcp = bind_tcp;
        if (version >= 5)
            handled.files |= device_control;
        if (version >= 6)
            handled.scopes = abstract_sockets;
        return handled;
    }

    std::size_t size_for(long version)
    {
        return version >= 6 ? sizeof(Handled) : (version >= 4 ? 2u : 1u) * sizeof(std::uint64_t);
    }

    class Ruleset {
    public:
        explicit Ruleset(long version)
            : handled_(handled_by(version))
            , fd_(static_cast<int>(
                  ::syscall(SYS_landlock_create_ruleset, &handled_, size_for(version), 0)))
        {
        }
        ~Ruleset()
        {
            if (fd_ >= 0)
                ::close(fd_);
        }
        Ruleset(Ruleset const&) = delete;
        Ruleset& operator=(Ruleset const&) = delete;

        bool is_good() const { return fd_ >= 0; }

        bool allow(std::vector<std::filesystem::path> const& paths, std::uint64_t rights)
        {
            return std::ranges::all_of(
                paths, [&](std::filesystem::path const& path) { return allow(path, rights); });
        }

        bool enforce() { return ::syscall(SYS_landlock_restrict_self, fd_, 0) == 0; }

    private:
        bool allow(std::filesystem::path const& path, std::uint64_t rights)
        {
            int const at = ::open(path.c_str(), O_PATH | O_CLOEXEC);
            if (at < 0)
                return errno == ENOENT || errno == EACCES;
            struct stat found { };
            ::fstat(at, &found);
            landlock_path_beneath_attr rule {};
            rule.allowed_access = rights & handled_.files
                & (S_ISDIR(found.st_mode) ? ~std::uint64_t {} : for_files);
            rule.parent_fd = at;
            bool const added
                = ::syscall(SYS_landlock_add_rule, fd_, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
            ::close(at);
            return added;
        }

        Handled handled_;
        int fd_;
    };

} // namespace

std::string confine_files(FileRules const& rules)
{
    auto const version
        = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return fmt::format(
            "the kernel has no Landlock ({}): needs Linux 5.13 or newer, with \"landlock\" in lsm=",
            std::strerror(errno));
    constexpr auto read = read_file | read_folder;
    constexpr auto write
        = read | write_file | truncate | make_file | make_folder | remove_file | refer;
    Ruleset ruleset(version);
    bool const done = ruleset.is_good() && ruleset.allow(rules.read, read)
        && ruleset.allow(rules.load, read | execute) && ruleset.allow(rules.write, write)
        && ruleset.allow(rules.remove, read_folder | remove_file) && ruleset.enforce();
    return done ? std::string {} : fmt::format("Landlock: {}", std::strerror(errno));
}

} // namespace mail::server
