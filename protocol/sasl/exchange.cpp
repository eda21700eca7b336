#include "protocol/sasl/exchange.h"

#include "protocol/sasl/base64.h"
#include "protocol/wipe.h"
#include "storage/ascii.h"

#include <algorithm>

namespace mail::sasl {

namespace {

    constexpr std::string_view not_base64
        = "That is not base64, or too long: send one encoded response";

    using Outcome = boost::system::result<session::User, session::Refusal>;

    Reply reply_of(Outcome user, session::Attempt attempt)
    {
        if (!user)
            return Reply(user.error());
        Reply reply(Reply::Kind::done, {});
        reply.user = std::move(*user);
        reply.attempt = std::move(attempt);
        return reply;
    }

    Reply challenge(std::string_view octets)
    {
        Reply reply(Reply::Kind::challenge, {});
        append_base64(reply.text, octets);
        return reply;
    }

    bool is_one_of(std::vector<std::string> const& hosts, std::string_view host)
    {
        if (host.ends_with('.'))
            host.remove_suffix(1);
        return std::ranges::any_of(
            hosts, [&](std::string const& each) { return ascii::equal_without_case(each, host); });
    }

} // namespace

Exchange::Exchange(session::Login& login, MechanismRow const& mechanism)
    : login_(login)
    , row_(mechanism)
    , mechanism_(mechanism.make(login.channel()))
{
}

/// Nothing when the exchange may begin.
std::optional<Reply> Exchange::check_offer() const
{
    auto const missing = [](char const* text) { return Reply(Reply::Kind::not_offered, text); };
    switch (row_.needs) {
    case Needs::privacy:
        if (!login_.may_send_password())
            return Reply(session::Refusal::needs_tls);
        break;
    case Needs::tokens:
        if (!login_.proofs().tokens)
            return missing("Tokens are not taken here; log in by another mechanism");
        if (!login_.channel().is_encrypted())
            return Reply(session::Refusal::needs_tls);
        break;
    case Needs::certificate:
        if (login_.channel().certified_names().empty())
            return missing("EXTERNAL needs a certificate that names you; show one when TLS begins");
        break;
    case Needs::anonymous:
        if (!login_.proofs().anonymous)
            return missing("Nobody may read here without logging in; use a name and a password");
        break;
    case Needs::keys:
    case Needs::bound_keys:
        break; // what the account has decides, and the binding that the client names
    }
    return std::nullopt;
}

awaitable<Reply> Exchange::start(std::optional<std::string_view> initial)
{
    if (auto refusal = check_offer())
        co_return std::move(*refusal);
    if (!initial)
        co_return co_await act(mechanism_->begin());
    if (*initial == "=")
        co_return co_await act(mechanism_->feed({}));
    co_return co_await feed(*initial);
}

awaitable<Reply> Exchange::answer(std::string_view line)
{
    // After the explanation comes a dummy or a cancellation, and in either case the outcome (RFC
    // 7628 §3.2.3, §4.3).
    if (token_refusal_)
        co_return Reply(*token_refusal_);
    if (line == "*")
        co_return Reply(Reply::Kind::cancelled, "Login cancelled as asked");
    co_return co_await feed(line);
}

awaitable<Reply> Exchange::feed(std::string_view encoded)
{
    auto response = decode_base64(encoded, max_response);
    if (!response)
        co_return Reply(Reply::Kind::malformed, std::string(not_base64));
    auto step = mechanism_->feed(*response);
    wipe(*response);
    co_return co_await act(std::move(step));
}

awaitable<Reply> Exchange::act(Step step)
{
    while (auto const* wanted = std::get_if<KeysWanted>(&step)) {
        auto const keys
            = co_await login_.scram_keys(login_.attempt(row_.name), wanted->name, wanted->hash);
        if (!keys)
            co_return Reply(keys.error());
        step = mechanism_->take_keys(*keys);
    }
    if (auto const* asked = std::get_if<Challenge>(&step))
        co_return challenge(asked->octets);
    if (auto const* malformed = std::get_if<Malformed>(&step))
        co_return Reply(Reply::Kind::malformed, std::string(malformed->text));
    if (auto const* wrong = std::get_if<WrongProof>(&step)) {
        login_.note_wrong_proof(login_.attempt(row_.name), wrong->name);
        co_return Reply(session::Refusal::wrong_credentials);
    }
    if (auto* claim = std::get_if<PasswordClaim>(&step))
        co_return co_await check_password(std::move(*claim));
    if (auto* claim = std::get_if<TokenClaim>(&step))
        co_return co_await check_token(std::move(*claim));
    if (auto* claim = std::get_if<CertificateClaim>(&step))
        co_return co_await check_certificate(std::move(*claim));
    if (auto* claim = std::get_if<AnonymousClaim>(&step))
        co_return co_await let_in_anonymously(std::move(*claim));
    co_return co_await let_in_proven(std::move(std::get<Proven>(step)));
}

awaitable<Reply> Exchange::check_password(PasswordClaim claim)
{
    auto attempt = login_.attempt(row_.name, std::move(claim.authzid));
    auto user
        = co_await login_.by_password(attempt, std::move(claim.name), std::move(claim.password));
    co_return reply_of(std::move(user), std::move(attempt));
}

awaitable<Reply> Exchange::check_token(TokenClaim claim)
{
    auto const advice = login_.token_advice();
    auto attempt = login_.attempt(row_.name, std::move(claim.authzid));
    Outcome user = session::Refusal::wrong_credentials;
    if (!claim.host.empty() && !advice.hosts.empty() && !is_one_of(advice.hosts, claim.host))
        login_.note_refusal(attempt, attempt.authzid, user.error()); // a token for another server
    else
        user = co_await login_.by_token(attempt, std::move(claim.token));
    if (user)
        co_return reply_of(std::move(user), std::move(attempt));
    token_refusal_ = user.error();
    co_return challenge(mechanism_->explain_refusal(user.error(), advice));
}

awaitable<Reply> Exchange::check_certificate(CertificateClaim claim)
{
    auto attempt = login_.attempt(row_.name, std::move(claim.authzid));
    auto user = co_await login_.by_certificate(attempt);
    co_return reply_of(std::move(user), std::move(attempt));
}

awaitable<Reply> Exchange::let_in_anonymously(AnonymousClaim claim)
{
    auto attempt = login_.attempt(row_.name);
    attempt.trace = std::move(claim.trace);
    auto user = co_await login_.anonymously(attempt);
    co_return reply_of(std::move(user), std::move(attempt));
}

awaitable<Reply> Exchange::let_in_proven(Proven proven)
{
    auto attempt = login_.attempt(row_.name, std::move(proven.authzid));
    auto user = co_await login_.by_proof(attempt, std::move(proven.name));
    co_return reply_of(std::move(user), std::move(attempt));
}

std::vector<MechanismRow const*> offered_mechanisms(session::Login const& login)
{
    auto const proofs = login.proofs();
    auto const& channel = login.channel();
    bool const may_prove = std::ranges::find(proofs.keys, true) != proofs.keys.end();
    bool const may_bind = may_prove && can_bind(channel);
    auto const is_offered = [&](MechanismRow const& row) {
        switch (row.needs) {
        case Needs::privacy:
            return login.may_send_password();
        case Needs::keys:
            return proofs.keys[static_cast<std::size_t>(row.hash)];
        case Needs::bound_keys:
            return may_bind && proofs.keys[static_cast<std::size_t>(row.hash)];
        case Needs::tokens:
            return proofs.tokens && channel.is_encrypted();
        case Needs::certificate:
            return !channel.certified_names().empty();
        case Needs::anonymous:
            return proofs.anonymous;
        }
        return false;
    };
    std::vector<MechanismRow const*> offered;
    for (auto const& row : mechanisms())
        if (is_offered(row))
            offered.push_back(&row);
    return offered;
}

} // namespace mail::sasl
