// Reads and edits the users file.
#include "server/accounts/users_file.h"

#include "server/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <span>
#include <stdexcept>
#include <utility>

namespace mail::server {

namespace {

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

    void edit(std::filesystem::path const& path, Missing missing,
        std::function<void(std::vector<std::string>&)> const& change)
    {
        auto const check = [&](std::string_view text) { parse_or_throw(path, text); };
        edit_lines(path, missing, check, change);
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
    , stamp_(path_)
    , users_(std::make_shared<Users const>(read_users(path_)))
{
}

std::shared_ptr<Users const> UsersFile::current()
{
    std::lock_guard const lock(mutex_);
    FileStamp const now(path_);
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
