#include "server/guessing/guarded_accounts.h"

#include "server/accounts/master_names.h"
#include "server/accounts/users.h"
#include "server/client_network.h"
#include "server/log.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/crypto.h>

#include <algorithm>
#include <thread>

namespace mail::server {

namespace {

    using namespace std::chrono_literals;
    using session::Refusal;

    // Of a client whose attempt was not looked at. Short enough for the server's end.
    constexpr auto hold_up_time = 2s;
    // A password that was right there is taken by the guard for as long, whatever goes on.
    constexpr auto right_before_time = std::chrono::hours(24);
    // More than any mail program's connections.
    constexpr unsigned waiting_per_address = 64;

    std::vector<Network> parse_all(std::vector<std::string> const& texts)
    {
        std::vector<Network> networks;
        for (auto const& text : texts)
            if (auto const network = Network::parse(text))
                networks.push_back(*network);
        return networks;
    }

    bool have(std::vector<Network> const& networks, Peer const& peer)
    {
        return std::ranges::any_of(
            networks, [&](Network const& each) { return each.contains(peer.address); });
    }

    unsigned days_of(std::chrono::seconds time)
    {
        return static_cast<unsigned>(
            std::chrono::duration_cast<std::chrono::hours>(time).count() / 24);
    }

    unsigned turns_at_once(config::Auth const& settings)
    {
        auto const cores = std::max(1u, std::thread::hardware_concurrency());
        return settings.checks_at_once != 0 ? settings.checks_at_once : 4 * cores;
    }

} // namespace

GuardedAccounts::GuardedAccounts(session::Authenticator& accounts, config::Auth const& settings,
    std::filesystem::path file, std::string secret)
    : accounts_(accounts)
    , default_domain_(settings.default_domain)
    , master_separator_(settings.master_separator)
    , allowed_(parse_all(settings.allow_networks))
    , denied_(parse_all(settings.deny_networks))
    , guessing_(settings.guessing)
    , known_(std::move(file), std::move(secret), days_of(settings.guessing.known_networks_time))
    , right_before_(right_before_time)
    , turns_(turns_at_once(settings), waiting_per_address)
{
}

bool GuardedAccounts::turns_away(Peer const& peer)
{
    if (peer.address == "local") // a unix socket: its permissions say who may use it
        return false;
    bool const is_denied = have(denied_, peer) || (!allowed_.empty() && !have(allowed_, peer));
    counts_.denied += is_denied ? 1 : 0;
    return is_denied;
}

awaitable<void> GuardedAccounts::hold_up()
{
    ++counts_.throttled;
    auto const executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor, hold_up_time);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

void GuardedAccounts::note_right(
    Guessing::Attempt const& guess, Peer const& peer, std::string_view account)
{
    ++counts_.right;
    guessing_.note_right(guess, Guessing::Clock::now());
    if (guess.counts_place)
        known_.remember(account, network_key(peer), today());
}

awaitable<GuardedAccounts::Answer> GuardedAccounts::check_password(
    session::Attempt attempt, std::string name, std::string password)
{
    if (turns_away(attempt.peer))
        co_return Refusal::disabled;
    take_master_name(attempt, name, master_separator_);
    auto const peer = attempt.peer;
    auto const account = full_name(name, default_domain_);
    auto const guess = guessing_.describe(peer, account, password, known_);
    auto const digest = right_before_.digest(account, network_key(peer), password);
    Answer answer = Refusal::throttled;
    if (right_before_.contains(digest, LoginCache::Clock::now()))
        answer = co_await accounts_.check_password(std::move(attempt), std::move(name), password);
    else
        answer = co_await try_password(std::move(attempt), std::move(name), password, guess);
    ::OPENSSL_cleanse(password.data(), password.size());
    if (answer) {
        right_before_.remember(digest, LoginCache::Clock::now());
        note_right(guess, peer, account);
    } else if (answer.error() == Refusal::wrong_credentials) {
        ++counts_.wrong;
        guessing_.note_wrong(guess, Guessing::Clock::now());
    } else if (answer.error() == Refusal::throttled)
        co_await hold_up();
    co_return answer;
}

awaitable<GuardedAccounts::Answer> GuardedAccounts::try_password(session::Attempt attempt,
    std::string name, std::string const& password, Guessing::Attempt guess)
{
    if (!guessing_.begin(guess, Guessing::Clock::now()))
        co_return Refusal::throttled;
    struct UnderWay {
        Guessing& guessing;
        Guessing::Attempt const& guess;
        ~UnderWay() { guessing.end(guess); }
    };
    UnderWay const under_way { guessing_, guess };
    // Where anybody may stand behind the address, the accounts take turns.
    auto const key = guess.counts_place ? guess.address : guess.account;
    auto const rank = guess.is_known_there ? FairTurns::Rank::first : FairTurns::Rank::later;
    auto const turn = co_await turns_.take(key, rank);
    // Others may have been wrong while this one waited.
    if (!turn || !guessing_.may_try(guess, Guessing::Clock::now()))
        co_return Refusal::throttled;
    auto answer = co_await accounts_.check_password(std::move(attempt), std::move(name), password);
    co_return answer;
}

awaitable<boost::system::result<sasl::ScramKeys, Refusal>> GuardedAccounts::scram_keys(
    session::Attempt attempt, std::string name, sasl::ScramHash hash)
{
    if (turns_away(attempt.peer))
        co_return Refusal::disabled;
    take_master_name(attempt, name, master_separator_);
    auto const guess
        = guessing_.describe(attempt.peer, full_name(name, default_domain_), {}, known_);
    if (!guessing_.may_try(guess, Guessing::Clock::now())) {
        co_await hold_up();
        co_return Refusal::throttled;
    }
    auto keys = co_await accounts_.scram_keys(std::move(attempt), std::move(name), hash);
    co_return keys;
}

awaitable<GuardedAccounts::Answer> GuardedAccounts::admit(
    session::Attempt attempt, std::string name)
{
    if (turns_away(attempt.peer))
        co_return Refusal::disabled;
    take_master_name(attempt, name, master_separator_);
    auto const peer = attempt.peer;
    auto const account = full_name(name, default_domain_);
    auto answer = co_await accounts_.admit(std::move(attempt), std::move(name));
    if (answer) {
        auto const guess = guessing_.describe(peer, account, {}, known_);
        note_right(guess, peer, account);
    }
    co_return answer;
}

awaitable<GuardedAccounts::Answer> GuardedAccounts::check_token(
    session::Attempt attempt, std::string token)
{
    if (turns_away(attempt.peer))
        co_return Refusal::disabled;
    auto const peer = attempt.peer;
    auto answer = co_await accounts_.check_token(std::move(attempt), std::move(token));
    if (answer) {
        auto const account = full_name(answer->name, default_domain_);
        note_right(guessing_.describe(peer, account, {}, known_), peer, account);
    }
    co_return answer;
}

awaitable<GuardedAccounts::Answer> GuardedAccounts::admit_anonymous(session::Attempt attempt)
{
    if (turns_away(attempt.peer))
        co_return Refusal::disabled;
    auto answer = co_await accounts_.admit_anonymous(std::move(attempt));
    co_return answer;
}

void GuardedAccounts::note_wrong_proof(session::Attempt const& attempt, std::string_view name)
{
    ++counts_.wrong;
    auto whose = attempt;
    std::string who(name);
    take_master_name(whose, who, master_separator_);
    auto const guess
        = guessing_.describe(attempt.peer, full_name(who, default_domain_), {}, known_);
    guessing_.note_wrong(guess, Guessing::Clock::now());
    accounts_.note_wrong_proof(whose, who);
}

void GuardedAccounts::log_counts() const
{
    log::info("logins since the start: {} right, {} wrong, {} held up, {} from denied networks",
        counts_.right.load(), counts_.wrong.load(), counts_.throttled.load(),
        counts_.denied.load());
}

} // namespace mail::server
