// Reads and replaces the users file.
#include "server/accounts/users_file.h"

#include "server/log.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <span>
#include <stdexcept>
#include <utility>

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

    std::string read_text(std::filesystem::path const& path)
    {
        File const file(path, O_RDONLY);
        if (!file)
            fail("read the users file", path);
        std::string text;
        char block[16384];
        for (;;) {
            auto const got = ::read(file.fd(), block, sizeof block);
            if (got < 0)
                fail("read the users file", path);
            if (got == 0)
                return text;
            text.append(block, static_cast<std::size_t>(got));
        }
    }

    Users parse_or_throw(std::filesystem::path const& path, std::string_view text)
    {
        std::vector<UsersProblem> problems;
        auto users = Users::parse(text, problems);
        std::string all;
        for (auto const& problem : problems) {
            if (!all.empty())
                all += '\n';
            all += fmt::format("{}:{}: {}", path.string(), problem.line, problem.text);
        }
        if (!all.empty())
            throw std::runtime_error(all);
        return users;
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

    void replace(std::filesystem::path const& path, std::string_view text)
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

    enum class Missing { is_error, is_empty };

    /// Reads, lets `change` work on the lines and replaces the file, under the lock of editors.
    void edit(std::filesystem::path path, Missing missing,
        std::function<void(std::vector<std::string>&)> const& change)
    {
        path = std::filesystem::weakly_canonical(
            path); // replace what a link points to, not the link
        auto lock_path = path;
        lock_path += ".lock"; // the file itself is replaced, so it cannot be the lock
        File const lock(lock_path, O_RDWR | O_CREAT, 0600);
        if (!lock || ::flock(lock.fd(), LOCK_EX) != 0)
            fail("lock", lock_path);
        std::string text;
        if (missing == Missing::is_error || std::filesystem::exists(path))
            text = read_text(path);
        parse_or_throw(path, text);
        auto lines = lines_of(text);
        change(lines);
        std::string changed;
        for (auto const& line : lines)
            changed += line;
        parse_or_throw(path, changed);
        replace(path, changed);
    }

    std::vector<std::string>::iterator find_line(
        std::vector<std::string>& lines, std::string_view name)
    {
        return std::ranges::find_if(lines, [&](std::string const& line) {
            auto const words = words_of_line(std::string_view(line).substr(0, line.find('\n')));
            return !words.empty() && lower_case(words[0]) == name;
        });
    }

    std::string words_for(Verifiers const& password)
    {
        auto words = password.hash;
        for (auto const& setting : password.settings)
            words += ' ' + setting;
        return words;
    }

    /// Puts the new hash and keys in place of the old ones; all else of the line stays as it is.
    void replace_password(std::string& line, std::string_view with)
    {
        auto const words = words_of_line(std::string_view(line).substr(0, line.find('\n')));
        std::string changed(line, 0, static_cast<std::size_t>(words[1].data() - line.data()));
        changed += with;
        auto const* end = words[1].data() + words[1].size();
        for (auto const word : std::span(words).subspan(2)) {
            if (!is_scram_setting(word))
                changed.append(end, word.data() + word.size());
            end = word.data() + word.size();
        }
        changed.append(end, std::as_const(line).data() + line.size());
        line = std::move(changed);
    }

    [[noreturn]] void refuse_unknown(std::string_view name)
    {
        throw std::runtime_error(
            fmt::format("there is no user {}; list them by: mailroom user list", name));
    }

} // namespace

UsersFile::UsersFile(std::filesystem::path path)
    : path_(std::move(path))
    , stamp_(stamp())
    , users_(std::make_shared<Users const>(read_users(path_)))
{
}

UsersFile::Stamp UsersFile::stamp() const
{
    struct stat found { };
    if (::stat(path_.c_str(), &found) != 0)
        return {};
    return { found.st_dev, found.st_ino, found.st_size, found.st_mtim };
}

std::shared_ptr<Users const> UsersFile::current()
{
    std::lock_guard const lock(mutex_);
    auto const now = stamp();
    if (now == stamp_)
        return users_;
    stamp_ = now; // also when it cannot be read: told once, and again after the next change
    try {
        users_ = std::make_shared<Users const>(read_users(path_));
        log::info("read {} accounts from {}", users_->all().size(), path_.string());
    } catch (std::exception const& failure) {
        log::error("the accounts stay as they were before the change of the users file: {}",
            failure.what());
    }
    return users_;
}

void add_user(std::filesystem::path const& file, std::string_view name, Verifiers const& password)
{
    if (auto const problem = problem_of_name(name); !problem.empty())
        throw std::runtime_error(problem);
    auto const lower = lower_case(name);
    edit(file, Missing::is_empty, [&](std::vector<std::string>& lines) {
        if (find_line(lines, lower) != lines.end())
            throw std::runtime_error(fmt::format(
                "the user {0} exists already; change the password by: mailroom user passwd {0}",
                lower));
        lines.push_back(fmt::format("{} {}\n", lower, words_for(password)));
    });
}

void set_password(
    std::filesystem::path const& file, std::string_view name, Verifiers const& password)
{
    auto const lower = lower_case(name);
    edit(file, Missing::is_error, [&](std::vector<std::string>& lines) {
        auto const line = find_line(lines, lower);
        if (line == lines.end())
            refuse_unknown(lower);
        replace_password(*line, words_for(password));
    });
}

bool replace_verifiers(std::filesystem::path const& file, std::string_view name,
    std::string_view old_hash, Verifiers const& with)
{
    bool is_same = false;
    edit(file, Missing::is_error, [&](std::vector<std::string>& lines) {
        auto const line = find_line(lines, lower_case(name));
        if (line == lines.end())
            return;
        is_same = words_of_line(std::string_view(*line).substr(0, line->find('\n')))[1] == old_hash;
        if (is_same)
            replace_password(*line, words_for(with));
    });
    return is_same;
}

void remove_user(std::filesystem::path const& file, std::string_view name)
{
    auto const lower = lower_case(name);
    edit(file, Missing::is_error, [&](std::vector<std::string>& lines) {
        auto const line = find_line(lines, lower);
        if (line == lines.end())
            refuse_unknown(lower);
        lines.erase(line);
    });
}

Users read_users(std::filesystem::path const& file)
{
    return parse_or_throw(file, read_text(file));
}

} // namespace mail::server
