// App passwords: further passwords of an account, each for one program, with bounds and an end.
// docs/logins.md explains the file's form.
#pragma once

#include "protocol/network.h"
#include "protocol/session/authenticator.h"
#include "server/accounts/line_file.h"

#include <array>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::server {

/// As the server keeps them: SHA-256. No slow hash is needed, since nobody finds 94 random bits by
/// trying; and so to check one costs nothing.
using AppPasswordDigest = std::array<unsigned char, 32>;

struct AppPassword {
    std::string account; ///< lower case
    std::string label; ///< one word, of the account's own: "phone"
    AppPasswordDigest digest {};
    std::vector<std::string> protocols; ///< of "imap", "pop3", "smtp"; empty: all
    std::vector<std::string> networks; ///< from which it may be used; empty: all
    std::optional<std::chrono::sys_days> last_day; ///< on which it can be used (UTC)

    /// Why it may not be used for the attempt, for the log; empty: it may.
    std::string problem_of(session::Attempt const& attempt, std::chrono::sys_days today) const;
};

/// "abcd-efgh-ijkl-mnop-qrst": 20 random letters.
std::string make_app_password();
/// nullopt: no app password looks like that. Capitals, blanks and hyphens do not matter.
std::optional<AppPasswordDigest> digest_of_app_password(std::string_view password);

/// Reads a file's text: one app password per line. Throws std::runtime_error with all its mistakes.
std::vector<AppPassword> parse_app_passwords(
    std::string_view text, std::filesystem::path const& file);
std::string line_of(AppPassword const& app_password); ///< as the file has it, without a newline
/// "2027-01-31"; nullopt when it is no such day.
std::optional<std::chrono::sys_days> parse_day(std::string_view text);

/// Each edits the file as edit_lines does. Throws std::runtime_error with one line.
void add_app_password(std::filesystem::path const& file, AppPassword const& added);
void remove_app_password(
    std::filesystem::path const& file, std::string_view account, std::string_view label);

/// The file as the server sees it. Thread-safe.
class AppPasswordFile {
public:
    /// A file that is not there is one without lines. Throws when it has mistakes.
    explicit AppPasswordFile(std::filesystem::path file);

    /// nullptr: none. Costs one stat() when the file has not changed. A file with mistakes is
    /// logged once, and its passwords stay as they were.
    std::shared_ptr<AppPassword const> find(AppPasswordDigest const& digest);

private:
    using ByDigest = std::map<AppPasswordDigest, std::shared_ptr<AppPassword const>>;
    static ByDigest read(std::filesystem::path const& file);

    std::filesystem::path file_;
    std::mutex mutex_;
    FileStamp stamp_;
    ByDigest passwords_;
};

} // namespace mail::server
