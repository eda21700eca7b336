#include "protocol/mta/auth_service.h"

#include "protocol/network.h"

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <iterator>
#include <stdexcept>

#include <unistd.h>

namespace mail::mta {

using namespace std::chrono_literals;

namespace {

    constexpr auto request_time = 150s; // of one login, as Dovecot has it
    constexpr std::uint32_t spoken_major = 1;
    constexpr std::uint32_t spoken_minor = 2;
    /// From this minor version on clients know code= and tell "resp=" from none.
    constexpr std::uint32_t minor_with_codes = 2;

    /// What MTAs choose by: Postfix's smtpd_sasl_security_options, Exim's server_condition.
    std::string_view properties_of(sasl::MechanismRow const& row)
    {
        if (row.needs == sasl::Needs::privacy)
            return "\tplaintext";
        return row.needs == sasl::Needs::keys ? "\tmutual-auth" : "";
    }

    /// Nobody sends mail anonymously, and there is no TLS of the client's to bind to.
    bool is_for_senders(sasl::MechanismRow const& row)
    {
        return row.needs != sasl::Needs::anonymous && row.needs != sasl::Needs::bound_keys;
    }

    std::string random_cookie()
    {
        std::array<unsigned char, 16> octets {};
        if (::RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1)
            throw std::runtime_error("no random octets for a cookie");
        return fmt::format("{:02x}", fmt::join(octets, ""));
    }

    /// All at once: Exim says nothing before it has read VERSION, Postfix reads up to DONE. Which
    /// mechanisms fit its clients is the MTA's matter, since it knows them one by one: here they
    /// are all that would be offered to one with TLS.
    std::string greeting(session::Services& services)
    {
        static std::atomic<std::uint32_t> connections = 0;
        MtaClient const any({}, true, {});
        session::Login const login(services.authenticator, services.journal, any, attempt_protocol);
        std::string lines = fmt::format("VERSION\t{}\t{}\n", spoken_major, spoken_minor);
        for (auto const* row : sasl::offered_mechanisms(login))
            if (is_for_senders(*row))
                fmt::format_to(
                    std::back_inserter(lines), "MECH\t{}{}\n", row->name, properties_of(*row));
        fmt::format_to(std::back_inserter(lines), "SPID\t{}\nCUID\t{}\nCOOKIE\t{}\nDONE\n",
            ::getpid(), ++connections, random_cookie());
        return lines;
    }

    Peer peer_of(AuthBegin const& begin, Peer const& mta)
    {
        if (begin.remote_address.empty())
            return mta;
        static auto const v4 = *Network::parse("127.0.0.0/8");
        bool const is_loopback = begin.remote_address == "::1" || v4.contains(begin.remote_address);
        return { begin.remote_address, begin.remote_port, is_loopback };
    }

    std::string user_parameter(std::string_view name)
    {
        std::string parameter;
        if (!name.empty()) {
            parameter = "\tuser=";
            append_tab_escaped(parameter, name);
        }
        return parameter;
    }

} // namespace

AuthService::AuthService(session::Services& services, ByteStream& stream, bool allows_plain_text)
    : services_(services)
    , stream_(stream)
    , in_(stream)
    , lines_(in_, max_line)
    , allows_plain_text_(allows_plain_text)
{
    stream.set_time_limit(services.settings.mta.idle_time);
}

awaitable<void> AuthService::run()
{
    std::exception_ptr failure;
    try {
        answers_ = greeting(services_);
        co_await flush();
        co_await serve();
        co_await flush();
    } catch (...) {
        failure = std::current_exception();
    }
    co_await await_running(0); // they use this object
    if (!failure)
        failure = failure_;
    if (failure)
        std::rethrow_exception(failure);
}

awaitable<void> AuthService::serve()
{
    while (!is_ended_) {
        auto const found = lines_.next();
        if (found == LineReader::Found::nothing) {
            co_await flush();
            auto const wake = co_await stream_.wait_input();
            if (wake == ByteStream::Wake::input)
                co_await in_.fill();
            continue;
        }
        if (found == LineReader::Found::too_long) {
            break_off("a line is too long");
            break;
        }
        auto line = parse_auth_line(lines_.line());
        lines_.forget(); // it may hold a password
        std::visit([this](auto& each) { obey(each); }, line);
        co_await await_running(max_running - 1);
    }
}

// The lines

void AuthService::obey(AuthVersion const& version)
{
    if (version.major != spoken_major)
        break_off("another major version");
    client_ = version;
}

void AuthService::obey(AuthBegin& begin)
{
    if (!client_)
        return break_off("AUTH before VERSION");
    if (requests_.contains(begin.id))
        return break_off("the id of a login that is under way");
    if (!begin.problem.empty())
        return fail(begin.id, {}, begin.problem);
    auto const* row = sasl::find_mechanism(begin.mechanism);
    if (!row || !is_for_senders(*row))
        return fail(begin.id, {}, "This mechanism is not spoken here");
    auto response = std::move(begin.response);
    if (response && response->empty()) {
        // Exim sends "resp=" also for none; later versions mean one of no octets by it.
        if (client_->minor < minor_with_codes)
            response.reset();
        else
            response = "=";
    }
    make_room();
    auto const peer = peer_of(begin, stream_.peer());
    auto const id = begin.id;
    auto request = std::make_shared<AuthRequest>(
        services_, *row, std::move(begin), peer, allows_plain_text_);
    requests_.emplace(id, request);
    advance(std::move(request), std::move(response));
}

void AuthService::obey(AuthContinue& next)
{
    auto const found = requests_.find(next.id);
    if (found == requests_.end())
        return fail_temporarily(next.id, "The login took too long: try again");
    if (found->second->is_running)
        return break_off("CONT before a challenge");
    advance(found->second, std::move(next.response));
}

void AuthService::obey(AuthCancel const& cancel)
{
    auto const found = requests_.find(cancel.id);
    if (found == requests_.end())
        return;
    found->second->is_cancelled = true;
    requests_.erase(found);
}

void AuthService::make_room()
{
    auto const overdue = AuthRequest::Clock::now() - request_time;
    std::erase_if(requests_, [&](auto const& each) {
        return !each.second->is_running && each.second->begun() < overdue;
    });
    if (requests_.size() < max_open)
        return;
    auto oldest = requests_.end();
    for (auto each = requests_.begin(); each != requests_.end(); ++each)
        if (!each->second->is_running
            && (oldest == requests_.end() || each->second->begun() < oldest->second->begun()))
            oldest = each;
    if (oldest != requests_.end()) // there is one: fewer may run
        requests_.erase(oldest);
}

// One step of a request

void AuthService::advance(RequestPtr request, std::optional<std::string> response)
{
    ++running_;
    request->is_running = true;
    auto const finish = [this](std::exception_ptr failure) {
        --running_;
        if (failure && !failure_)
            failure_ = failure;
        if (failure)
            break_off({});
        if (auto* const waiting = std::exchange(awaiting_, nullptr))
            waiting->resume();
    };
    boost::asio::co_spawn(
        stream_.executor(), step(std::move(request), std::move(response)), finish);
}

awaitable<void> AuthService::step(RequestPtr request, std::optional<std::string> response)
{
    auto reply = co_await request->step(std::move(response));
    // The client may answer a challenge before flush() returns.
    request->is_running = false;
    if (reply.kind != sasl::Reply::Kind::challenge && !request->is_cancelled)
        requests_.erase(request->id());
    if (!request->is_cancelled)
        answer(*request, std::move(reply));
    co_await flush();
}

awaitable<void> AuthService::await_running(std::size_t most)
{
    while (running_ > most) {
        auto const nothing_to_do = [] {};
        session::Resumption waiting(stream_.executor());
        awaiting_ = &waiting;
        co_await waiting.wait(nothing_to_do);
    }
}

// The answers

void AuthService::answer(AuthRequest& request, sasl::Reply reply)
{
    switch (reply.kind) {
    case sasl::Reply::Kind::challenge:
        fmt::format_to(std::back_inserter(answers_), "CONT\t{}\t{}\n", request.id(), reply.text);
        break;
    case sasl::Reply::Kind::done:
        // No session begins: none of the account's places is taken.
        reply.user.place.reset();
        services_.journal.logged_in(reply.attempt, reply.user);
        ++logins_;
        fmt::format_to(std::back_inserter(answers_), "OK\t{}{}\n", request.id(),
            user_parameter(reply.user.name));
        break;
    case sasl::Reply::Kind::refused:
        refuse(request, reply.why);
        break;
    case sasl::Reply::Kind::malformed:
        fail(request.id(), request.had_bad_base64() ? "\tcode=invalid_base64" : "", reply.text);
        break;
    case sasl::Reply::Kind::not_offered:
    case sasl::Reply::Kind::cancelled:
        fail(request.id(), {}, reply.text);
        break;
    }
}

void AuthService::refuse(AuthRequest const& request, session::Refusal why)
{
    auto const user = user_parameter(request.name());
    switch (why) {
    case session::Refusal::wrong_credentials:
        return fail(request.id(), user, "Wrong name or password");
    case session::Refusal::disabled:
        if (request.is_for_another())
            return fail(request.id(), user + "\tauthz\tcode=authz_fail",
                "You may not log in as somebody else");
        return fail(request.id(), user + "\tuser_disabled\tcode=user_disabled",
            "The account may not log in: ask your administrator");
    case session::Refusal::needs_tls:
        return fail(request.id(), user,
            "Passwords are taken over TLS only: switch on TLS (or STARTTLS) in your mail program");
    case session::Refusal::unavailable:
    case session::Refusal::too_many:
    case session::Refusal::throttled:
        return fail_temporarily(request.id(),
            why == session::Refusal::throttled ? "Too many wrong passwords: wait some minutes"
                                               : "Logins cannot be checked now: try again later");
    }
}

void AuthService::fail(std::uint32_t id, std::string_view parameters, std::string_view reason)
{
    ++refused_;
    fmt::format_to(std::back_inserter(answers_), "FAIL\t{}{}\treason=", id, parameters);
    append_tab_escaped(answers_, reason);
    answers_ += '\n';
}

void AuthService::fail_temporarily(std::uint32_t id, std::string_view reason)
{
    if (client_ && client_->minor >= minor_with_codes)
        return fail(id, "\ttemp\tcode=temp_fail", reason);
    // Not RFC: to Postfix and Exim, which speak 1.0, every FAIL is a wrong password. A connection
    // that ends without an answer is what they take for "not now".
    ++refused_;
    break_off({});
}

void AuthService::break_off(std::string_view why)
{
    is_ended_ = true;
    if (problem_.empty())
        problem_ = why;
    stream_.interrupt();
}

awaitable<void> AuthService::flush()
{
    if (is_writing_)
        co_return;
    is_writing_ = true;
    while (!answers_.empty()) {
        auto const lines = std::exchange(answers_, {});
        co_await stream_.write(lines);
    }
    is_writing_ = false;
}

} // namespace mail::mta
