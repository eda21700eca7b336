#include "protocol/sasl/exchange.h"

#include "protocol/sasl/base64.h"

#include <algorithm>

namespace mail::sasl {

namespace {

    constexpr std::string_view not_base64
        = "That is not base64, or too long: send one encoded response";

} // namespace

Exchange::Exchange(session::Login& login, MechanismRow const& mechanism)
    : login_(login)
    , row_(mechanism)
    , mechanism_(mechanism.make(login.channel()))
{
}

awaitable<Reply> Exchange::start(std::optional<std::string_view> initial)
{
    if (row_.sends_password && !login_.may_send_password())
        co_return Reply(session::Refusal::needs_tls);
    if (!initial)
        co_return co_await act(mechanism_->begin());
    if (*initial == "=")
        co_return co_await act(mechanism_->feed({}));
    auto const response = decode_base64(*initial, max_response);
    if (!response)
        co_return Reply(Reply::Kind::malformed, std::string(not_base64));
    co_return co_await act(mechanism_->feed(*response));
}

awaitable<Reply> Exchange::answer(std::string_view line)
{
    if (line == "*")
        co_return Reply(Reply::Kind::cancelled, "Login cancelled as asked");
    auto const response = decode_base64(line, max_response);
    if (!response)
        co_return Reply(Reply::Kind::malformed, std::string(not_base64));
    co_return co_await act(mechanism_->feed(*response));
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
    if (auto const* challenge = std::get_if<Challenge>(&step)) {
        Reply reply(Reply::Kind::challenge, {});
        append_base64(reply.text, challenge->octets);
        co_return reply;
    }
    if (auto const* malformed = std::get_if<Malformed>(&step))
        co_return Reply(Reply::Kind::malformed, std::string(malformed->text));
    if (auto const* wrong = std::get_if<WrongProof>(&step)) {
        login_.note_wrong_proof(login_.attempt(row_.name), wrong->name);
        co_return Reply(session::Refusal::wrong_credentials);
    }
    if (auto* proven = std::get_if<Proven>(&step))
        co_return co_await conclude(
            login_.attempt(row_.name, std::move(proven->authzid)), std::move(proven->name), {});
    auto& claim = std::get<PasswordClaim>(step);
    co_return co_await conclude(login_.attempt(row_.name, std::move(claim.authzid)),
        std::move(claim.name), std::move(claim.password));
}

/// `password`: none is needed any more.
awaitable<Reply> Exchange::conclude(
    session::Attempt attempt, std::string name, std::optional<std::string> password)
{
    boost::system::result<session::User, session::Refusal> user;
    if (password)
        user = co_await login_.by_password(attempt, std::move(name), std::move(*password));
    else
        user = co_await login_.by_proof(attempt, std::move(name));
    if (!user)
        co_return Reply(user.error());
    Reply reply(Reply::Kind::done, {});
    reply.user = std::move(*user);
    reply.attempt = std::move(attempt);
    co_return reply;
}

std::vector<MechanismRow const*> offered_mechanisms(session::Login const& login)
{
    auto const keys = login.proofs().keys;
    bool const may_prove = std::ranges::find(keys, true) != keys.end();
    bool const may_bind = may_prove && can_bind(login.channel());
    std::vector<MechanismRow const*> offered;
    for (auto const& row : mechanisms()) {
        bool const has_keys = !row.keys || keys[static_cast<std::size_t>(*row.keys)];
        if (has_keys && (may_bind || !row.binds_channel)
            && (login.may_send_password() || !row.sends_password))
            offered.push_back(&row);
    }
    return offered;
}

} // namespace mail::sasl
