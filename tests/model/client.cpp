// Sends, listens, and comes back after it was away.
#include "tests/model/client.h"

#include <boost/asio/co_spawn.hpp>

namespace mail::model {

struct Client::Connection {
    explicit Connection(test::TestServices& services)
        : stream(services.io)
        , session(services.services, stream, session::Session::Protocol::imap)
        , conversation(stream, session)
    {
    }
    test::MemoryStream stream;
    session::Session session;
    imap::Conversation conversation;
};

Client::Client(test::TestServices& services, std::string name)
    : services_(services)
    , name_(std::move(name))
{
}

Client::~Client()
{
    if (!connection_)
        return;
    connection_->stream.hang_up();
    services_.run_until([&] { return *has_ended_; });
}

void Client::fail(std::string const& why) const
{
    throw Illegal("client " + name_ + ": " + why + "\n--- what it said and heard:\n" + trace_);
}

void Client::note(std::string const& line)
{
    trace_.append(line.substr(0, 300)).append("\n");
    if (trace_.size() > 60'000)
        trace_.erase(0, trace_.find('\n', trace_.size() - 50'000) + 1);
}

void Client::connect(Modes const& wanted)
{
    modes = wanted;
    mailbox.clear();
    belief = {};
    connection_ = std::make_unique<Connection>(services_);
    has_ended_ = std::make_shared<bool>(false);
    received_.clear();
    note("--- connects");
    ++connections_;
    auto run = [connection = connection_.get()] { return connection->conversation.run(); };
    boost::asio::co_spawn(services_.io, run, [ended = has_ended_, this](std::exception_ptr thrown) {
        *ended = true;
        try {
            if (thrown)
                std::rethrow_exception(thrown);
        } catch (boost::system::system_error const&) {
            // The client went away.
        } catch (std::exception const& failure) {
            note(std::string("--- the server failed: ") + failure.what());
        }
    });
    send("LOGIN alice secret");
    std::string names;
    if (modes.condstore)
        names += " CONDSTORE";
    if (modes.qresync)
        names += " QRESYNC";
    if (modes.uid_only)
        names += " UIDONLY";
    if (modes.rev2)
        names += " IMAP4rev2";
    if (!names.empty())
        send("ENABLE" + names);
    modes.condstore |= modes.qresync;
    settle();
}

void Client::leave(bool abruptly, std::function<std::size_t(std::size_t)> const& cut)
{
    if (abruptly) {
        // Some of what the server has sent never arrives.
        received_ += connection_->stream.take_output();
        received_.resize(cut(received_.size() + 1));
        while (auto const response = take_response(received_)) {
            note("S: " + *response);
            handle(parse_response(*response));
        }
    } else {
        end_idle();
        settle();
    }
    remember();
    note(abruptly ? "--- is cut off" : "--- leaves");
    connection_->stream.hang_up();
    if (!services_.run_until([&] { return *has_ended_; }))
        fail("the server did not notice that the client is gone");
    connection_.reset();
    sent_.clear();
    is_idling_ = awaits_idle_ = false;
    mailbox.clear();
    doubtful.clear();
}

/// What a client with QRESYNC writes down.
void Client::remember()
{
    if (mailbox.empty() || !modes.qresync)
        return;
    Cache cache { mailbox, belief.uid_validity, belief.highest_mod_seq, {}, 0 };
    bool is_complete = true;
    for (auto const& each : belief.messages) {
        is_complete = is_complete && each.uid;
        if (!each.uid)
            continue;
        if (is_complete)
            cache.complete_to = *each.uid;
        auto known = each;
        if (doubtful.contains(*each.uid))
            known.flags.reset();
        cache.messages.emplace(*each.uid, std::move(known));
    }
    if (modes.uid_only && !is_complete) // which UIDs it lacks it cannot tell
        cache.complete_to = 0;
    caches_[mailbox] = std::move(cache);
}

void Client::send(std::string const& command, Numbers numbers, Done done)
{
    auto tag = "t" + std::to_string(next_tag_++);
    note("C: " + tag + " " + command);
    connection_->stream.push(tag + " " + command + "\r\n");
    sent_.push_back({ std::move(tag), command, numbers, std::move(done) });
    ++commands_;
}

void Client::idle()
{
    send("IDLE");
    awaits_idle_ = true;
}

void Client::end_idle()
{
    if (!is_idling_ && !awaits_idle_)
        return;
    if (awaits_idle_ && !services_.run_until([&] {
            hear();
            return is_idling_;
        }))
        fail("IDLE was not answered");
    note("C: DONE");
    connection_->stream.push("DONE\r\n");
    is_idling_ = false;
}

void Client::hear()
{
    if (!connection_)
        return;
    received_ += connection_->stream.take_output();
    while (auto const response = take_response(received_)) {
        note("S: " + *response);
        try {
            handle(parse_response(*response));
        } catch (Illegal const& illegal) {
            fail(illegal.what());
        }
    }
}

void Client::settle()
{
    auto const is_settled = [&] {
        hear();
        return sent_.empty() || (is_idling_ && sent_.size() == 1);
    };
    if (!services_.run_until(is_settled))
        fail("no answer to: " + sent_.front().command);
}

void Client::handle(Response const& response)
{
    using Kind = Response::Kind;
    if (response.kind == Kind::continuation) {
        if (!awaits_idle_)
            throw Illegal("a continuation that nobody asked for");
        awaits_idle_ = false;
        is_idling_ = true;
        return;
    }
    if (response.kind == Kind::condition) {
        if (response.condition == "BYE")
            throw Illegal("BYE");
        if (auto const number = response.code_number("UIDVALIDITY"))
            belief.uid_validity = static_cast<std::uint32_t>(*number);
        if (auto const number = response.code_number("UIDNEXT"))
            belief.uid_next = static_cast<std::uint32_t>(*number);
        if (auto const number = response.code_number("HIGHESTMODSEQ"))
            belief.hear_highest_mod_seq(*number);
        if (response.code == "CLOSED") { // what comes from now on is of the new mailbox
            auto const validity = belief.uid_validity;
            belief = {};
            belief.uid_validity = validity;
        }
        return;
    }
    if (response.kind == Kind::tagged) {
        if (sent_.empty() || sent_.front().tag != response.tag)
            throw Illegal("the answers are out of order");
        auto const sent = std::move(sent_.front());
        sent_.pop_front();
        if (response.condition == "BAD")
            throw Illegal("BAD for " + sent.command);
        belief.end_command(response, modes);
        if (sent.done)
            sent.done(response);
        return;
    }
    bool const in_command = !sent_.empty() && !(is_idling_ && sent_.size() > 1);
    bool const held = !in_command || sent_.front().numbers == Numbers::held;
    if (resumed_ && response.kind == Kind::vanished && response.is_earlier)
        for (auto const uid : response.numbers)
            resumed_->erase(uid);
    belief.hear(response, modes, held ? ExpungeNow::forbidden : ExpungeNow::allowed);
}

void Client::select(std::string const& name)
{
    end_idle();
    settle();
    auto const cache = caches_.find(name);
    bool const resumes = modes.qresync && cache != caches_.end();
    std::string command = "SELECT " + name;
    auto known = resumes ? cache->second.messages : std::map<std::uint32_t, KnownMessage> {};
    if (resumes) {
        command += " (QRESYNC (" + std::to_string(cache->second.uid_validity) + " "
            + std::to_string(cache->second.highest_mod_seq);
        if (connections_ % 2 == 0 && !known.empty()) {
            command += " ";
            for (auto const& [uid, message] : known)
                command += (command.back() == ' ' ? "" : ",") + std::to_string(uid);
        }
        command += "))";
    }
    belief = {};
    resumed_ = resumes ? &known : nullptr;
    send(command);
    settle();
    resumed_ = nullptr;
    mailbox = name;
    doubtful.clear();
    if (resumes && belief.uid_validity == cache->second.uid_validity)
        resume({ name, belief.uid_validity, belief.highest_mod_seq, std::move(known),
            cache->second.complete_to });
    learn_all();
}

/// What it remembers, what it was told, and what is new must together be the mailbox.
void Client::resume(Cache const& cache)
{
    auto known = cache.messages;
    send("UID FETCH " + std::to_string(cache.complete_to + 1) + ":* (FLAGS MODSEQ)");
    settle();
    for (auto const& each : belief.messages)
        if (each.uid)
            known[*each.uid] = each;
    if (known.size() != belief.messages.size())
        fail("after QRESYNC the client has " + std::to_string(known.size()) + " messages of "
            + std::to_string(belief.messages.size()));
    std::size_t index = 0;
    if (modes.uid_only)
        belief.messages.clear();
    for (auto const& [uid, message] : known) {
        if (modes.uid_only) {
            belief.messages.push_back(message);
            continue;
        }
        auto& place = belief.messages[index++];
        if (place.uid && *place.uid != uid)
            fail("after QRESYNC message " + std::to_string(index) + " has UID "
                + std::to_string(*place.uid) + " instead of " + std::to_string(uid));
        place = message;
        place.uid = uid;
    }
}

void Client::close(std::string const& command)
{
    end_idle();
    settle();
    send(command);
    settle();
    mailbox.clear();
    belief = {};
    doubtful.clear();
}

void Client::learn_all()
{
    auto const is_known = [](KnownMessage const& each) { return each.uid && each.flags; };
    if (!std::ranges::all_of(belief.messages, is_known)) {
        if (modes.uid_only)
            send("UID FETCH 1:* (FLAGS)");
        else
            send("FETCH 1:* (UID FLAGS)", Numbers::held);
        settle();
    }
    doubtful.clear();
}

} // namespace mail::model
