// Commands on messages.
#include "tests/model/player.h"

#include <algorithm>
#include <set>

namespace mail::model {
namespace {

    char const* const known_flags[]
        = { "\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "$One", "Two" };

    std::string join(std::vector<std::uint32_t> const& numbers)
    {
        std::string text;
        for (auto const number : numbers)
            text += (text.empty() ? "" : ",") + std::to_string(number);
        return text;
    }

    std::string literal(std::string const& text)
    {
        return "{" + std::to_string(text.size()) + "+}\r\n" + text;
    }

    /// What a client does itself to a mailbox it is not told by NOTIFY.
    void doubt(Client& client, std::string const& mailbox)
    {
        client.overview.counts.erase(mailbox);
    }

} // namespace

Permits Player::Target::permits() const
{
    return { .holds_numbers = prefix.empty(),
        .uids = { uids.begin(), uids.end() },
        .names_saved = set == "$" };
}

std::string const& Player::name_for(Client const& client)
{
    return random_.one_of(world_.names(client.user));
}

std::string Player::random_flags(std::size_t most)
{
    std::string list;
    std::set<std::string> used;
    for (std::size_t i = random_.number(most + 1); i > 0; --i)
        if (std::string const flag = random_.one_of(known_flags); used.insert(flag).second)
            list += (list.empty() ? "" : " ") + flag;
    return "(" + list + ")";
}

/// UIDs that the client knows; 0 to `most`.
std::vector<std::uint32_t> Player::some_uids(Client& client, std::size_t most)
{
    std::set<std::uint32_t> uids;
    auto const& messages = client.belief.messages;
    for (std::size_t i = random_.number(most) + 1; i > 0 && !messages.empty(); --i)
        if (auto const& each = random_.one_of(messages); each.uid)
            uids.insert(*each.uid);
    return { uids.begin(), uids.end() };
}

std::optional<Player::Target> Player::target(Client& client, std::size_t most)
{
    bool const by_number = client.may_use_numbers() && random_.one_in(2);
    std::string const prefix = by_number ? "" : "UID ";
    if (client.saved && !client.saved->empty() && client.outstanding() == 0 && random_.one_in(4)) {
        count(
            "$"); // also messages of which the client knows that they are there, and not their UIDs
        return Target { prefix, "$", { client.saved->begin(), client.saved->end() } };
    }
    auto uids = some_uids(client, most);
    if (uids.empty())
        return std::nullopt;
    if (!by_number)
        return Target { prefix, join(uids), uids };
    std::vector<std::uint32_t> numbers;
    auto const& messages = client.belief.messages;
    for (std::size_t i = 0; i < messages.size(); ++i)
        if (messages[i].uid && std::ranges::binary_search(uids, *messages[i].uid))
            numbers.push_back(static_cast<std::uint32_t>(i + 1));
    return Target { prefix, join(numbers), std::move(uids) };
}

void Player::store(Client& client)
{
    auto const where = target(client, 4);
    if (!where)
        return;
    char const mode = "=+-"[random_.number(3)];
    bool const silent = random_.one_in(2);
    auto const list = random_flags(3);
    std::string condition;
    if (client.modes.condstore && random_.one_in(3))
        condition = " (UNCHANGEDSINCE "
            + std::to_string(random_.one_in(3) ? 0 : client.belief.highest_mod_seq) + ")";
    auto const command = where->prefix + "STORE " + where->set + condition + " "
        + (mode == '=' ? "" : std::string(1, mode)) + "FLAGS" + (silent ? ".SILENT" : "") + " "
        + list;
    count(where->prefix + "STORE" + (condition.empty() ? "" : " UNCHANGEDSINCE"));
    auto const changes = flag_set(list);
    // What is under way may still tell the flags as they were before; and what a condition, or a
    // right that is not there, left alone the client learns only by asking.
    bool const is_sure = client.outstanding() == 0 && condition.empty() && client.user == "alice";
    std::map<std::uint32_t, unsigned> told;
    for (auto const uid : where->uids) {
        ++client.doubtful[uid];
        auto* const message = client.belief.find(uid);
        told[uid] = message ? message->times_told : 0;
        // A silent change is told of nowhere: the client makes it in its own copy.
        if (!silent || !is_sure || !message || !message->flags)
            continue;
        auto& now = *message->flags;
        if (mode == '=')
            now = changes;
        for (auto const& flag : changes)
            if (mode == '-')
                now.erase(flag);
            else
                now.insert(flag);
    }
    auto done = [&client, told, silent, is_sure](Response const& tagged) {
        for (auto const& [uid, times] : told) {
            if (--client.doubtful[uid] == 0)
                client.doubtful.erase(uid);
            auto* const message = client.belief.find(uid);
            // With NOTIFY flags may be told before the command runs, or after.
            bool const asks = silent && (!is_sure || (message && message->times_told != times));
            if (message && (asks || tagged.condition != "OK"))
                message->flags.reset();
        }
    };
    client.send(command, where->permits(), done);
}

void Player::expunge(Client& client)
{
    auto const uids = some_uids(client, 5);
    if (random_.one_in(2) && !uids.empty()) {
        count("UID EXPUNGE");
        client.send("UID EXPUNGE " + join(uids), { .removes = true });
    } else {
        count("EXPUNGE");
        client.send("EXPUNGE", { .removes = true });
    }
}

void Player::copy(Client& client) { transfer(client, "COPY"); }
void Player::move(Client& client) { transfer(client, "MOVE"); }

/// COPY and MOVE by number may tell expunges.
void Player::transfer(Client& client, std::string const& verb)
{
    auto const where = target(client, 3);
    if (!where)
        return;
    count(where->prefix + verb);
    auto const to = name_for(client);
    doubt(client, to);
    client.send(where->prefix + verb + " " + where->set + " " + in_quotes(to),
        { .removes = verb == "MOVE" }, [&client, to](Response const&) { doubt(client, to); });
}

void Player::append(Client& client)
{
    auto const to = name_for(client);
    auto command = "APPEND " + in_quotes(to);
    std::size_t const messages = random_.one_in(4) ? random_.number(3) + 1 : 1;
    for (std::size_t i = 0; i < messages; ++i)
        command += " " + random_flags(2) + " " + literal(World::message(random_.number(9)));
    count(messages > 1 ? "MULTIAPPEND" : "APPEND");
    doubt(client, to);
    client.send(command, {}, [&client, to](Response const&) { doubt(client, to); });
}

void Player::replace(Client& client)
{
    auto const where = target(client, 1);
    if (!where || where->set == "$")
        return;
    count(where->prefix + "REPLACE");
    auto const to = random_.one_in(2) ? client.mailbox : name_for(client);
    doubt(client, to);
    client.send(where->prefix + "REPLACE " + where->set + " " + in_quotes(to) + " "
            + random_flags(2) + " " + literal(World::message(random_.number(9))),
        { .removes = true }, [&client, to](Response const&) { doubt(client, to); });
}

void Player::fetch(Client& client)
{
    static constexpr char const* items[]
        = { "(FLAGS)", "(UID FLAGS)", "(UID RFC822.SIZE)", "(FLAGS INTERNALDATE)" };
    std::string what = random_.one_of(items);
    if (client.modes.condstore && random_.one_in(2))
        what = "(UID FLAGS MODSEQ)";
    std::string modifier;
    if (client.modes.condstore && random_.one_in(3))
        modifier = " (CHANGEDSINCE " + std::to_string(client.belief.highest_mod_seq / 2) + ")";
    auto const where = target(client, 5);
    if (!where)
        return;
    count(where->prefix + "FETCH" + (modifier.empty() ? "" : " CHANGEDSINCE"));
    auto permits = where->permits();
    permits.asks_of_all = random_.one_in(3);
    client.send(where->prefix + "FETCH " + (permits.asks_of_all ? "1:*" : where->set) + " " + what
            + modifier,
        permits);
}

void Player::search(Client& client)
{
    static constexpr char const* keys[]
        = { "ALL", "UNSEEN", "DELETED", "KEYWORD two", "NOT FLAGGED", "OR ANSWERED DRAFT" };
    bool const by_number = client.may_use_numbers() && random_.one_in(2);
    count(by_number ? "SEARCH" : "UID SEARCH");
    client.send(std::string(by_number ? "" : "UID ") + "SEARCH "
            + (random_.one_in(2) ? "RETURN (ALL COUNT) " : "") + random_.one_of(keys),
        { .holds_numbers = by_number });
}

/// SEARCH RETURN (SAVE): what it finds is "$" from then on (RFC 5182).
void Player::save(Client& client)
{
    if (client.outstanding() != 0)
        return;
    static constexpr char const* keys[] = { "ALL", "SEEN", "NOT DELETED", "FLAGGED", "$" };
    bool const by_number = client.may_use_numbers() && random_.one_in(2);
    count("SAVE");
    client.saved.reset();
    client.found.reset();
    auto const done = [&client, by_number](Response const& tagged) {
        std::set<std::uint32_t> uids;
        if (tagged.condition == "OK")
            for (auto const number : client.found.value_or(Numbers {})) {
                if (!by_number) {
                    uids.insert(number);
                    continue;
                }
                auto const& messages = client.belief.messages;
                if (number > messages.size())
                    throw Illegal("SEARCH found message " + std::to_string(number) + " of "
                        + std::to_string(messages.size()));
                if (!messages[number - 1].uid)
                    return; // the client does not know which it is
                uids.insert(*messages[number - 1].uid);
            }
        client.saved = std::move(uids);
    };
    client.send(
        std::string(by_number ? "" : "UID ") + "SEARCH RETURN (SAVE ALL) " + random_.one_of(keys),
        { .holds_numbers = by_number }, done);
}

void Player::sort(Client& client)
{
    bool const by_number = client.may_use_numbers() && random_.one_in(2);
    count("SORT");
    client.send(std::string(by_number ? "" : "UID ") + "SORT (REVERSE SUBJECT) UTF-8 NOT DELETED",
        { .holds_numbers = by_number });
}

} // namespace mail::model
