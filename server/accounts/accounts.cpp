// Who comes in, by keys, and who gets mail. Passwords: password_logins.cpp; tokens:
// other_proofs.cpp.
#include "server/accounts/accounts.h"

#include "protocol/sasl/saslprep.h"
#include "server/accounts/digest_schemes.h"
#include "server/accounts/open_sources.h"
#include "server/accounts/passwords.h"
#include "server/accounts/users.h"
#include "server/accounts/weak_accounts.h"
#include "server/log.h"

#include <fmt/format.h>

#include <algorithm>

namespace mail::server {

namespace {

    using session::Refusal;
    template <class T> using Result = boost::system::result<T, Refusal>;

} // namespace

Accounts::Accounts(config::Config const& config, Admission& admission, std::string secret)
    : Accounts(open_sources(config.auth), config, admission, std::move(secret))
{
}

Accounts::Accounts(
    Sources sources, config::Config const& config, Admission& admission, std::string secret)
    : settings_(config.auth)
    , quota_(config.quota)
    , admission_(admission)
    , lookup_(std::move(sources), settings_.default_domain)
    , logins_(settings_.cache_time)
    , secret_(std::move(secret))
    , dummy_(hash_password("nobody"))
{
    if (settings_.oauth.is_on())
        tokens_ = std::make_unique<TokenChecker>(settings_.oauth, workers_.executor());
}

bool Accounts::is_busy() const { return lookup_.is_busy(); }

void Accounts::join()
{
    workers_.join();
    lookup_.join();
}

// --- Coming in

bool Accounts::is_too_weak(UserEntry const& entry) const
{
    if (settings_.weak_schemes || !is_weak(entry.hash))
        return false;
    log::warn("{}", advice_on_weak_account(entry.name));
    return true;
}

awaitable<Result<session::User>> Accounts::admit(session::Attempt attempt, std::string name)
{
    try {
        auto const known = co_await lookup_.find(By::login, lower_case(name));
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
    if (entry->is_disabled || !entry->may_come_from(attempt.peer))
        co_return Refusal::disabled;
    auto whose = entry;
    if (!attempt.authzid.empty() && lower_case(attempt.authzid) != entry->name) {
        auto const other = co_await lookup_.find(By::login, lower_case(attempt.authzid));
        bool const is_other = !other.entry || other.entry->name != entry->name;
        if (is_other
            && (!other.entry || other.entry->is_disabled || !entry->may_act_for(*other.entry)))
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
    for (auto const& source : lookup_.sources()) {
        auto const keys = source->source().keys_of_all();
        for (std::size_t i = 0; i < keys.size(); ++i)
            all.keys[i] = all.keys[i] && keys[i];
    }
    return all;
}

awaitable<Result<sasl::ScramKeys>> Accounts::scram_keys(
    session::Attempt attempt, std::string name, sasl::ScramHash hash)
{
    name = lower_case(name);
    EntryPtr entry;
    try {
        entry = co_await lookup_.find_by_all(name);
    } catch (SourceDown const&) {
        co_return Refusal::unavailable;
    }
    if (entry && !entry->may_come_from(attempt.peer))
        co_return Refusal::disabled;
    // What is made up for unknown users comes about in the same way as what others have.
    auto const like = entry ? entry : lookup_.stand_in(name);
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
            auto keys = co_await workers_.run(job);
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
        known = co_await lookup_.find(By::address, lower_case(address));
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
            lookup_.sources(), [&](auto const& each) { return each->source().has_domain(domain); });
}

} // namespace mail::server
