// A database as a source of accounts: PostgreSQL, MySQL or MariaDB, SQLite. The queries stand in
// the config, so that it may be that of any mail panel.
#pragma once

#include "config/auth_source.h"
#include "server/accounts/pool.h"
#include "server/accounts/source.h"
#include "server/accounts/sql_connection.h"

namespace mail::server {

class SqlSource final : public Source {
public:
    explicit SqlSource(config::AuthSource const& settings);

    std::string const& name() const override { return name_; }
    SourceTerms terms() const override;
    EntryPtr find(std::string const& name) override;
    EntryPtr find_by_address(std::string const& address) override;
    bool stores_verifiers() const override { return !database_.update_query.empty(); }
    bool replace(UserEntry const& entry, Verifiers const& with) override;
    std::array<bool, sasl::scram_hashes> keys_of_all() const override;

private:
    /// The only row; nullopt: none. More than one is a mistake of the query.
    std::optional<SqlRow> select_one(std::string const& query, std::string const& name);
    static void set_other(UserEntry& entry, std::string const& column, std::string const& value);
    EntryPtr describe(SqlRow const& row) const;
    /// Does f(SqlConnection&) on a connection of the pool, or on a new one. What waited in the pool
    /// may be closed by now: then once more.
    template <class F> auto use(F f);

    config::AuthSource settings_;
    config::SqlAccounts const& database_; ///< of them
    std::string name_;
    Pool<SqlConnection> connections_;
};

} // namespace mail::server
