// When app passwords were used last, so that forgotten ones can be told from those in use.
#pragma once

#include "protocol/session/authenticator.h"
#include "server/accounts/app_passwords.h"

#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace mail::server {

/// Thread-safe. Kept in a file of the server's own: the one with the passwords is not touched.
class AppPasswordUses {
public:
    using Clock = std::chrono::system_clock;

    explicit AppPasswordUses(std::filesystem::path file); ///< reads it when it is there

    void note(AppPassword const& used, session::Attempt const& attempt, Clock::time_point now);
    /// Writes what is new since the last time; what goes wrong is logged, once.
    void save();
    /// "2026-11-26 17:31 UTC by imap from 192.0.2.1"; empty: never.
    std::string last_use(std::string_view account, std::string_view label) const;

private:
    using Key = std::pair<std::string, std::string>; ///< account, label

    std::filesystem::path file_;
    mutable std::mutex mutex_;
    std::map<Key, std::string> uses_; ///< as last_use tells them
    bool is_changed_ = false;
    bool was_told_ = false;
};

} // namespace mail::server
