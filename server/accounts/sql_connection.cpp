#include "server/accounts/sql_connection.h"

#include "server/accounts/source.h"
#include "server/accounts/users.h"

#include <fmt/format.h>
#include <soci/soci.h>

#include <vector>

// SOCI's headers of its drivers want those of the databases, for the sake of these.
extern "C" {
soci::backend_factory const* factory_mysql();
soci::backend_factory const* factory_postgresql();
soci::backend_factory const* factory_sqlite3();
}

namespace mail::server {

namespace {

    using Driver = config::SqlAccounts::Driver;

    soci::backend_factory const& factory_of(Driver driver)
    {
        switch (driver) {
        case Driver::postgresql:
            return *factory_postgresql();
        case Driver::mysql:
            return *factory_mysql();
        case Driver::sqlite:
            break;
        }
        return *factory_sqlite3();
    }

    /// With the limits for which the administrator said nothing else: the first of a name counts
    /// with none of the drivers.
    std::string with_limits(config::SqlAccounts const& settings, std::chrono::seconds limit)
    {
        auto text = settings.connection;
        auto const add = [&](char const* name, std::string const& value) {
            if (text.find(name) == std::string::npos)
                text += fmt::format(" {}={}", name, value);
        };
        auto const seconds = std::to_string(limit.count());
        switch (settings.driver) {
        case Driver::postgresql:
            add("connect_timeout", std::to_string(std::max<std::int64_t>(2, limit.count())));
            add("tcp_user_timeout", std::to_string(limit.count() * 1000));
            add("options", fmt::format("'-c statement_timeout={}s'", limit.count()));
            break;
        case Driver::mysql:
            add("connect_timeout", seconds);
            add("read_timeout", seconds);
            add("write_timeout", seconds);
            break;
        case Driver::sqlite:
            add("timeout", seconds);
            break;
        }
        return text;
    }

    /// What a driver says, without the statement and its values: those are not for the log.
    std::string text_of(soci::soci_error const& error)
    {
        auto text = error.get_error_message();
        while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
            text.pop_back();
        return text;
    }

    /// Whether the query has this parameter.
    bool uses(std::string const& query, std::string const& name)
    {
        for (auto at = query.find(':' + name); at != query.npos;
             at = query.find(':' + name, at + 1)) {
            auto const end = at + 1 + name.size();
            auto const is_longer = end < query.size()
                && (std::isalnum(static_cast<unsigned char>(query[end])) || query[end] == '_');
            if (!is_longer && (at == 0 || query[at - 1] != ':'))
                return true;
        }
        return false;
    }

    void bind(soci::statement& statement, std::string const& query, SqlParameters const& parameters)
    {
        for (auto const& [name, value] : parameters)
            if (uses(query, name))
                statement.exchange(soci::use(value, name));
    }

} // namespace

struct SqlConnection::Session : soci::session {
    using soci::session::session;
};

SqlConnection::SqlConnection(config::SqlAccounts const& settings, std::chrono::seconds limit)
{
    try {
        session_
            = std::make_unique<Session>(factory_of(settings.driver), with_limits(settings, limit));
    } catch (soci::soci_error const& error) {
        throw SourceDown(fmt::format("cannot connect: {}", text_of(error)));
    }
}

SqlConnection::~SqlConnection() = default;

/// Asks once for the names of the columns: rows are then read as text, whatever their types. (SOCI
/// would take 64-bit numbers of SQLite for 32-bit ones.)
std::vector<std::string> const& SqlConnection::columns_of(
    std::string const& query, SqlParameters const& parameters)
{
    auto const known = columns_.find(query);
    if (known != columns_.end())
        return known->second;
    soci::row row;
    soci::statement statement(*session_);
    bind(statement, query, parameters);
    statement.exchange(soci::into(row));
    statement.alloc();
    statement.prepare(query);
    statement.define_and_bind();
    statement.execute(true);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < row.size(); ++i)
        names.push_back(lower_case(row.get_properties(i).get_name()));
    return columns_.emplace(query, std::move(names)).first->second;
}

std::vector<SqlRow> SqlConnection::select(
    std::string const& query, SqlParameters const& parameters, std::size_t most)
{
    try {
        auto const& names = columns_of(query, parameters);
        std::vector<std::string> texts(names.size());
        std::vector<soci::indicator> indicators(names.size(), soci::i_null);
        soci::statement statement(*session_);
        bind(statement, query, parameters);
        for (std::size_t i = 0; i < names.size(); ++i)
            statement.exchange(soci::into(texts[i], indicators[i]));
        statement.alloc();
        statement.prepare(query);
        statement.define_and_bind();
        std::vector<SqlRow> rows;
        for (bool got = statement.execute(true); got && rows.size() < most;
             got = statement.fetch()) {
            auto& row = rows.emplace_back();
            for (std::size_t i = 0; i < names.size(); ++i)
                if (indicators[i] == soci::i_ok)
                    row[names[i]] = texts[i];
        }
        return rows;
    } catch (soci::soci_error const& error) {
        throw SourceDown(fmt::format("a query failed: {}", text_of(error)));
    }
}

std::uint64_t SqlConnection::update(std::string const& query, SqlParameters const& parameters)
{
    try {
        soci::statement statement(*session_);
        bind(statement, query, parameters);
        statement.alloc();
        statement.prepare(query);
        statement.define_and_bind();
        statement.execute(true);
        return static_cast<std::uint64_t>(std::max(0LL, statement.get_affected_rows()));
    } catch (soci::soci_error const& error) {
        throw SourceDown(fmt::format("an update failed: {}", text_of(error)));
    }
}

} // namespace mail::server
