// Files that others renew: whether they changed, and have come to rest.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <vector>

namespace mail::server::tls {

/// Looks at what the paths lead to, through symbolic links: a file written anew, one renamed over
/// the other, and a link that was turned elsewhere are all changes.
class WatchedFiles {
public:
    /// Takes the files as they are now; paths may be empty and files missing.
    explicit WatchedFiles(std::vector<std::filesystem::path> paths);

    /// True once for each change, when two looks in a row found the same: whoever renews several
    /// files does not do it at one moment. Costs a stat(2) for each file.
    bool have_changed();
    /// They are going to be read now, whether or not they changed.
    void take();

private:
    struct Stamp {
        dev_t device = 0;
        ino_t inode = 0;
        off_t size = -1;
        std::int64_t modified = 0;
        std::int64_t changed = 0;
        bool operator==(Stamp const&) const = default;
    };
    std::vector<Stamp> look() const;

    std::vector<std::filesystem::path> paths_;
    std::vector<Stamp> taken_;
    std::vector<Stamp> seen_;
};

} // namespace mail::server::tls
