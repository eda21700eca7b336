// Asks the sources in their order; passwords are hashed on a pool of its own, the same for users
// that do not exist.
#include "server/accounts/accounts.h"

#include "protocol/sasl/saslprep.h"
#include "protocol/session/write.h"
#include "server/accounts/digest_schemes.h"
#include "server/accounts/open_sources.h"
#include "server/accounts/passwords.h"
#include "server/accounts/users.h"
#include "server/accounts/weak_accounts.h"
#include "server/log.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <thread>

namespace mail::server {

namespace {

    using namespace std::chrono_literals;
    using session::Refusal;
    template <class T> using Result = boost::system::result<T, Refusal>;

    // More passwords than this waiting to be checked take longer than any client waits.
    constexpr unsigned max_waiting = 1000;
    // That there is no such account is forgotten soon: it may have been made for a mail on its way.
    constexpr std::chrono::seconds most_time_of_none = 10s;
    // Where a source checks passwords itself, only it knows what that costs: no wrong answer comes
    // sooner, and so the time does not tell which users exist.
    constexpr auto least_time_of_wrong = 500ms;

    /// With the default domain where it is missing, without it where it is there.
    std::optional<std::string> other_form(std::string const& name, std::string const& domain)
    {
        if (domain.empty())
            return std::nullopt;
        auto const at = name.find('@');
        if (at == name.npos)
            return name + '@' + domain;
        if (std::string_view(name).substr(at + 1) != domain)
            return std::nullopt;
        return name.substr(0, at);
    }

    /// A unix socket's own permissions say who may come by it.
    bool may_come_from(UserEntry const& entry, Peer const& peer)
    {
        return entry.networks.empty() || peer.address == "local"
            || std::ranges::any_of(entry.networks,
                [&](Network const& network) { return network.contains(peer.address); });
    }

    bool may_act_for(UserEntry const& master, UserEntry const& whom)
    {
        return master.is_master || std::ranges::any_of(master.acts_for, [&](auto const& each) {
            if (!each.starts_with('$'))
                return each == whom.name;
            return std::ranges::find(whom.groups, each.substr(1)) != whom.groups.end();
        });
    }

} // namespace

// --- Looking up

class Accounts::Search {
public:
    Search(Accounts& accounts, std::string const& name, By by)
    {
        if (!problem_of_name(name).empty()) // nobody is called so, and sources need not see it
            return;
        auto const other = other_form(name, accounts.settings_.default_domain);
        for (auto const& source : accounts.sources_) {
            questions_.push_back({ source.get(), name, by });
            if (other)
                questions_.push_back({ source.get(), *other, By::login });
        }
    }

    /// Asks on until somebody has the account. A null entry: nobody has.
    awaitable<Known> next()
    {
        while (at_ < questions_.size()) {
            auto const& question = questions_[at_++];
            auto asking = ask(question);
            auto entry = co_await std::move(asking);
            if (entry)
                co_return Known { question.source, std::move(entry) };
        }
        co_return Known {};
    }

    /// Asks the rest, too, for the same time whoever has the account.
    awaitable<void> finish()
    {
        while (at_ < questions_.size()) {
            try {
                auto asking = ask(questions_[at_++]);
                co_await std::move(asking);
            } catch (SourceDown const&) {
            }
        }
    }

private:
    struct Question {
        AskedSource* source;
        std::string name;
        By by;
    };

    static awaitable<EntryPtr> ask(Question const& question)
    {
        return question.by == By::login ? question.source->find(question.name)
                                        : question.source->find_by_address(question.name);
    }

    std::vector<Question> questions_;
    std::size_t at_ = 0;
};

Accounts::Accounts(config::Config const& config, Admission& admission, std::string secret)
    : Accounts(open_sources(config.auth), config, admission, std::move(secret))
{
}

Accounts::Accounts(
    Sources sources, config::Config const& config, Admission& admission, std::string secret)
    : settings_(config.auth)
    , quota_(config.quota)
    , admission_(admission)
    , logins_(settings_.cache_time)
    , secret_(std::move(secret))
    , dummy_(hash_password("nobody"))
    , workers_(std::max(1u, std::thread::hardware_concurrency()))
{
    for (auto& source : sources)
        sources_.push_back(std::make_unique<AskedSource>(std::move(source)));
    if (settings_.oauth.is_on())
        tokens_ = std::make_unique<TokenChecker>(settings_.oauth, workers_.get_executor());
}

bool Accounts::is_busy() const
{
    return std::ranges::any_of(sources_, [](auto const& each) { return each->is_busy(); });
}

void Accounts::join()
{
    workers_.join();
    for (auto const& source : sources_)
        source->join();
}

std::optional<Known> Accounts::recall(std::string const& key)
{
    auto known = entries_.find(key, EntryCache::Clock::now());
    if (known && known->entry && known->source->is_immediate()) {
        known->entry = known->source->find_now(known->entry->name);
        if (!known->entry) // gone meanwhile: another may have the name now
            return std::nullopt;
    }
    return known;
}

void Accounts::remember(std::string const& key, Known const& known)
{
    auto time = 0s; // for which the answers of those who were asked hold
    for (auto const& source : sources_) {
        if (!source->is_immediate())
            time = std::max(time, source->cache_time());
        if (source.get() == known.source)
            break;
    }
    if (!known.entry)
        time = std::min(time, most_time_of_none);
    else if (!known.source->is_immediate())
        time = known.source->cache_time();
    auto const now = EntryCache::Clock::now();
    entries_.put(key, known, now + time, now);
}

awaitable<Known> Accounts::look_up(std::string name, By by)
{
    auto const key = (by == By::login ? "login " : "address ") + name;
    if (auto const known = recall(key))
        co_return *known;
    Search search(*this, name, by);
    auto known = co_await search.next();
    // Who is not there may not log in either, but that is asked anew each time (identify).
    if (known.entry || by == By::address)
        remember(key, known);
    co_return known;
}

// --- Passwords

LoginCache::Digest Accounts::digest(Known const& known, std::string_view password) const
{
    auto const& source = known.source->source();
    auto const& stored = source.checks_passwords() ? source.name() : known.entry->hash;
    return logins_.digest(known.entry->name, stored, password);
}

bool Accounts::is_remembered(Known const& known, std::string_view password)
{
    return logins_.contains(digest(known, password), LoginCache::Clock::now());
}

template <class F> awaitable<std::invoke_result_t<F&>> Accounts::on_worker(F& job)
{
    if (waiting_.load(std::memory_order_relaxed) >= max_waiting)
        throw SourceDown("too many passwords wait to be checked");
    ++waiting_;
    struct Place { // given back also when the job throws
        std::atomic<unsigned>& waiting;
        ~Place() { --waiting; }
    };
    auto counted = [this, &job] {
        Place const place { waiting_ };
        return job();
    };
    auto const executor = co_await boost::asio::this_coro::executor;
    auto result = co_await session::work(workers_.get_executor(), executor, counted);
    co_return result;
}

EntryPtr Accounts::stand_in(std::string const& name) const
{
    auto const first = std::hash<std::string> {}(name);
    for (std::size_t i = 0; i < sources_.size(); ++i)
        if (auto other = sources_[(first + i) % sources_.size()]->stand_in(name))
            return other;
    return {};
}

/// Whoever measures the time must not learn which users exist: checks the hash of some other. All
/// that has_hash_of() does is done, in the same order: without the digest the same Argon2 takes a
/// hundredth longer, since that leaves the processor's wide registers in another state.
awaitable<void> Accounts::check_stand_in(std::string name, std::string const& password)
{
    auto const other = stand_in(name);
    auto const& hash = other && !other->hash.empty() ? other->hash : dummy_;
    auto job = [&] {
        auto const nobodys = logins_.digest(name, hash, password);
        return logins_.contains(nobodys, LoginCache::Clock::now())
            || verify_password(hash, password);
    };
    co_await on_worker(job);
}

awaitable<bool> Accounts::has_hash_of(Known known, std::string const& password)
{
    auto job = [&] {
        // Another connection of the same client may have been first while this one waited.
        if (is_remembered(known, password))
            return true;
        if (!verify_password(known.entry->hash, password))
            return false;
        logins_.remember(digest(known, password), LoginCache::Clock::now());
        return true;
    };
    auto const has = co_await on_worker(job);
    co_return has;
}

awaitable<Result<void>> Accounts::check_with(Known known, std::string const& password)
{
    auto const& source = known.source->source();
    if (source.checks_passwords()) {
        auto const verdict = co_await known.source->check_password(known.entry, password);
        if (verdict == Verdict::wrong)
            co_return Refusal::wrong_credentials;
        if (verdict == Verdict::disabled)
            co_return Refusal::disabled;
        logins_.remember(digest(known, password), LoginCache::Clock::now());
        co_return Result<void> {};
    }
    auto const& hash = known.entry->hash;
    if (hash.empty()) {
        co_await check_stand_in(known.entry->name, password);
        co_return Refusal::wrong_credentials;
    }
    if (auto const problem = problem_of_hash(hash); !problem.empty()) {
        log::error("{} cannot log in: in {}, {}", known.entry->name, source.name(), problem);
        co_return Refusal::unavailable;
    }
    auto const is_right = co_await has_hash_of(known, password);
    if (!is_right)
        co_return Refusal::wrong_credentials;
    co_return Result<void> {};
}

awaitable<bool> Accounts::replace(Known known, Verifiers with)
{
    bool replaced = false;
    if (known.source->is_immediate()) {
        auto job = [&] { return known.source->replace_now(*known.entry, with); };
        replaced = co_await on_worker(job);
    } else {
        replaced = co_await known.source->replace(known.entry, std::move(with));
    }
    entries_.erase("login " + known.entry->name);
    co_return replaced;
}

/// Whose password this is. A right one is taken by what is remembered of the account, as long as it
/// may be; before one is called wrong, all sources are asked, whether there is such an account or
/// not.
awaitable<Result<Known>> Accounts::identify(
    session::Attempt const& attempt, std::string name, std::string const& password)
{
    auto const key = "login " + name;
    std::string compared; // the hash with which the password was compared already
    auto const remembered = recall(key);
    bool const may_come = remembered && may_come_from(*remembered->entry, attempt.peer);
    if (may_come && is_remembered(*remembered, password))
        co_return *remembered;
    if (may_come && !remembered->source->source().checks_passwords()
        && problem_of_hash(remembered->entry->hash).empty()) {
        auto const has = co_await has_hash_of(*remembered, password);
        if (has)
            co_return *remembered;
        compared = remembered->entry->hash;
    }
    Search search(*this, name, By::login);
    auto const found = co_await search.next();
    Result<void> outcome = Refusal::wrong_credentials;
    if (found.entry) {
        remember(key, found);
        if (!may_come_from(*found.entry, attempt.peer)) // whatever the password is
            co_return Refusal::disabled;
        if (is_remembered(found, password))
            co_return found;
        if (compared.empty() || compared != found.entry->hash)
            outcome = co_await check_with(found, password);
    } else {
        entries_.erase(key);
        if (compared.empty())
            co_await check_stand_in(name, password);
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
    Result<session::User> user = Refusal::unavailable;
    try {
        auto const known = co_await identify(attempt, lower_case(name), password);
        if (known && is_too_weak(*known->entry))
            user = Refusal::disabled;
        else if (known) {
            user = co_await let_in(std::move(attempt), known->entry);
            if (user)
                co_await store_better(*known, password);
        } else
            user = known.error();
    } catch (SourceDown const&) { // which is in the log
    }
    ::OPENSSL_cleanse(password.data(), password.size());
    bool const is_uneven = std::ranges::any_of(
        sources_, [](auto const& each) { return each->source().checks_passwords(); });
    if (!user && user.error() == Refusal::wrong_credentials && is_uneven) {
        auto const executor = co_await boost::asio::this_coro::executor;
        boost::asio::steady_timer timer(executor, began + least_time_of_wrong);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
    co_return user;
}

bool Accounts::is_too_weak(UserEntry const& entry) const
{
    if (settings_.weak_schemes || !is_weak(entry.hash))
        return false;
    log::warn("{}", advice_on_weak_account(entry.name));
    return true;
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

awaitable<void> Accounts::store_better(Known known, std::string const& password)
{
    auto const& source = known.source->source();
    auto const& entry = *known.entry;
    if (!settings_.rehash || !source.stores_verifiers() || !wants_better_verifiers(entry)
        || !rehash_.begin(source.name(), entry.name, Rehash::Clock::now()))
        co_return;
    std::string problem;
    bool is_stored = false;
    try {
        auto make = [&] { return make_verifiers(password); };
        auto const made = co_await on_worker(make);
        is_stored = co_await replace(known, made);
        if (is_stored) { // what was just right goes on while the source is down
            Known const renewed { known.source, with_verifiers(entry, made) };
            remember("login " + entry.name, renewed);
            logins_.remember(digest(renewed, password), LoginCache::Clock::now());
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

awaitable<Result<session::User>> Accounts::admit(session::Attempt attempt, std::string name)
{
    try {
        auto const known = co_await look_up(lower_case(name), By::login);
        if (!known.entry)
            co_return Refusal::wrong_credentials;
        if (attempt.mechanism.starts_with("SCRAM-") && is_too_weak(*known.entry))
            co_return Refusal::disabled;
        auto user = co_await let_in(std::move(attempt), known.entry);
        co_return user;
    } catch (SourceDown const&) {
        co_return Refusal::unavailable;
    }
}

awaitable<Result<session::User>> Accounts::let_in(session::Attempt attempt, EntryPtr entry)
{
    if (entry->is_disabled || !may_come_from(*entry, attempt.peer))
        co_return Refusal::disabled;
    auto whose = entry;
    if (!attempt.authzid.empty() && lower_case(attempt.authzid) != entry->name) {
        auto const other = co_await look_up(lower_case(attempt.authzid), By::login);
        bool const is_other = !other.entry || other.entry->name != entry->name;
        if (is_other
            && (!other.entry || other.entry->is_disabled || !may_act_for(*entry, *other.entry)))
            co_return Refusal::disabled;
        whose = other.entry;
    }
    auto user = describe(*whose);
    if (whose->name != entry->name)
        user.authenticated_as = entry->name;
    if (attempt.protocol == "smtp") // an MTA asks for its client: no session follows
        co_return user;
    user.place = admission_.take_account_place(whose->name);
    if (!user.place)
        co_return Refusal::too_many;
    co_return user;
}

// --- Keys

session::Proofs Accounts::proofs()
{
    session::Proofs all { .keys = { true, true, true },
        .tokens = tokens_ != nullptr,
        .anonymous = !settings_.anonymous_account.empty() };
    for (auto const& source : sources_) {
        auto const keys = source->source().keys_of_all();
        for (std::size_t i = 0; i < keys.size(); ++i)
            all.keys[i] = all.keys[i] && keys[i];
    }
    return all;
}

/// Every source is asked, whoever has the account.
awaitable<EntryPtr> Accounts::find_for_keys(std::string name)
{
    auto const key = "login " + name;
    try {
        Search search(*this, name, By::login);
        auto const known = co_await search.next();
        if (known.entry)
            remember(key, known);
        co_await search.finish();
        co_return known.entry;
    } catch (SourceDown const&) {
        auto const remembered = recall(key);
        if (!remembered)
            throw;
        co_return remembered->entry;
    }
}

awaitable<Result<sasl::ScramKeys>> Accounts::scram_keys(
    session::Attempt attempt, std::string name, sasl::ScramHash hash)
{
    name = lower_case(name);
    EntryPtr entry;
    try {
        entry = co_await find_for_keys(name);
    } catch (SourceDown const&) {
        co_return Refusal::unavailable;
    }
    if (entry && !may_come_from(*entry, attempt.peer))
        co_return Refusal::disabled;
    // What is made up for unknown users comes about in the same way as what others have.
    auto const like = entry ? entry : stand_in(name);
    auto const secret = [&](std::string_view what) {
        return sasl::scram_hmac(sasl::ScramHash::sha256, secret_,
            fmt::format("{} {} {}", what, static_cast<int>(hash), entry ? entry->name : name));
    };
    auto const salt = secret("salt").substr(0, 16);
    auto const password = like ? password_in_hash(like->hash) : std::nullopt;
    if (password && !like->scram[static_cast<std::size_t>(hash)]) {
        auto const text = entry ? std::string(*password) : secret("password");
        auto const prepared = sasl::saslprep(text);
        auto job = [&] {
            return sasl::derive_scram_keys(
                hash, prepared ? *prepared : text, salt, sasl::scram_iterations);
        };
        try {
            auto keys = co_await on_worker(job);
            co_return keys;
        } catch (SourceDown const&) {
            co_return Refusal::unavailable;
        }
    }
    if (entry && entry->scram[static_cast<std::size_t>(hash)])
        co_return *entry->scram[static_cast<std::size_t>(hash)];
    auto const size = sasl::key_size(hash);
    auto const made_up = [&](std::string_view what) {
        auto octets = secret(what);
        octets += sasl::scram_digest(sasl::ScramHash::sha256, octets);
        octets.resize(size);
        return octets;
    };
    co_return sasl::ScramKeys { .salt = salt,
        .iterations = sasl::scram_iterations,
        .stored_key = made_up("stored key"),
        .server_key = made_up("server key") };
}

// --- Accounts

session::User Accounts::describe(UserEntry const& entry) const
{
    // 0 at the source: no bound for this account, whatever the config says.
    auto const bound = [](std::optional<std::uint64_t> own, std::optional<std::uint64_t> common) {
        return own ? (*own == 0 ? std::nullopt : own) : common;
    };
    session::User user;
    user.name = entry.name;
    user.groups = entry.groups;
    user.applications = entry.applications;
    user.is_disabled = entry.is_disabled;
    user.is_administrator = entry.is_administrator;
    user.capabilities_off = entry.capabilities_off;
    user.pop3 = entry.pop3;
    user.quota.octets = bound(entry.quota, quota_.storage);
    user.quota.messages = bound(entry.quota_messages, quota_.messages);
    user.quota.mailboxes = bound(entry.quota_mailboxes, quota_.mailboxes);
    return user;
}

awaitable<std::optional<session::User>> Accounts::find_recipient(std::string address)
{
    Known known;
    try {
        known = co_await look_up(lower_case(address), By::address);
    } catch (SourceDown const& down) {
        throw session::AccountsUnavailable(down.what());
    }
    if (!known.entry)
        co_return std::nullopt;
    co_return describe(*known.entry);
}

bool Accounts::has_domain(std::string_view domain)
{
    return (!domain.empty() && domain == settings_.default_domain)
        || std::ranges::any_of(
            sources_, [&](auto const& each) { return each->source().has_domain(domain); });
}

} // namespace mail::server
