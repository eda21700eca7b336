// Where accounts stand, as the config file says it ([[auth.source]]).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mail::config {

struct AuthSource;

struct FileAccounts {
    std::filesystem::path path;
};

struct PamAccounts {
    enum class Users {
        system, ///< those that the system knows (getpwnam)
        domains, ///< every name in some domains
        source, ///< those of another source, whose hashes are not used
    };
    std::string service = "mailroom";
    std::filesystem::path folder = "/etc/pam.d";
    Users users = Users::system;
    std::uint32_t least_uid = 1000; ///< of the system's users, who may have mail
    std::vector<std::string> domains; ///< lower case
    std::vector<AuthSource> source; ///< one, or none
};

/// What an account may have of its own, by the names that a users file has for it, and a directory
/// in the attribute that NAME_attribute names.
inline constexpr std::string_view directory_settings[]
    = { "admin", "applications", "imap_off", "master", "networks", "pop3_expire",
          "pop3_login_delay", "pop3_view", "quota_mailboxes", "quota_messages" };

struct LdapAccounts {
    std::vector<std::string> servers; ///< URIs, in the order in which they are tried
    bool starttls = false;
    std::filesystem::path ca_file; ///< PEM; empty: those that the system trusts
    std::string bind_dn; ///< empty: anonymous
    std::string bind_password;
    std::string base;
    std::string filter; ///< of logins; %u, %n and %d as in docs/accounts.md
    std::string address_filter; ///< of recipients; empty: the same
    bool bind_as_user = false; ///< the directory checks passwords
    // Names of attributes; empty: not used
    std::string name;
    std::string password;
    std::string quota;
    std::string groups;
    std::string disabled;
    std::vector<std::string> disabled_values;
    std::map<std::string, std::string> settings; ///< those of directory_settings, by their names
};

struct SqlAccounts {
    enum class Driver { postgresql, mysql, sqlite };
    Driver driver = Driver::postgresql;
    std::string connection; ///< as the driver's library takes it, with the password
    std::string login_query;
    std::string address_query; ///< empty: by login_query
    std::string update_query; ///< empty: hashes are not changed
    std::string default_scheme; ///< of hashes without one, "CRYPT"; empty: they must have one
};

struct AuthSource {
    std::variant<FileAccounts, PamAccounts, LdapAccounts, SqlAccounts> accounts;
    // Of all but the users file
    unsigned connections = 4; ///< calls at the same time
    std::chrono::seconds time_limit { 5 }; ///< of one
    std::chrono::seconds cache_time { 5 * 60 };
    std::vector<std::string> scram; ///< "SCRAM-SHA-256" and the like, for which all have keys
};

} // namespace mail::config
