// One connection to a database, by SOCI. One thread at a time. SOCI's headers stay in the source
// file.
#pragma once

#include "config/auth_source.h"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace mail::server {

/// A row by the names of its columns, in lower case; NULL is not there.
using SqlRow = std::map<std::string, std::string>;
/// By the names that a query gives them, without the ":".
using SqlParameters = std::map<std::string, std::string>;

class SqlConnection {
public:
    /// Connects. All functions throw SourceDown. Each step that the driver lets us limit takes
    /// `limit` at most.
    SqlConnection(config::SqlAccounts const& settings, std::chrono::seconds limit);
    ~SqlConnection();
    SqlConnection(SqlConnection const&) = delete;
    SqlConnection& operator=(SqlConnection const&) = delete;

    /// The first `most` rows. The parameters are bound, never a part of the query's text.
    std::vector<SqlRow> select(
        std::string const& query, SqlParameters const& parameters, std::size_t most);
    /// The rows that the statement changed.
    std::uint64_t update(std::string const& query, SqlParameters const& parameters);

private:
    struct Session;
    std::vector<std::string> const& columns_of(
        std::string const& query, SqlParameters const& parameters);

    std::unique_ptr<Session> session_;
    std::map<std::string, std::vector<std::string>> columns_; ///< by query
};

} // namespace mail::server
