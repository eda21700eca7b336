// Responses against what is known.
#include "tests/model/belief.h"

#include <algorithm>
#include <utility>

namespace mail::model {

KnownMessage& Belief::at(std::uint32_t number)
{
    if (number == 0 || number > messages.size())
        throw Illegal(
            "message " + std::to_string(number) + " of " + std::to_string(messages.size()));
    return messages[number - 1];
}

KnownMessage* Belief::find(std::uint32_t uid)
{
    auto const found
        = std::ranges::find_if(messages, [&](KnownMessage const& each) { return each.uid == uid; });
    return found == messages.end() ? nullptr : &*found;
}

std::optional<std::uint32_t> Belief::last_uid() const
{
    std::optional<std::uint32_t> last;
    for (auto const& each : messages)
        if (each.uid)
            last = each.uid;
    return last;
}

/// A UID that is not known belongs to one of the new messages between its known neighbours; without
/// numbers to any of them.
KnownMessage& Belief::place(std::uint32_t uid, Modes const& modes)
{
    if (auto* const known = find(uid))
        return *known;
    if (modes.uid_only) {
        auto const fresh
            = std::ranges::find_if(messages, [](KnownMessage const& each) { return !each.uid; });
        if (fresh == messages.end())
            throw Illegal("UID " + std::to_string(uid) + " is beyond EXISTS");
        fresh->uid = uid;
        std::ranges::stable_sort(
            messages, {}, [](KnownMessage const& each) { return each.uid.value_or(UINT32_MAX); });
        return *find(uid);
    }
    auto const above = std::ranges::find_if(
        messages, [&](KnownMessage const& each) { return each.uid && *each.uid > uid; });
    for (auto each = above; each != messages.begin();) {
        --each;
        if (!each->uid)
            return *each;
        if (*each->uid < uid)
            break;
    }
    throw Illegal("UID " + std::to_string(uid) + " is none that this client can have");
}

void Belief::check_order() const
{
    std::uint32_t last = 0;
    for (auto const& each : messages) {
        if (!each.uid)
            continue;
        if (*each.uid <= last)
            throw Illegal("UID " + std::to_string(*each.uid) + " behind " + std::to_string(last));
        last = *each.uid;
    }
}

void Belief::hear_fetch(Response const& response, Modes const& modes)
{
    if (response.is_uid_fetch != modes.uid_only)
        throw Illegal(modes.uid_only ? "FETCH after UIDONLY" : "UIDFETCH without UIDONLY");
    auto& message = response.is_uid_fetch ? place(response.number, modes) : at(response.number);
    if (response.is_uid_fetch)
        message.uid = response.number;
    if (response.uid) {
        if (message.uid && *message.uid != *response.uid)
            throw Illegal("message with UID " + std::to_string(*message.uid) + " now has UID "
                + std::to_string(*response.uid));
        message.uid = response.uid;
    }
    check_order();
    if (response.flag_set) {
        message.flags = response.flag_set;
        ++message.times_told;
    }
    if (response.header && std::exchange(message.has_data, true))
        throw Illegal("the data of a new message are told twice");
    if (response.mod_seq) {
        if (*response.mod_seq < message.mod_seq)
            throw Illegal("MODSEQ went back from " + std::to_string(message.mod_seq) + " to "
                + std::to_string(*response.mod_seq));
        message.mod_seq = *response.mod_seq;
        shown_mod_seq_ = std::max(shown_mod_seq_, *response.mod_seq);
    }
}

void Belief::hear_vanished(Response const& response, Modes const& modes, Licence const& licence)
{
    if (response.is_earlier) { // answers of UID FETCH and SELECT: no numbers change
        if (!modes.qresync)
            throw Illegal("VANISHED (EARLIER) without QRESYNC");
        return;
    }
    if (!modes.tells_vanished())
        throw Illegal("VANISHED, and nobody enabled it");
    if (!licence.expunge)
        throw Illegal("VANISHED where none may come");
    for (auto const uid : response.numbers) {
        auto const gone = &place(uid, modes) - messages.data();
        messages.erase(messages.begin() + gone);
    }
}

void Belief::hear(Response const& response, Modes const& modes, Licence const& licence)
{
    switch (response.kind) {
    case Response::Kind::exists:
        if (response.number < messages.size())
            throw Illegal("EXISTS shrinks from " + std::to_string(messages.size()) + " to "
                + std::to_string(response.number));
        if (!licence.exists)
            throw Illegal("EXISTS where none may come");
        messages.resize(response.number);
        return;
    case Response::Kind::recent:
        if (modes.rev2)
            throw Illegal("RECENT after IMAP4rev2");
        if (response.number > messages.size())
            throw Illegal("more RECENT than messages");
        return;
    case Response::Kind::expunge:
        if (modes.tells_vanished())
            throw Illegal("EXPUNGE where VANISHED is due");
        if (!licence.expunge)
            throw Illegal("EXPUNGE where none may come");
        at(response.number);
        messages.erase(messages.begin() + (response.number - 1));
        return;
    case Response::Kind::vanished:
        return hear_vanished(response, modes, licence);
    case Response::Kind::fetch:
        return hear_fetch(response, modes);
    default:
        return;
    }
}

void Belief::end_command(Response const& tagged, Modes const& modes)
{
    if (auto const in_tagged = tagged.code_number("HIGHESTMODSEQ"))
        told_mod_seq_ = in_tagged;
    if (told_mod_seq_)
        highest_mod_seq = *told_mod_seq_;
    else if (modes.condstore || modes.qresync)
        highest_mod_seq = std::max(highest_mod_seq, shown_mod_seq_);
    shown_mod_seq_ = 0;
    told_mod_seq_.reset();
}

} // namespace mail::model
