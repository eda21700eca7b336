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

awaitable<Reply> Exchange::act(Step step)
{
    if (auto const* challenge = std::get_if<Challenge>(&step)) {
        Reply reply(Reply::Kind::challenge, {});
        append_base64(reply.text, challenge->octets);
        co_return reply;
    }
    if (auto const* malformed = std::get_if<Malformed>(&step))
        co_return Reply(Reply::Kind::malformed, std::string(malformed->text));

    auto& claim = std::get<PasswordClaim>(step);
    // Nobody may act as another yet. Said without a look at the password, it tells nothing about
    // it.
    if (!claim.authzid.empty() && !std::ranges::equal(claim.authzid, claim.name, {}, lower, lower))
        co_return Reply(session::Refusal::disabled);
    auto const result
        = co_await session_.log_in(std::move(claim.name), std::move(claim.password), row_.name);
    if (!result)
        co_return Reply(result.error());
    co_return Reply(Reply::Kind::logged_in, {});
}

} // namespace mail::sasl
