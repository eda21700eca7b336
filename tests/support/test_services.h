// A real store in a temporary directory and all that sessions need around it, for one test.
#pragma once

#include "protocol/session/hub.h"
#include "protocol/session/session.h"
#include "storage/store.h"
#include "tests/support/temporary_directory.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mail::test {

/// Knows the users that the test names; the password of each is "secret" unless set. Names without
/// a domain.
class FixedAuthenticator : public session::Authenticator {
public:
    std::map<std::string, std::string> passwords { { "alice", "secret" }, { "bob", "secret" },
        { "carol", "secret" } };
    std::map<std::string, session::User> users; ///< what is special about some of them
    std::map<std::string, std::string> aliases; ///< whole addresses, and whose they are
    std::vector<std::string> domains;
    bool is_down = false;
    bool has_keys = false; ///< whether SCRAM is offered
    bool takes_tokens = false; ///< those of `tokens`
    std::map<std::string, std::string> tokens { { "token-of-alice", "alice" },
        { "token-of-bob", "bob" } }; ///< and their users
    session::TokenAdvice advice { .scope = "mail",
        .openid_configuration = "https://login.example.org/.well-known/openid-configuration" };
    std::string anonymous; ///< the user that anonymous clients read; empty: none

    awaitable<boost::system::result<session::User, session::Refusal>> check_password(
        session::Attempt attempt, std::string name, std::string password) override;
    awaitable<boost::system::result<sasl::ScramKeys, session::Refusal>> scram_keys(
        session::Attempt attempt, std::string name, sasl::ScramHash hash) override;
    awaitable<boost::system::result<session::User, session::Refusal>> admit(
        session::Attempt attempt, std::string name) override;
    awaitable<boost::system::result<session::User, session::Refusal>> check_token(
        session::Attempt attempt, std::string token) override;
    session::TokenAdvice token_advice() const override { return advice; }
    awaitable<boost::system::result<session::User, session::Refusal>> admit_anonymous(
        session::Attempt attempt) override;
    void note_wrong_proof(session::Attempt const&, std::string_view) override { }
    session::Proofs proofs() override
    {
        return { .keys = { has_keys, has_keys, has_keys },
            .tokens = takes_tokens,
            .anonymous = !anonymous.empty() };
    }
    awaitable<std::optional<session::User>> find_recipient(std::string address) override;
    bool has_domain(std::string_view domain) override
    {
        return std::ranges::find(domains, domain) != domains.end();
    }

private:
    boost::system::result<session::User, session::Refusal> let_in(
        session::Attempt const& attempt, std::string const& name) const;
    session::User describe(std::string const& name) const;
};

/// Keeps what was reported, one line each.
class RecordingJournal final : public session::Journal {
public:
    std::vector<std::string> lines;
    void logged_in(session::Attempt const& attempt, session::User const& user) override;
    void login_refused(
        session::Attempt const& attempt, std::string_view name, session::Refusal why) override;
    void delivered(Peer const&, std::string_view recipient, std::string_view, std::uint64_t octets,
        std::string_view result) override;
};

class TestServices {
public:
    TestServices();
    ~TestServices();

    storage::Store& store() const { return *store_; }
    std::filesystem::path path() const { return directory_.path() / "store"; }
    /// The account of that name, made when missing.
    storage::Account account(std::string const& name);

    /// Runs the event loop until `done` says so; false after ten seconds without it.
    bool run_until(std::function<bool()> const& done);

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
