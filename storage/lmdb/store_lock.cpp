// The lock is flock's: the kernel takes it back when the process dies, however it dies.
#include "storage/lmdb/store_lock.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace mail::storage {
namespace {

    /// f_type of file systems whose mmap is not coherent between hosts (statfs(2)). AFS, Ceph,
    /// CIFS, Coda, Lustre, NCP, NFS, OCFS2, SMB, SMB2, 9P.
    inline constexpr std::array<unsigned long, 11> network_file_systems { 0x5346414f, 0x00c36400,
        0xff534d42, 0x73757245, 0x0bd00bd0, 0x564c, 0x6969, 0x7461636f, 0x517b, 0xfe534d42,
        0x01021997 };

    void refuse_network(std::filesystem::path const& directory)
    {
        struct statfs info { };
        if (::statfs(directory.c_str(), &info) != 0)
            throw std::system_error(errno, std::generic_category(),
                fmt::format("cannot examine {}", directory.native()));
        auto const type = static_cast<unsigned long>(info.f_type) & 0xffffffffUL;
        if (std::find(network_file_systems.begin(), network_file_systems.end(), type)
            != network_file_systems.end())
            throw std::runtime_error(
                fmt::format("the store {} is on a network file system, where the database cannot "
                            "be kept safe: move it to a local disk",
                    directory.native()));
    }

    /// What the process that has the lock wrote into it: its id.
    std::string read_owner(int descriptor)
    {
        std::array<char, 32> text {};
        auto const size = ::pread(descriptor, text.data(), text.size(), 0);
        std::string owner(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
        owner.erase(std::find(owner.begin(), owner.end(), '\n'), owner.end());
        return owner.empty() ? "another process" : "process " + owner;
    }

} // namespace

StoreLock::StoreLock(std::filesystem::path const& directory)
{
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error)
        throw std::runtime_error(fmt::format(
            "cannot make the store {}: {}: give the server's user a directory it may write",
            directory.native(), error.message()));
    refuse_network(directory);
    auto const path = directory / "lock";
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ < 0)
        throw std::runtime_error(
            fmt::format("cannot open {}: {}: let the server's user read and write there",
                path.native(), std::generic_category().message(errno)));
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        auto const owner = read_owner(descriptor_);
        ::close(descriptor_);
        throw std::runtime_error(fmt::format(
            "the store {} is in use by {}: stop it first, or give this one a store of its own",
            directory.native(), owner));
    }
    // The process id is for the message above only: not written, nothing is lost but its number.
    auto const owner = fmt::format("{}\n", ::getpid());
    if (::ftruncate(descriptor_, 0) != 0
        || ::pwrite(descriptor_, owner.data(), owner.size(), 0) < 0)
        errno = 0;
}

StoreLock::~StoreLock() { ::close(descriptor_); }

} // namespace mail::storage
