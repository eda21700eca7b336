#include "server/accounts/line_file.h"

#include "server/log.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace mail::server {

namespace {

    /// A file descriptor that closes itself.
    class File {
    public:
        File(std::filesystem::path const& path, int flags, mode_t mode = 0)
            : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode))
        {
        }
        ~File()
        {
            if (fd_ >= 0)
                ::close(fd_);
        }
        File(File const&) = delete;
        File& operator=(File const&) = delete;
        int fd() const { return fd_; }
        explicit operator bool() const { return fd_ >= 0; }

    private:
        int fd_;
    };

    [[noreturn]] void fail(char const* what, std::filesystem::path const& path)
    {
        throw std::runtime_error(
            fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(errno)));
    }

    void write_all(int fd, std::string_view text, std::filesystem::path const& path)
    {
        while (!text.empty()) {
            auto const n = ::write(fd, text.data(), text.size());
            if (n < 0)
                fail("write", path);
            text.remove_prefix(static_cast<std::size_t>(n));
        }
    }

    /// Owner and mode of the file that is replaced, or for a new one: the folder's owner, readable
    /// by its group. The server may run as another user than the one that edits.
    void take_over_permissions(
        int fd, std::filesystem::path const& old, std::filesystem::path const& folder)
    {
        struct stat like { };
        if (::stat(old.c_str(), &like) == 0) {
            ::fchmod(fd, like.st_mode & 07777);
        } else {
            ::fchmod(fd, 0640);
            if (::stat(folder.c_str(), &like) != 0)
                return;
        }
        if (::fchown(fd, like.st_uid, like.st_gid) != 0 && ::geteuid() == 0)
            log::warn("cannot keep the owner of {}: {}", old.string(), std::strerror(errno));
    }

    /// The file's lines, each with its newline.
    std::vector<std::string> lines_of(std::string_view text)
    {
        std::vector<std::string> lines;
        while (!text.empty()) {
            auto const line = text.substr(0,
                std::min(
                    text.size(), text.find('\n') == text.npos ? text.size() : text.find('\n') + 1));
            lines.emplace_back(line);
            text.remove_prefix(line.size());
        }
        if (!lines.empty() && lines.back().back() != '\n')
            lines.back() += '\n';
        return lines;
    }

} // namespace

FileStamp::FileStamp(std::filesystem::path const& file)
{
    struct stat found { };
    if (::stat(file.c_str(), &found) != 0)
        return;
    device_ = found.st_dev;
    inode_ = found.st_ino;
    size_ = found.st_size;
    modified_ = found.st_mtim;
}

std::string read_text(std::filesystem::path const& file)
{
    File const opened(file, O_RDONLY);
    if (!opened)
        fail("read", file);
    std::string text;
    char block[16384];
    for (;;) {
        auto const got = ::read(opened.fd(), block, sizeof block);
        if (got < 0)
            fail("read", file);
        if (got == 0)
            return text;
        text.append(block, static_cast<std::size_t>(got));
    }
}

std::vector<std::string_view> words_of_line(std::string_view line)
{
    constexpr std::string_view blanks = " \t\r";
    std::vector<std::string_view> words;
    for (auto begin = line.find_first_not_of(blanks); begin != line.npos;
         begin = line.find_first_not_of(blanks)) {
        line.remove_prefix(begin);
        if (words.empty() && line.front() == '#')
            break;
        words.push_back(line.substr(0, line.find_first_of(blanks)));
        line.remove_prefix(words.back().size());
    }
    return words;
}

std::vector<LineOfWords> lines_of_words(std::string_view text)
{
    std::vector<LineOfWords> lines;
    for (std::size_t number = 1; !text.empty(); ++number) {
        auto const line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (auto words = words_of_line(line); !words.empty())
            lines.push_back({ number, std::move(words) });
    }
    return lines;
}

void replace_text(std::filesystem::path const& path, std::string_view text)
{
    auto const folder = path.parent_path();
    auto temporary = path;
    temporary += fmt::format(".new-{}", ::getpid());
    try {
        File const file(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
        if (!file)
            fail("write", temporary);
        write_all(file.fd(), text, temporary);
        take_over_permissions(file.fd(), path, folder);
        if (::fsync(file.fd()) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0)
            fail("replace", path);
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
    File const directory(folder, O_RDONLY | O_DIRECTORY);
    ::fsync(directory.fd());
}

void edit_lines(std::filesystem::path path, Missing missing,
    std::function<void(std::string_view text)> const& check,
    std::function<void(std::vector<std::string>& lines)> const& change)
{
    path = std::filesystem::weakly_canonical(path); // what a link points to, not the link
    auto lock_path = path;
    lock_path += ".lock"; // the file itself is replaced, so it cannot be the lock
    File const lock(lock_path, O_RDWR | O_CREAT, 0600);
    if (!lock || ::flock(lock.fd(), LOCK_EX) != 0)
        fail("lock", lock_path);
    std::string text;
    if (missing == Missing::is_error || std::filesystem::exists(path))
        text = read_text(path);
    check(text);
    auto lines = lines_of(text);
    change(lines);
    std::string changed;
    for (auto const& line : lines)
        changed += line;
    check(changed);
    replace_text(path, changed);
}

} // namespace mail::server
