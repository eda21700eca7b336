// An authenticator that knows passwords, and nothing else by which anybody could come in: what
// tests of those behind which it stands begin with.
#pragma once

#include "protocol/session/authenticator.h"

namespace mail::test {

class PasswordsOnly : public session::Authenticator {
public:
    using Answer = boost::system::result<session::User, session::Refusal>;

    awaitable<boost::system::result<sasl::ScramKeys, session::Refusal>> scram_keys(
        session::Attempt, std::string, sasl::ScramHash) override
    {
        co_return sasl::ScramKeys {};
    }
    awaitable<Answer> check_token(session::Attempt, std::string) override
    {
        co_return session::Refusal::wrong_credentials;
    }
    session::TokenAdvice token_advice() const override { return {}; }
    awaitable<Answer> admit_anonymous(session::Attempt) override
    {
        co_return session::Refusal::disabled;
    }
    void note_wrong_proof(session::Attempt const&, std::string_view) override { }
    session::Proofs proofs() override { return {}; }
    awaitable<std::optional<session::User>> find_recipient(std::string) override
    {
        co_return std::nullopt;
    }
    bool has_domain(std::string_view) override { return false; }
};

} // namespace mail::test
