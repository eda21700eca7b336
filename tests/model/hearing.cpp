// What the server may tell a client now: the rest throws Illegal.
#include "tests/model/client.h"

#include <algorithm>

namespace mail::model {

void Client::hear()
{
    if (!connection_ || is_dismissed_ || is_hearing_)
        return;
    is_hearing_ = true;
    received_ += connection_->take();
    while (!is_dismissed_) {
        auto const response = take_response(received_);
        if (!response)
            break;
        note("S: " + *response);
        try {
            handle(parse_response(*response));
        } catch (Illegal const& illegal) {
            fail(illegal.what());
        }
    }
    is_hearing_ = false;
}

Client::Sent const* Client::running() const { return sent_.empty() ? nullptr : &sent_.front(); }

Licence Client::licence() const
{
    auto const* command = running();
    if (command && (command->permits.opens || command->permits.changes_wishes))
        return {};
    bool const may_remove = command && !command->permits.holds_numbers;
    if (!wishes)
        return { .exists = command != nullptr, .expunge = may_remove };
    if (!wishes->of_selected().messages)
        return { .exists = false, .expunge = may_remove && command->permits.removes };
    return { .exists = true, .expunge = may_remove || wishes->tells_expunges_at_once() };
}

void Client::handle(Response const& response)
{
    using Kind = Response::Kind;
    switch (response.kind) {
    case Kind::continuation:
        if (!awaits_idle_)
            throw Illegal("a continuation that nobody asked for");
        awaits_idle_ = false;
        is_idling_ = true;
        return;
    case Kind::condition:
        return hear_condition(response);
    case Kind::tagged:
        return hear_tagged(response);
    case Kind::status:
        return hear_status(response);
    case Kind::list:
        return hear_list(response);
    case Kind::search:
    case Kind::sort:
        found = response.numbers;
        return;
    case Kind::fetch:
        check_fetch(response);
        break;
    default:
        break;
    }
    if (resumed_ && response.kind == Kind::vanished && response.is_earlier)
        for (auto const uid : response.numbers)
            resumed_->erase(uid);
    belief.hear(response, modes, licence());
}

void Client::hear_condition(Response const& response)
{
    if (response.condition == "BYE")
        return dismiss();
    if (auto const number = response.code_number("UIDVALIDITY"))
        belief.uid_validity = static_cast<std::uint32_t>(*number);
    if (auto const number = response.code_number("UIDNEXT"))
        belief.uid_next = static_cast<std::uint32_t>(*number);
    if (auto const number = response.code_number("HIGHESTMODSEQ"))
        belief.hear_highest_mod_seq(*number);
    if (response.code.starts_with("MAILBOXID ("))
        mailbox_id = response.code.substr(11, response.code.size() - 12);
    hear_own(response);
    if (response.code == "CLOSED") { // what comes from now on is of the new mailbox
        if (!running() || !running()->permits.opens)
            throw Illegal("a mailbox is closed, and nobody asked for it");
        forget_mailbox();
    }
}

/// Messages that the client put into the selected mailbox itself: COPYUID and APPENDUID.
void Client::hear_own(Response const& response)
{
    auto const& code = response.code;
    if (!code.starts_with("COPYUID ") && !code.starts_with("APPENDUID "))
        return;
    auto const validity = code.find(' ') + 1;
    if (std::stoull(code.substr(validity)) != belief.uid_validity)
        return;
    for (auto const uid : parse_set(code.substr(code.rfind(' ') + 1)))
        own.insert(uid);
}

void Client::hear_tagged(Response const& response)
{
    if (sent_.empty() || sent_.front().tag != response.tag)
        throw Illegal("the answers are out of order");
    auto const sent = std::move(sent_.front());
    sent_.pop_front();
    if (response.condition == "BAD")
        throw Illegal("BAD for " + sent.command);
    belief.end_command(response, modes);
    hear_own(response);
    if (sent.done)
        sent.done(response);
}

/// RFC 2180 §3.3: the mailbox that is selected is gone, or not the user's to read any more.
void Client::dismiss()
{
    if (mailbox_id.empty())
        throw Illegal("BYE without a mailbox");
    // Whether bob had lost his rights when it was said nobody can tell.
    if (user == "alice" && world_.find(user, mailbox_id))
        throw Illegal("BYE, and the mailbox is there");
    is_dismissed_ = true;
    is_idling_ = awaits_idle_ = false;
    sent_.clear();
}

/// Flags are told as the answer to a command, as news that the client wants, or with the data of a
/// new message that it wants.
void Client::check_fetch(Response const& response)
{
    auto const* command = running();
    if (command && (command->permits.opens || command->permits.changes_wishes))
        return;
    std::optional<std::uint32_t> uid = response.uid;
    if (response.is_uid_fetch)
        uid = response.number;
    else if (!uid && response.number <= belief.messages.size() && response.number != 0)
        uid = belief.messages[response.number - 1].uid;
    if (response.header) {
        if (!wishes || !wishes->selected || !wishes->selected->with_data)
            throw Illegal("data that nobody asked for");
        if (!response.flag_set || !(response.uid || response.is_uid_fetch))
            throw Illegal("data of a new message without UID or FLAGS");
        return;
    }
    bool const is_answer = command
        && (command->permits.asks_of_all
            || (uid ? command->permits.uids.contains(*uid) : command->permits.names_saved));
    if (is_answer)
        return;
    if (!wishes) {
        if (!command)
            throw Illegal("FETCH without a command");
        return;
    }
    if (!wishes->of_selected().flags)
        throw Illegal("FETCH that nobody asked for");
    if (!response.flag_set || !(response.uid || response.is_uid_fetch)) // RFC 5465 §5.1
        throw Illegal("changed flags without UID or FLAGS");
}

void Client::hear_status(Response const& response)
{
    auto const* command = running();
    auto const& name = response.mailbox;
    overview.hear_status(response);
    if (command && (command->permits.status_of == name || command->permits.changes_wishes))
        return;
    auto const wanted = wishes ? wishes->perhaps(name) : Events {};
    if (!wanted.messages)
        throw Illegal("STATUS of a mailbox that is not watched");
    bool const is_entering = command && command->permits.opens;
    if (name == mailbox && !is_entering) {
        auto const place = world_.find(user, mailbox_id);
        if (place && place->name == name)
            throw Illegal("STATUS of the selected mailbox");
    }
    auto const& counts = response.counts;
    bool const has_counts = counts.contains("MESSAGES") && counts.contains("UIDNEXT");
    bool const has_flags
        = wanted.flags && counts.contains("UIDVALIDITY") && counts.contains("UNSEEN");
    if (!has_counts && !has_flags)
        throw Illegal("STATUS without what was asked for");
    if (modes.condstore && !counts.contains("HIGHESTMODSEQ"))
        throw Illegal("STATUS without HIGHESTMODSEQ after CONDSTORE");
}

/// Of names that were not watched the client does not know which came along with the one above.
void Client::doubt_names_below(std::string const& renamed)
{
    bool const knew
        = wishes && wishes->surely(renamed).names && wishes->surely(renamed + "/Sub").names;
    overview.knows_names = overview.knows_names && knew;
}

void Client::hear_list(Response const& response)
{
    auto const* command = running();
    auto const& attributes = response.attributes;
    bool const is_of_select = command && command->permits.opens && modes.rev2
        && !attributes.contains("\\haschildren") && !attributes.contains("\\hasnochildren");
    if (is_of_select)
        return;
    overview.hear_list(response);
    if (command && (command->permits.lists || command->permits.changes_wishes))
        return;
    if (!response.old_name.empty())
        doubt_names_below(response.old_name);
    auto wanted = wishes ? wishes->perhaps(response.mailbox) : Events {};
    if (wishes && !response.old_name.empty())
        wanted.add(wishes->perhaps(response.old_name));
    bool const by_rights = wanted.any() && !is_own(response.mailbox); // RFC 5465 §5.9
    if (!wanted.names && !wanted.subscriptions && !by_rights)
        throw Illegal("LIST that nobody asked for");
    if (!response.old_name.empty() && !wanted.names)
        throw Illegal("a name that changed, and nobody asked for it");
}

} // namespace mail::model
