// One connection to a directory (RFC 4511), by libldap. One thread at a time.
#pragma once

#include "config/auth_source.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct ldap;

namespace mail::server {

/// An entry of the directory.
struct LdapEntry {
    std::string dn;
    std::map<std::string, std::vector<std::string>>
        values; ///< by the attribute's name in lower case

    /// The first value; nullopt: the entry has none.
    std::optional<std::string> first(std::string_view attribute) const;
};

class LdapConnection {
public:
    /// Connects with TLS as the settings say. All functions throw SourceDown, when the server
    /// cannot be asked or does not answer within `limit`.
    LdapConnection(config::LdapAccounts const& settings, std::chrono::seconds limit);
    ~LdapConnection();
    LdapConnection(LdapConnection const&) = delete;
    LdapConnection& operator=(LdapConnection const&) = delete;

    /// As the account that may search; anonymous when there is none.
    void bind_for_search();
    /// The entry that the filter finds; nullopt: none. More than one is a mistake of the filter.
    std::optional<LdapEntry> search(std::string const& filter);

    enum class Bound { yes, wrong_password, disabled };
    /// As a user: the directory checks the password. Further searches are that user's.
    Bound bind_as(std::string const& dn, std::string const& password);

private:
    int bind(std::string const& dn, std::string const& password, std::string& diagnosis);
    void set_option(int option, void const* value, char const* what);
    [[noreturn]] void fail(char const* what, int code);

    config::LdapAccounts const& settings_;
    timeval limit_;
    ldap* handle_ = nullptr;
};

} // namespace mail::server
