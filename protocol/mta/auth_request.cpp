#include "protocol/mta/auth_request.h"

#include "protocol/sasl/base64.h"

namespace mail::mta {

AuthRequest::AuthRequest(session::Services& services, sasl::MechanismRow const& mechanism,
    AuthBegin begin, Peer peer, bool allows_plain_text)
    : id_(begin.id)
    , journal_(services.journal)
    , client_(std::move(peer), begin.is_secured, std::move(begin.certified_name))
    , login_(services.authenticator, *this, client_, attempt_protocol)
    , exchange_(login_, mechanism)
{
    login_.set_allows_plain_text(allows_plain_text);
}

awaitable<sasl::Reply> AuthRequest::step(std::optional<std::string> response)
{
    had_bad_base64_
        = response && *response != "=" && !sasl::decode_base64(*response, sasl::max_response);
    std::optional<std::string_view> text;
    if (response)
        text = *response;
    if (std::exchange(has_started_, true)) {
        auto reply = co_await exchange_.answer(text.value_or(std::string_view {}));
        co_return reply;
    }
    auto reply = co_await exchange_.start(text);
    co_return reply;
}

void AuthRequest::logged_in(session::Attempt const& attempt, session::User const& user)
{
    journal_.logged_in(attempt, user);
}

void AuthRequest::login_refused(
    session::Attempt const& attempt, std::string_view name, session::Refusal why)
{
    name_ = name;
    is_for_another_ = !attempt.authzid.empty();
    journal_.login_refused(attempt, name, why);
}

void AuthRequest::delivered(Peer const& peer, std::string_view recipient, std::string_view sender,
    std::uint64_t octets, std::string_view result)
{
    journal_.delivered(peer, recipient, sender, octets, result);
}

} // namespace mail::mta
