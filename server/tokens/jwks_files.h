// Key files of login services, read again when they change.
#pragma once

#include "server/tokens/jwk_set.h"

#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

namespace mail::server {

/// Thread-safe.
class JwksFiles {
public:
    using Keys = std::shared_ptr<std::vector<Jwk> const>;

    /// Reads them; throws std::runtime_error with the name of the one that cannot be used.
    explicit JwksFiles(std::vector<std::filesystem::path> const& paths);

    /// All keys now. Costs a stat() for each file when none has changed. A file that is gone or has
    /// mistakes is logged once, and its keys stay as they were.
    Keys current();

private:
    struct Stamp {
        ino_t inode = 0;
        off_t size = -1;
        timespec modified {};
        bool operator==(Stamp const& other) const
        {
            return inode == other.inode && size == other.size
                && modified.tv_sec == other.modified.tv_sec
                && modified.tv_nsec == other.modified.tv_nsec;
        }
    };
    struct File {
        std::filesystem::path path;
        Stamp stamp {};
        std::vector<Jwk> keys {};
    };
    static Stamp stamp_of(std::filesystem::path const& path);
    void join();

    std::mutex mutex_;
    std::vector<File> files_;
    Keys keys_;
};

} // namespace mail::server
