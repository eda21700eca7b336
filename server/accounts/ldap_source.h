// A directory as a source of accounts (RFC 4511), such as OpenLDAP or Active Directory.
#pragma once

#include "config/auth_source.h"
#include "server/accounts/ldap_connection.h"
#include "server/accounts/pool.h"
#include "server/accounts/source.h"

namespace mail::server {

/// Passwords are checked by hashes of the directory, or by it (bind).
class LdapSource final : public Source {
public:
    explicit LdapSource(config::AuthSource const& settings);

    std::string const& name() const override { return name_; }
    SourceTerms terms() const override;
    EntryPtr find(std::string const& name) override;
    EntryPtr find_by_address(std::string const& address) override;
    bool checks_passwords() const override { return directory_.bind_as_user; }
    Verdict check_password(UserEntry const& entry, Tried const& tried) override;
    std::array<bool, sasl::scram_hashes> keys_of_all() const override;

private:
    EntryPtr search(std::string const& filter);
    EntryPtr describe(LdapEntry const& found) const;
    /// Does f(LdapConnection&) on a connection of the pool, or on a new one, which
    /// begin(connection) readies. What waited in the pool may be closed by now: then once more.
    template <class Begin, class F> auto use(Pool<LdapConnection>& pool, Begin begin, F f);

    config::AuthSource settings_;
    config::LdapAccounts const& directory_; ///< of them
    std::string name_;
    Pool<LdapConnection> for_search_;
    Pool<LdapConnection> for_binds_; ///< bound as whom it was last
};

} // namespace mail::server
