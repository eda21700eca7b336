// Logins by password, which is hashed on a pool of its own, the same for users that do not exist.
#include "protocol/wipe.h"
#include "server/accounts/accounts.h"
#include "server/accounts/digest_schemes.h"
#include "server/accounts/passwords.h"
#include "server/accounts/users.h"
#include "server/log.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace mail::server {

namespace {

    using namespace std::chrono_literals;
    using session::Refusal;
    template <class T> using Result = boost::system::result<T, Refusal>;

    // Where a source checks passwords itself, only it knows what that costs: no wrong answer comes
    // sooner, and so the time does not tell which users exist.
    constexpr auto least_time_of_wrong = 500ms;

} // namespace

/// Of what the password was compared with; where the source itself did it, of the source.
LoginCache::Digest Accounts::digest(Known const& known, Tried const& tried) const
{
    auto const& source = known.source->source();
    if (!source.checks_passwords())
        return logins_.digest(known.entry->name, known.entry->hash, tried.password);
    auto const where = source.looks_at_addresses() ? " for " + tried.address : "";
    return logins_.digest(known.entry->name, source.name() + where, tried.password);
}

bool Accounts::is_remembered(Known const& known, Tried const& tried)
{
    return logins_.contains(digest(known, tried), LoginCache::Clock::now());
}

void Accounts::remember_right(Known const& known, Tried const& tried)
{
    logins_.remember(digest(known, tried), LoginCache::Clock::now());
}

/// Whoever measures the time must not learn which users exist: checks the hash of some other. All
/// that has_hash_of() does is done, in the same order: without the digest the same Argon2 takes a
/// hundredth longer, since that leaves the processor's wide registers in another state.
awaitable<void> Accounts::check_stand_in(std::string name, std::string const& password)
{
    auto const other = lookup_.stand_in(name);
    auto const& hash = other && !other->hash.empty() ? other->hash : dummy_;
    auto job = [&] {
        auto const nobodys = logins_.digest(name, hash, password);
        return logins_.contains(nobodys, LoginCache::Clock::now())
            || verify_password(hash, password);
    };
    co_await workers_.run(job);
}

awaitable<bool> Accounts::has_hash_of(Known known, Tried const& tried)
{
    auto job = [&] {
        // Another connection of the same client may have been first while this one waited.
        if (is_remembered(known, tried))
            return true;
        if (!verify_password(known.entry->hash, tried.password))
            return false;
        remember_right(known, tried);
        return true;
    };
    auto const has = co_await workers_.run(job);
    co_return has;
}

awaitable<Result<void>> Accounts::check_with(Known known, Tried const& tried)
{
    auto const& source = known.source->source();
    if (source.checks_passwords()) {
        auto const verdict = co_await known.source->check_password(known.entry, tried);
        if (verdict == Verdict::wrong)
            co_return Refusal::wrong_credentials;
        if (verdict == Verdict::disabled)
            co_return Refusal::disabled;
        remember_right(known, tried);
        co_return Result<void> {};
    }
    auto const& hash = known.entry->hash;
    if (hash.empty()) {
        co_await check_stand_in(known.entry->name, tried.password);
        co_return Refusal::wrong_credentials;
    }
    if (auto const problem = problem_of_hash(hash); !problem.empty()) {
        log::error("{} cannot log in: in {}, {}", known.entry->name, source.name(), problem);
        co_return Refusal::unavailable;
    }
    auto const is_right = co_await has_hash_of(known, tried);
    if (!is_right)
        co_return Refusal::wrong_credentials;
    co_return Result<void> {};
}

awaitable<bool> Accounts::replace(Known known, Verifiers with)
{
    bool replaced = false;
    if (known.source->is_immediate()) {
        auto job = [&] { return known.source->replace_now(*known.entry, with); };
        replaced = co_await workers_.run(job);
    } else {
        replaced = co_await known.source->replace(known.entry, std::move(with));
    }
    lookup_.forget(known.entry->name);
    co_return replaced;
}

/// Whose password this is. A right one is taken by what is remembered of the account, as long as it
/// may be; before one is called wrong, all sources are asked, whether there is such an account or
/// not.
awaitable<Result<Known>> Accounts::identify(Peer const& peer, std::string name, Tried const& tried)
{
    std::string compared; // the hash with which the password was compared already
    auto const remembered = lookup_.recall(By::login, name);
    bool const may_come = remembered && remembered->entry->may_come_from(peer);
    if (may_come && is_remembered(*remembered, tried))
        co_return *remembered;
    if (may_come && !remembered->source->source().checks_passwords()
        && problem_of_hash(remembered->entry->hash).empty()) {
        auto const has = co_await has_hash_of(*remembered, tried);
        if (has)
            co_return *remembered;
        compared = remembered->entry->hash;
    }
    AccountLookup::Search search(lookup_, name, By::login);
    auto const found = co_await search.next();
    Result<void> outcome = Refusal::wrong_credentials;
    if (found.entry) {
        lookup_.remember(By::login, name, found);
        if (!found.entry->may_come_from(peer)) // whatever the password is
            co_return Refusal::disabled;
        if (is_remembered(found, tried))
            co_return found;
        if (compared.empty() || compared != found.entry->hash)
            outcome = co_await check_with(found, tried);
    } else {
        lookup_.forget(name);
        if (compared.empty())
            co_await check_stand_in(name, tried.password);
    }
    if (outcome)
        co_return found;
    if (outcome.error() == Refusal::wrong_credentials)
        co_await search.finish();
    co_return outcome.error();
}

awaitable<Result<session::User>> Accounts::check_password(
    session::Attempt attempt, std::string name, std::string password)
{
    auto const began = std::chrono::steady_clock::now();
    Tried tried { std::move(password), attempt.peer.address };
    Result<session::User> user = Refusal::unavailable;
    try {
        auto const known = co_await identify(attempt.peer, lower_case(name), tried);
        if (known && is_too_weak(*known->entry))
            user = Refusal::disabled;
        else if (known) {
            user = co_await let_in(std::move(attempt), known->entry);
            if (user)
                co_await store_better(*known, tried);
        } else
            user = known.error();
    } catch (SourceDown const&) { // which is in the log
    }
    wipe(tried.password);
    bool const is_uneven = std::ranges::any_of(
        lookup_.sources(), [](auto const& each) { return each->source().checks_passwords(); });
    if (!user && user.error() == Refusal::wrong_credentials && is_uneven) {
        auto const executor = co_await boost::asio::this_coro::executor;
        boost::asio::steady_timer timer(executor, began + least_time_of_wrong);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
    co_return user;
}

/// The entry as its source gives it after replace().
EntryPtr Accounts::with_verifiers(UserEntry const& entry, Verifiers const& made)
{
    auto renewed = std::make_shared<UserEntry>(entry);
    renewed->hash = made.hash;
    renewed->handle = made.hash; // of sources that store verifiers
    for (auto const hash :
        { sasl::ScramHash::sha1, sasl::ScramHash::sha256, sasl::ScramHash::sha512 })
        for (std::string_view const setting : made.settings)
            if (setting.starts_with(setting_of(hash)))
                renewed->scram[static_cast<std::size_t>(hash)]
                    = read_scram_keys(hash, setting.substr(setting_of(hash).size() + 1));
    return renewed;
}

awaitable<void> Accounts::store_better(Known known, Tried const& tried)
{
    auto const& source = known.source->source();
    auto const& entry = *known.entry;
    if (!settings_.rehash || !source.stores_verifiers() || !wants_better_verifiers(entry)
        || !rehash_.begin(source.name(), entry.name, Rehash::Clock::now()))
        co_return;
    std::string problem;
    bool is_stored = false;
    try {
        auto make = [&] { return make_verifiers(tried.password); };
        auto const made = co_await workers_.run(make);
        is_stored = co_await replace(known, made);
        if (is_stored) { // what was just right goes on while the source is down
            Known const renewed { known.source, with_verifiers(entry, made) };
            lookup_.remember(By::login, entry.name, renewed);
            remember_right(renewed, tried);
        }
    } catch (std::exception const& failure) { // the login has nothing to do with it
        problem = failure.what();
    }
    auto const outcome = problem.empty() ? Rehash::Outcome::done : Rehash::Outcome::failed;
    if (rehash_.end(source.name(), entry.name, outcome, Rehash::Clock::now()))
        log::warn("better password hashes cannot be stored in {}: {}", source.name(), problem);
    if (is_stored)
        log::info("stored a better password hash and keys of {}", entry.name);
}

} // namespace mail::server
