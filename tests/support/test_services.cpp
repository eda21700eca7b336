// The services of a test.
#include "tests/support/test_services.h"

#include <cctype>

namespace mail::test {

awaitable<boost::system::result<session::User, session::Refusal>>
FixedAuthenticator::check_password(session::Attempt attempt, std::string name, std::string password)
{
    if (is_down)
        co_return session::Refusal::unavailable;
    auto const user = passwords.find(name);
    if (user == passwords.end() || user->second != password)
        co_return session::Refusal::wrong_credentials;
    co_return let_in(attempt, name);
}

awaitable<boost::system::result<sasl::ScramKeys, session::Refusal>> FixedAuthenticator::scram_keys(
    session::Attempt, std::string name, sasl::ScramHash hash)
{
    if (is_down)
        co_return session::Refusal::unavailable;
    auto const user = passwords.find(name);
    co_return sasl::derive_scram_keys(
        hash, user == passwords.end() ? "nobody's" : user->second, "salt of " + name, 4096);
}

awaitable<boost::system::result<session::User, session::Refusal>> FixedAuthenticator::admit(
    session::Attempt attempt, std::string name)
{
    if (is_down)
        co_return session::Refusal::unavailable;
    if (!passwords.contains(name))
        co_return session::Refusal::wrong_credentials;
    co_return let_in(attempt, name);
}

awaitable<boost::system::result<session::User, session::Refusal>> FixedAuthenticator::check_token(
    session::Attempt attempt, std::string token)
{
    if (is_down)
        co_return session::Refusal::unavailable;
    auto const owner = tokens.find(token);
    if (owner == tokens.end())
        co_return session::Refusal::wrong_credentials;
    co_return let_in(attempt, owner->second);
}

awaitable<boost::system::result<session::User, session::Refusal>>
FixedAuthenticator::admit_anonymous(session::Attempt attempt)
{
    if (anonymous.empty())
        co_return session::Refusal::disabled;
    auto user = let_in(attempt, anonymous);
    if (user)
        user->is_read_only = user->is_anonymous = true;
    co_return user;
}

awaitable<std::optional<session::User>> FixedAuthenticator::find_recipient(std::string address)
{
    if (is_down)
        throw session::AccountsUnavailable("the users file cannot be read");
    std::string lower(address);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    auto const alias = aliases.find(lower);
    auto const name = alias != aliases.end() ? alias->second : lower.substr(0, lower.find('@'));
    if (!passwords.contains(name))
        co_return std::nullopt;
    co_return describe(name);
}

boost::system::result<session::User, session::Refusal> FixedAuthenticator::let_in(
    session::Attempt const& attempt, std::string const& name) const
{
    if (!attempt.authzid.empty() && attempt.authzid != name)
        return session::Refusal::disabled;
    return describe(name);
}

session::User FixedAuthenticator::describe(std::string const& name) const
{
    auto const known = users.find(name);
    auto user = known == users.end() ? session::User {} : known->second;
    user.name = name;
    return user;
}

void RecordingJournal::logged_in(session::Attempt const& attempt, session::User const& user)
{
    lines.push_back("login " + attempt.protocol + " " + user.name + " " + attempt.mechanism
        + (attempt.trace.empty() ? "" : " trace " + attempt.trace));
}

void RecordingJournal::login_refused(
    session::Attempt const& attempt, std::string_view name, session::Refusal)
{
    lines.push_back("refused " + attempt.protocol + " " + std::string(name));
}

void RecordingJournal::delivered(Peer const&, std::string_view recipient, std::string_view,
    std::uint64_t octets, std::string_view result)
{
    lines.push_back("delivered " + std::string(recipient) + " " + std::to_string(octets) + " "
        + std::string(result));
}

TestServices::TestServices()
    : store_(storage::Store::open({ .path = directory_.path() / "store" }))
{
    settings.hostname = "mail.example.org";
    store_->on_commit(
        [this](std::span<storage::Committed const> commits) { hub.committed(commits); });
}

TestServices::~TestServices()
{
    workers_.join();
    store_.reset(); // its writer ends here: no bell rings afterwards
}

storage::Account TestServices::account(std::string const& name)
{
    return *store_->open_account(name, settings.new_account_mailboxes);
}

bool TestServices::run_until(std::function<bool()> const& done)
{
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
        if (std::chrono::steady_clock::now() > deadline)
            return false;
        io.restart();
        io.run_one_for(std::chrono::milliseconds(20));
    }
    return true;
}

} // namespace mail::test
