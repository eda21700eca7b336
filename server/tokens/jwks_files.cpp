#include "server/tokens/jwks_files.h"

#include "server/log.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace mail::server {

namespace {

    std::vector<Jwk> read_keys(std::filesystem::path const& path)
    {
        std::ifstream file(path, std::ios::binary);
        std::string text(max_jwk_set + 1, '\0'); // one octet more shows that it is too long
        file.read(text.data(), static_cast<std::streamsize>(text.size()));
        if (file.bad() || (!file && !file.eof()))
            throw std::runtime_error(fmt::format("{}: cannot be read", path.string()));
        text.resize(static_cast<std::size_t>(file.gcount()));
        auto keys = parse_jwk_set(text);
        if (!keys)
            throw std::runtime_error(fmt::format("{}: {}", path.string(), keys.error().why()));
        return std::move(*keys);
    }

} // namespace

JwksFiles::JwksFiles(std::vector<std::filesystem::path> const& paths)
{
    for (auto const& path : paths)
        files_.push_back({ path, stamp_of(path), read_keys(path) });
    join();
}

JwksFiles::Stamp JwksFiles::stamp_of(std::filesystem::path const& path)
{
    struct stat found { };
    if (::stat(path.c_str(), &found) != 0)
        return {};
    return { found.st_ino, found.st_size, found.st_mtim };
}

void JwksFiles::join()
{
    std::vector<Jwk> all;
    for (auto const& file : files_)
        all.insert(all.end(), file.keys.begin(), file.keys.end());
    keys_ = std::make_shared<std::vector<Jwk> const>(std::move(all));
}

JwksFiles::Keys JwksFiles::current()
{
    std::lock_guard const lock(mutex_);
    bool changed = false;
    for (auto& file : files_) {
        auto const now = stamp_of(file.path);
        if (now == file.stamp)
            continue;
        file.stamp = now; // also when it cannot be read: told once, and again after the next change
        try {
            file.keys = read_keys(file.path);
            changed = true;
            log::info("read {} keys of tokens from {}", file.keys.size(), file.path.string());
        } catch (std::exception const& failure) {
            log::error("the keys of tokens stay as they were: {}", failure.what());
        }
    }
    if (changed)
        join();
    return keys_;
}

} // namespace mail::server
