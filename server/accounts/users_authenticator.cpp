// Checks passwords on a pool of its own, the same for users that do not exist.
#include "server/accounts/users_authenticator.h"

#include "protocol/sasl/saslprep.h"
#include "protocol/session/write.h"
#include "server/accounts/passwords.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>
#include <openssl/crypto.h>

#include <thread>

namespace mail::server {

namespace {

    // More passwords than this waiting to be checked take longer than any client waits.
    constexpr unsigned max_waiting = 1000;

} // namespace

UsersAuthenticator::UsersAuthenticator(
    config::Config const& config, Admission& admission, std::string secret)
    : settings_(config.auth)
    , quota_(config.quota)
    , admission_(admission)
    , file_(settings_.users_file)
    , cache_(settings_.cache_time)
    , secret_(std::move(secret))
    , dummy_(hash_password("nobody"))
    , workers_(std::max(1u, std::thread::hardware_concurrency()))
{
}

session::User UsersAuthenticator::describe(UserEntry const& entry) const
{
    // 0 in the file: no bound for this account, whatever the config says.
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
    user.quota.octets = bound(entry.quota, quota_.storage);
    user.quota.messages = bound(entry.quota_messages, quota_.messages);
    user.quota.mailboxes = bound(entry.quota_mailboxes, quota_.mailboxes);
    return user;
}

UserEntry const* UsersAuthenticator::find_login(Users const& users, std::string const& name) const
{
    if (auto const* entry = users.find(name))
        return entry;
    auto const& domain = settings_.default_domain;
    if (domain.empty())
        return nullptr;
    auto const at = name.find('@');
    if (at == name.npos)
        return users.find(name + '@' + domain);
    return name.substr(at + 1) == domain ? users.find(name.substr(0, at)) : nullptr;
}

bool UsersAuthenticator::verify(
    Users const& users, UserEntry const* entry, std::string const& name, std::string_view password)
{
    if (entry) {
        auto const digest = cache_.digest(entry->name, entry->hash, password);
        // Another connection of the same client may have been first while this one waited.
        if (cache_.contains(digest, LoginCache::Clock::now()))
            return true;
        if (!verify_password(entry->hash, password))
            return false;
        cache_.remember(digest, LoginCache::Clock::now());
        return true;
    }
    // Whoever measures the time must not learn which users exist: check the hash of some other.
    auto const& all = users.all();
    auto const& stored
        = all.empty() ? dummy_ : all[std::hash<std::string> {}(name) % all.size()].hash;
    (void)verify_password(stored, password);
    return false;
}

template <class F>
auto UsersAuthenticator::on_worker(F job)
    -> awaitable<boost::system::result<std::invoke_result_t<F&>, session::Refusal>>
{
    if (waiting_.load(std::memory_order_relaxed) >= max_waiting)
        co_return session::Refusal::unavailable;
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

boost::system::result<session::User, session::Refusal> UsersAuthenticator::let_in(
    session::Attempt const& attempt, UserEntry const& entry)
{
    bool const is_other = !attempt.authzid.empty() && lower_case(attempt.authzid) != entry.name;
    if (entry.is_disabled || is_other) // nobody may act as another yet
        return session::Refusal::disabled;
    auto user = describe(entry);
    user.place = admission_.take_account_place(entry.name);
    if (!user.place)
        return session::Refusal::too_many;
    return user;
}

awaitable<boost::system::result<session::User, session::Refusal>>
UsersAuthenticator::check_password(session::Attempt attempt, std::string name, std::string password)
{
    name = lower_case(name);
    auto const users = file_.current();
    auto const* entry = find_login(*users, name);
    bool right = entry
        && cache_.contains(
            cache_.digest(entry->name, entry->hash, password), LoginCache::Clock::now());
    if (!right) {
        auto job = [&] { return verify(*users, entry, name, password); };
        auto const checked = co_await on_worker(job);
        if (!checked)
            co_return checked.error();
        right = *checked;
    }
    ::OPENSSL_cleanse(password.data(), password.size());
    if (!right)
        co_return session::Refusal::wrong_credentials;
    co_return let_in(attempt, *entry);
}

awaitable<boost::system::result<session::User, session::Refusal>> UsersAuthenticator::admit(
    session::Attempt attempt, std::string name)
{
    auto const users = file_.current();
    auto const* entry = find_login(*users, lower_case(name));
    if (!entry)
        co_return session::Refusal::wrong_credentials;
    co_return let_in(attempt, *entry);
}

awaitable<boost::system::result<sasl::ScramKeys, session::Refusal>> UsersAuthenticator::scram_keys(
    session::Attempt, std::string name, sasl::ScramHash hash)
{
    name = lower_case(name);
    auto const users = file_.current();
    auto const* entry = find_login(*users, name);
    auto const& all = users->all();
    // What is made up for unknown users comes about in the same way as what others have.
    auto const* like
        = entry || all.empty() ? entry : &all[std::hash<std::string> {}(name) % all.size()];
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
        co_return co_await on_worker(job);
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

awaitable<std::optional<session::User>> UsersAuthenticator::find_recipient(std::string address)
{
    auto const users = file_.current();
    auto const name = lower_case(address);
    auto const* entry = users->find_by_address(name);
    if (!entry)
        entry = find_login(*users, name);
    if (!entry)
        co_return std::nullopt;
    co_return describe(*entry);
}

} // namespace mail::server
