// Sends, listens, and comes back after it was away. What it may be told is judged in hearing.cpp.
#include "tests/model/client.h"

#include <algorithm>

namespace mail::model {

Client::Client(World& world, std::string name)
    : world_(world)
    , name_(std::move(name))
{
}

Client::~Client()
{
    if (connection_)
        connection_->end();
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

/// Of a mailbox that was selected: NOTIFY told its counts in other ways. It may have another name
/// by now.
void Client::forget_counts(std::string const& name, std::string const& object_id)
{
    overview.counts.erase(name);
    if (auto const place = world_.find(user, object_id))
        overview.counts.erase(place->name);
}

void Client::forget_mailbox()
{
    mailbox.clear();
    mailbox_id.clear();
    belief = {};
    doubtful.clear();
    own.clear();
    saved.emplace();
    data_from = 0;
}

void Client::connect(std::string const& as, Modes const& wanted, bool compressed)
{
    connection_ = std::make_unique<Connection>(world_.services);
    received_.clear();
    is_dismissed_ = false;
    note("--- connects");
    ++connections_;
    log_in(as, wanted);
    if (compressed) {
        auto const start = [this](Response const& tagged) {
            if (tagged.condition == "OK")
                received_ = connection_->compress(received_);
        };
        send("COMPRESS DEFLATE", {}, start);
        settle();
    }
}

void Client::log_in(std::string const& as, Modes const& wanted)
{
    user = as;
    modes = wanted;
    wishes.reset();
    overview = {};
    forget_mailbox();
    send("LOGIN " + user + " secret");
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

void Client::log_in_anew(std::string const& as, Modes const& wanted)
{
    end_idle();
    settle();
    remember();
    send("UNAUTHENTICATE", Permits::selecting(), [this](Response const& tagged) {
        if (tagged.condition != "OK")
            throw Illegal("UNAUTHENTICATE is refused");
        connection_->end_compression();
    });
    settle();
    if (is_dismissed_)
        return;
    log_in(as, wanted);
}

void Client::leave(bool abruptly, std::function<std::size_t(std::size_t)> const& cut)
{
    if (is_dismissed_) {
        // Nothing more to say.
    } else if (abruptly) {
        // Some of what the server has sent never arrives.
        received_ += connection_->take();
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
    if (!connection_->end())
        fail("the server did not notice that the client is gone");
    if (!connection_->failure().empty())
        fail("the server failed: " + connection_->failure());
    connection_.reset();
    sent_.clear();
    is_idling_ = awaits_idle_ = false;
    is_dismissed_ = false;
    forget_mailbox();
}

/// What a client with QRESYNC writes down.
void Client::remember()
{
    if (mailbox.empty() || !modes.qresync)
        return;
    Cache cache { belief.uid_validity, belief.highest_mod_seq, {}, 0 };
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
    caches_[user + " " + mailbox] = std::move(cache);
}

void Client::send(std::string const& command, Permits permits, Done done)
{
    auto tag = "t" + std::to_string(next_tag_++);
    note("C: " + tag + " " + command);
    connection_->push(tag + " " + command + "\r\n");
    sent_.push_back({ std::move(tag), command, std::move(permits), std::move(done) });
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
    if (awaits_idle_ && !world_.services.run_until([&] {
            hear();
            return is_idling_ || is_dismissed_;
        }))
        fail("IDLE was not answered");
    if (is_dismissed_)
        return;
    note("C: DONE");
    connection_->push("DONE\r\n");
    is_idling_ = false;
}

void Client::notify(Wishes const& wanted)
{
    auto const done = [this, wanted](Response const& tagged) {
        if (tagged.condition != "OK")
            throw Illegal("NOTIFY is refused");
        wishes = wanted;
        // Without the indicator the first lines may still be of what was watched before.
        if (!wanted.tells_status)
            overview.counts.clear();
        overview.knows_names = false;
        if (auto const place = world_.find(user, mailbox_id))
            data_from = place->mailbox.uid_next.value;
    };
    overview.counts.clear();
    send(wanted.command(), { .changes_wishes = true }, done);
}

bool Client::may_use_numbers() const
{
    return !modes.uid_only && sent_.empty() && !(wishes && wishes->tells_expunges_at_once());
}

void Client::settle()
{
    auto const is_settled = [&] {
        hear();
        return is_dismissed_ || sent_.empty() || (is_idling_ && sent_.size() == 1);
    };
    if (!world_.services.run_until(is_settled))
        fail("no answer to: " + sent_.front().command);
}

void Client::select(std::string name)
{
    end_idle();
    settle();
    if (is_dismissed_)
        return;
    remember();
    auto const cache = caches_.find(user + " " + name);
    bool const resumes = modes.qresync && cache != caches_.end();
    std::string command = "SELECT " + in_quotes(name);
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
    auto const left = mailbox;
    auto const left_id = mailbox_id;
    if (mailbox.empty()) // otherwise news of that one may come until it is CLOSED
        forget_mailbox();
    resumed_ = resumes ? &known : nullptr;
    bool is_open = false;
    send(command, Permits::selecting(), [&](Response const& tagged) {
        is_open = tagged.condition == "OK";
        mailbox = is_open ? name : "";
        overview.counts.erase(name);
        forget_counts(left, left_id);
    });
    settle();
    resumed_ = nullptr;
    if (is_dismissed_)
        return;
    if (!is_open)
        return forget_mailbox();
    if (resumes && belief.uid_validity == cache->second.uid_validity)
        resume({ belief.uid_validity, belief.highest_mod_seq, std::move(known),
            cache->second.complete_to });
    learn_all();
}

/// What it remembers, what it was told, and what is new must together be the mailbox.
void Client::resume(Cache const& cache)
{
    auto known = cache.messages;
    send("UID FETCH " + std::to_string(cache.complete_to + 1) + ":* (FLAGS MODSEQ)",
        { .asks_of_all = true });
    settle();
    if (is_dismissed_)
        return;
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
    if (is_dismissed_)
        return;
    send(command, Permits::selecting(), [&](Response const&) {
        forget_counts(mailbox, mailbox_id);
        remember();
        forget_mailbox();
    });
    settle();
}

void Client::learn_all()
{
    auto const is_known = [](KnownMessage const& each) { return each.uid && each.flags; };
    if (!mailbox.empty() && !std::ranges::all_of(belief.messages, is_known)) {
        Permits permits { .holds_numbers = may_use_numbers(), .asks_of_all = true };
        if (modes.uid_only)
            send("UID FETCH 1:* (FLAGS)", permits);
        else if (permits.holds_numbers)
            send("FETCH 1:* (UID FLAGS)", permits);
        else
            send("UID FETCH 1:* (UID FLAGS)", permits);
        settle();
    }
    doubtful.clear();
}

} // namespace mail::model
