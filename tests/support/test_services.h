// A real store in a temporary directory and all that sessions need around it, for one test.
#pragma once

#include "protocol/session/hub.h"
#include "protocol/session/session.h"
#include "storage/store.h"
#include "tests/support/temporary_directory.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

namespace mail::test {

/// Knows the users that the test names; the password of each is "secret" unless set. Names without
/// a domain.
class FixedAuthenticator final : public session::Authenticator {
public:
    std::map<std::string, std::string> passwords { { "alice", "secret" }, { "bob", "secret" },
        { "carol", "secret" } };
    std::map<std::string, session::User> users; ///< what is special about some of them
    bool is_down = false;

    awaitable<boost::system::result<session::User, session::Refusal>> check_password(
        std::string name, std::string password) override
    {
        if (is_down)
            co_return session::Refusal::unavailable;
        auto const user = passwords.find(name);
        if (user == passwords.end() || user->second != password)
            co_return session::Refusal::wrong_credentials;
        co_return describe(name);
    }
    std::optional<session::User> find_recipient(std::string_view address) override
    {
        if (is_down)
            throw std::runtime_error("the users file cannot be read");
        std::string name(address.substr(0, address.find('@')));
        if (!passwords.contains(name))
            return std::nullopt;
        return describe(name);
    }

private:
    session::User describe(std::string const& name) const
    {
        auto const known = users.find(name);
        auto user = known == users.end() ? session::User {} : known->second;
        user.name = name;
        return user;
    }
};

/// Keeps what was reported, one line each.
class RecordingJournal final : public session::Journal {
public:
    std::vector<std::string> lines;
    void logged_in(Peer const&, std::string_view protocol, std::string_view user,
        std::string_view mechanism, bool) override
    {
        lines.push_back("login " + std::string(protocol) + " " + std::string(user) + " "
            + std::string(mechanism));
    }
    void login_refused(Peer const&, std::string_view protocol, std::string_view user,
        std::string_view, session::Refusal) override
    {
        lines.push_back("refused " + std::string(protocol) + " " + std::string(user));
    }
    void delivered(Peer const&, std::string_view recipient, std::string_view, std::uint64_t octets,
        std::string_view result) override
    {
        lines.push_back("delivered " + std::string(recipient) + " " + std::to_string(octets) + " "
            + std::string(result));
    }
};

class TestServices {
public:
    TestServices()
        : store_(storage::Store::open({ .path = directory_.path() / "store" }))
    {
        settings.hostname = "mail.example.org";
        store_->on_commit(
            [this](std::span<storage::Committed const> commits) { hub.committed(commits); });
    }
    ~TestServices()
    {
        workers_.join();
        store_.reset(); // its writer ends here: no bell rings afterwards
    }

    storage::Store& store() const { return *store_; }
    /// The account of that name, made when missing.
    storage::Account account(std::string const& name)
    {
        return *store_->open_account(name, settings.new_account_mailboxes);
    }

    /// Runs the event loop until `done` says so; false after ten seconds without it.
    bool run_until(std::function<bool()> const& done)
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

    boost::asio::io_context io { 1 };
    session::Settings settings;
    session::Hub hub;
    FixedAuthenticator authenticator;
    RecordingJournal journal;

private:
    TemporaryDirectory directory_;
    std::unique_ptr<storage::Store> store_;
    boost::asio::thread_pool workers_ { 1 };

public:
    session::Services services { *store_, hub, authenticator, journal, settings,
        workers_.get_executor() };
};

} // namespace mail::test
