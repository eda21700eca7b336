#include "server/accounts/app_password_uses.h"

#include "server/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace mail::server {

AppPasswordUses::AppPasswordUses(std::filesystem::path file)
    : file_(std::move(file))
{
    if (FileStamp(file_).is_none())
        return;
    auto const text = read_text(file_);
    for (std::size_t at = 0; at < text.size();) { // ACCOUNT LABEL and the rest
        auto const end = std::min(text.find('\n', at), text.size());
        auto const line = text.substr(at, end - at);
        at = end + 1;
        auto const first = line.find(' ');
        auto const second = first == line.npos ? first : line.find(' ', first + 1);
        if (second != line.npos)
            uses_[{ line.substr(0, first), line.substr(first + 1, second - first - 1) }]
                = line.substr(second + 1);
    }
}

void AppPasswordUses::note(
    AppPassword const& used, session::Attempt const& attempt, Clock::time_point now)
{
    auto use = fmt::format("{:%Y-%m-%d %H:%M} UTC by {} from {}",
        fmt::gmtime(Clock::to_time_t(now)), attempt.protocol, escaped(attempt.peer.address));
    std::lock_guard const lock(mutex_);
    auto& last = uses_[{ used.account, used.label }];
    is_changed_ = is_changed_ || last != use;
    last = std::move(use);
}

void AppPasswordUses::save()
{
    std::string text;
    {
        std::lock_guard const lock(mutex_);
        if (!std::exchange(is_changed_, false))
            return;
        for (auto const& [key, use] : uses_)
            text += fmt::format("{} {} {}\n", key.first, key.second, use);
    }
    try {
        replace_text(file_, text);
    } catch (std::exception const& failure) {
        if (!std::exchange(was_told_, true))
            log::warn("when app passwords were used last is lost: {}", failure.what());
    }
}

std::string AppPasswordUses::last_use(std::string_view account, std::string_view label) const
{
    std::lock_guard const lock(mutex_);
    auto const found = uses_.find({ std::string(account), std::string(label) });
    return found == uses_.end() ? std::string {} : found->second;
}

} // namespace mail::server
