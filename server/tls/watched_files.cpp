// Compares what stat(2) says.
#include "server/tls/watched_files.h"

#include <sys/stat.h>

namespace mail::server::tls {

namespace {

    std::int64_t nanoseconds(timespec const& time)
    {
        return std::int64_t { time.tv_sec } * 1'000'000'000 + time.tv_nsec;
    }

} // namespace

WatchedFiles::WatchedFiles(std::vector<std::filesystem::path> paths)
    : paths_(std::move(paths))
{
    take();
}

std::vector<WatchedFiles::Stamp> WatchedFiles::look() const
{
    std::vector<Stamp> stamps;
    for (auto const& path : paths_) {
        auto& stamp = stamps.emplace_back();
        struct stat found { };
        if (!path.empty() && ::stat(path.c_str(), &found) == 0)
            stamp = { found.st_dev, found.st_ino, found.st_size, nanoseconds(found.st_mtim),
                nanoseconds(found.st_ctim) };
    }
    return stamps;
}

bool WatchedFiles::have_changed()
{
    auto now = look();
    bool const is_at_rest = now == seen_;
    seen_ = std::move(now);
    if (!is_at_rest || seen_ == taken_)
        return false;
    taken_ = seen_;
    return true;
}

void WatchedFiles::take() { taken_ = seen_ = look(); }

} // namespace mail::server::tls
