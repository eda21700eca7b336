#include "protocol/sasl/exchange.h"

#include "protocol/sasl/base64.h"

#include <algorithm>

namespace mail::sasl {

namespace {

    constexpr std::string_view not_base64
        = "That is not base64, or too long: send one encoded response";

    char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

} // namespace

Exchange::Exchange(session::Session& session, MechanismRow const& mechanism)
    : session_(session)
    , row_(mechanism)
    , mechanism_(mechanism.make(session.stream()))
{
}

awaitable<Reply> Exchange::start(std::optional<std::string_view> initial)
{
    if (row_.sends_password && !session_.may_send_password())
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

/// Nobody may act as another yet.
bool Exchange::is_other(std::string_view authzid, std::string_view name) const
{
    return !authzid.empty() && !std::ranges::equal(authzid, name, {}, lower, lower);
}

awaitable<Reply> Exchange::act(Step step)
{
    while (auto const* wanted = std::get_if<KeysWanted>(&step)) {
        auto const keys = co_await session_.scram_keys(wanted->name, wanted->hash, row_.name);
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
        session_.note_refusal(wrong->name, row_.name, session::Refusal::wrong_credentials);
        co_return Reply(session::Refusal::wrong_credentials);
    }
    boost::system::result<void, session::Refusal> result;
    if (auto* proven = std::get_if<Proven>(&step)) {
        if (is_other(proven->authzid, proven->name))
            co_return Reply(session::Refusal::disabled);
        result = co_await session_.log_in_proven(std::move(proven->name), row_.name);
    } else {
        auto& claim = std::get<PasswordClaim>(step);
        // Said without a look at the password, it tells nothing about it.
        if (is_other(claim.authzid, claim.name))
            co_return Reply(session::Refusal::disabled);
        result
            = co_await session_.log_in(std::move(claim.name), std::move(claim.password), row_.name);
    }
    if (!result)
        co_return Reply(result.error());
    co_return Reply(Reply::Kind::logged_in, {});
}

std::vector<MechanismRow const*> offered_mechanisms(session::Session& session)
{
    auto const keys = session.services().authenticator.keys_of_all();
    bool const may_prove = std::ranges::find(keys, true) != keys.end();
    bool const may_bind = may_prove && can_bind(session.stream());
    std::vector<MechanismRow const*> offered;
    for (auto const& row : mechanisms()) {
        bool const has_keys = !row.keys || keys[static_cast<std::size_t>(*row.keys)];
        if (has_keys && (may_bind || !row.binds_channel)
            && (session.may_send_password() || !row.sends_password))
            offered.push_back(&row);
    }
    return offered;
}

} // namespace mail::sasl
