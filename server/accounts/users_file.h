// The users file on disk: read again when it changes, edited safely.
#pragma once

#include "server/accounts/line_file.h"
#include "server/accounts/passwords.h"
#include "server/accounts/users.h"

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace mail::server {

/// The users file as the server sees it. Thread-safe.
class UsersFile {
public:
    explicit UsersFile(std::filesystem::path path); ///< reads it; throws with all its mistakes

    /// The accounts now. Costs one stat() when the file has not changed. A file that is gone or has
    /// mistakes is logged once, and the accounts stay as they were.
    std::shared_ptr<Users const> current();

private:
    std::filesystem::path path_;
    std::mutex mutex_;
    FileStamp stamp_;
    std::shared_ptr<Users const> users_;
};

/// Each locks the file against other editors, replaces it atomically, and leaves comments, order
/// and other lines alone. Throws std::runtime_error with one line: no such user, exists already,
/// not writable, or mistakes in the file.
void add_user(std::filesystem::path const& file, std::string_view name,
    Verifiers const& password); ///< makes the file when missing
void set_password(
    std::filesystem::path const& file, std::string_view name, Verifiers const& password);
/// As set_password, while the user's hash is still `old_hash`. False: it is another one, or the
/// user is gone.
bool replace_verifiers(std::filesystem::path const& file, std::string_view name,
    std::string_view old_hash, Verifiers const& with);
void remove_user(std::filesystem::path const& file, std::string_view name);
Users read_users(std::filesystem::path const& file);

} // namespace mail::server
