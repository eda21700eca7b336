// The store's directory: on a local file system, used by one process.
#pragma once

#include <filesystem>

namespace mail::storage {

/// Makes the directory and locks it until destroyed. Throws, with what to do, when it is on a
/// network file system or another process has the lock.
class StoreLock {
public:
    explicit StoreLock(std::filesystem::path const& directory);
    ~StoreLock();
    StoreLock(StoreLock const&) = delete;
    StoreLock& operator=(StoreLock const&) = delete;

private:
    int descriptor_ = -1;
};

} // namespace mail::storage
