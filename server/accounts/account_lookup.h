// Finds accounts: the sources in their order, under both forms of a name, and what is remembered of
// them.
#pragma once

#include "server/accounts/entry_cache.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail::server {

/// Thread-safe. The first source that has an account decides about it. A source that cannot be
/// asked ends the look-up: a later one must not answer for a name that may be the earlier one's.
class AccountLookup {
public:
    using Sources = std::vector<std::unique_ptr<Source>>;
    enum class By { login, address };

    /// Names are looked for with and without `default_domain`; empty: as they are.
    AccountLookup(Sources sources, std::string default_domain);

    /// A look-up through the sources, question by question.
    class Search;

    /// What is remembered of an earlier look-up; the entry as it is now where that costs nothing.
    std::optional<Known> recall(By by, std::string_view name);
    void remember(By by, std::string_view name, Known const& known);
    void forget(std::string_view name); ///< as a login's

    /// By what is remembered, else by all sources. Throws SourceDown.
    awaitable<Known> find(By by, std::string name);
    /// Asks every source, whoever has the account, so that the questions do not tell. By what is
    /// remembered only when one is down; throws SourceDown when nothing is.
    awaitable<EntryPtr> find_by_all(std::string name);

    /// Some account in the place of one that is not there: the same each time. Null: there is none.
    EntryPtr stand_in(std::string const& name) const;

    std::vector<std::unique_ptr<AskedSource>> const& sources() const { return sources_; }
    bool is_busy() const; ///< calls to sources are under way
    void join(); ///< waits for them

private:
    std::vector<std::unique_ptr<AskedSource>> sources_;
    std::string default_domain_;
    EntryCache entries_;
};

/// Copes with names that no account can have: there is nobody to ask.
class AccountLookup::Search {
public:
    Search(AccountLookup& accounts, std::string const& name, By by);

    /// Asks on until somebody has the account. A null entry: nobody has.
    awaitable<Known> next();
    /// Asks the rest, too, for the same time whoever has the account.
    awaitable<void> finish();

private:
    struct Question {
        AskedSource* source;
        std::string name;
        By by;
    };

    static awaitable<EntryPtr> ask(Question const& question);

    std::vector<Question> questions_;
    std::size_t at_ = 0;
};

} // namespace mail::server
