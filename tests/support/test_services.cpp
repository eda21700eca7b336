// The services of a test.
#include "tests/support/test_services.h"

#include <stdexcept>

namespace mail::test {

awaitable<boost::system::result<session::User, session::Refusal>>
FixedAuthenticator::check_password(std::string name, std::string password)
{
    if (is_down)
        co_return session::Refusal::unavailable;
    auto const user = passwords.find(name);
    if (user == passwords.end() || user->second != password)
        co_return session::Refusal::wrong_credentials;
    co_return describe(name);
}

awaitable<boost::system::result<sasl::ScramKeys, session::Refusal>> FixedAuthenticator::scram_keys(
    std::string name, sasl::ScramHash hash)
{
    if (is_down)
        co_return session::Refusal::unavailable;
    auto const user = passwords.find(name);
    co_return sasl::derive_scram_keys(
        hash, user == passwords.end() ? "nobody's" : user->second, "salt of " + name, 4096);
}

awaitable<boost::system::result<session::User, session::Refusal>> FixedAuthenticator::admit(
    std::string name)
{
    if (is_down)
        co_return session::Refusal::unavailable;
    if (!passwords.contains(name))
        co_return session::Refusal::wrong_credentials;
    co_return describe(name);
}

std::optional<session::User> FixedAuthenticator::find_recipient(std::string_view address)
{
    if (is_down)
        throw std::runtime_error("the users file cannot be read");
    std::string name(address.substr(0, address.find('@')));
    if (!passwords.contains(name))
        return std::nullopt;
    return describe(name);
}

session::User FixedAuthenticator::describe(std::string const& name) const
{
    auto const known = users.find(name);
    auto user = known == users.end() ? session::User {} : known->second;
    user.name = name;
    return user;
}

void RecordingJournal::logged_in(
    Peer const&, std::string_view protocol, std::string_view user, std::string_view mechanism, bool)
{
    lines.push_back(
        "login " + std::string(protocol) + " " + std::string(user) + " " + std::string(mechanism));
}

void RecordingJournal::login_refused(Peer const&, std::string_view protocol, std::string_view user,
    std::string_view, session::Refusal)
{
    lines.push_back("refused " + std::string(protocol) + " " + std::string(user));
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
