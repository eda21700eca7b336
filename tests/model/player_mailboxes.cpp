// Commands on mailboxes, and those on the connection.
#include "tests/model/player.h"

#include <utility>

namespace mail::model {
namespace {

    /// Those that come and go.
    constexpr char const* changing[] = { "Other", "Third", "Third/Sub", "Fourth" };

    bool is_in(std::string_view name, std::string_view root)
    {
        return name == root
            || (name.starts_with(root) && name.substr(root.size()).starts_with("/"));
    }

} // namespace

void Player::act(Client& client)
{
    struct Action {
        std::size_t weight;
        void (Player::*run)(Client&);
    };
    static constexpr Action anywhere[] = {
        { 16, &Player::append },
        { 10, &Player::idle },
        { 20, &Player::noop },
        { 10, &Player::status },
        { 10, &Player::reopen },
        { 8, &Player::notify },
        { 4, &Player::create },
        { 4, &Player::rename },
        { 2, &Player::remove },
        { 3, &Player::subscribe },
        { 1, &Player::share },
        { 1, &Player::log_in_anew },
    };
    static constexpr Action selected[] = {
        { 40, &Player::store },
        { 14, &Player::expunge },
        { 20, &Player::copy },
        { 12, &Player::move },
        { 5, &Player::replace },
        { 30, &Player::fetch },
        { 6, &Player::search },
        { 6, &Player::save },
        { 3, &Player::sort },
    };
    if (client.is_dismissed())
        return;
    if (client.is_idling() || client.outstanding() > 3) {
        if (random_.one_in(3))
            client.end_idle();
        return;
    }
    if (client.mailbox.empty() && !random_.one_in(4))
        return reopen(client);
    std::size_t all = 0;
    for (auto const& action : anywhere)
        all += action.weight;
    if (!client.mailbox.empty())
        for (auto const& action : selected)
            all += action.weight;
    auto chosen = random_.number(all);
    for (auto const& action : anywhere) {
        if (chosen < action.weight)
            return (this->*action.run)(client);
        chosen -= action.weight;
    }
    for (auto const& action : selected) {
        if (chosen < action.weight)
            return (this->*action.run)(client);
        chosen -= action.weight;
    }
}

std::string Player::random_user() { return random_.one_in(4) ? "bob" : "alice"; }

Modes Player::random_modes()
{
    Modes modes;
    modes.qresync = random_.one_in(2);
    modes.condstore = modes.qresync || random_.one_in(3);
    modes.uid_only = random_.one_in(3);
    modes.rev2 = random_.one_in(3);
    return modes;
}

void Player::settle()
{
    for (auto& client : clients_)
        if (client->is_connected())
            client->settle();
}

/// When nobody else does anything: what QRESYNC tells can be put together then.
void Player::select(Client& client)
{
    settle();
    if (!client.is_dismissed())
        client.select(name_for(client));
}

void Player::connect(Client& client)
{
    bool const compressed = random_.one_in(5);
    if (compressed)
        count("COMPRESS");
    client.connect(random_user(), random_modes(), compressed);
    select(client);
    if (random_.one_in(3))
        notify(client);
}

void Player::log_in_anew(Client& client)
{
    count("UNAUTHENTICATE");
    client.log_in_anew(random_user(), random_modes());
    if (!client.is_dismissed())
        select(client);
}

void Player::notify(Client& client)
{
    if (client.is_dismissed())
        return;
    auto const wishes = Wishes::random(random_, world_.names(client.user));
    count(!wishes.selected                ? "NOTIFY"
            : wishes.selected->is_delayed ? "NOTIFY SELECTED-DELAYED"
                                          : "NOTIFY SELECTED");
    client.notify(wishes);
}

void Player::idle(Client& client)
{
    if (client.outstanding() != 0)
        return;
    count("IDLE");
    client.idle();
}

void Player::noop(Client& client)
{
    bool const checks = random_.one_in(4) && !client.modes.rev2 && !client.mailbox.empty();
    count(checks ? "CHECK" : "NOOP");
    client.send(checks ? "CHECK" : "NOOP");
}

void Player::status(Client& client)
{
    count("STATUS");
    auto const name = name_for(client);
    // RFC 7162 §3.1: to ask for HIGHESTMODSEQ enables CONDSTORE.
    client.send(
        "STATUS " + in_quotes(name) + " (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)",
        { .status_of = name }, [&client](Response const& tagged) {
            if (tagged.condition != "OK" || std::exchange(client.modes.condstore, true))
                return;
            for (auto& [mailbox, counts] : client.overview.counts) // until now it was not told
                counts.erase("HIGHESTMODSEQ");
        });
}

void Player::reopen(Client& client)
{
    if (!client.mailbox.empty() && random_.one_in(3)) {
        client.settle();
        if (client.is_dismissed())
            return;
        count("CLOSE or UNSELECT");
        client.close(random_.one_in(2) ? "CLOSE" : "UNSELECT");
    }
    count("SELECT");
    select(client);
}

/// Another mailbox may go by a name: who watches flags is told so (RFC 5465 §5.1), the others no
/// longer know its counts.
void Player::doubt_names(Client& by, std::string const& name)
{
    for (auto& client : clients_) {
        client->hear(); // what was told before
        std::erase_if(client->overview.counts, [&](auto const& known) {
            bool const is_told = client.get() != &by && client->wishes
                && client->wishes->surely(known.first).flags;
            // One above it may be made for it.
            return (is_in(known.first, name) || is_in(name, known.first)) && !is_told;
        });
    }
}

/// Sends a command that changes these names. Where it succeeds the client changes what it knows,
/// unless it was told of other changes meanwhile: then it does not know which was first.
void Player::send_of_names(Client& client, std::string const& command,
    std::vector<std::string> names, Permits permits, std::function<void()> apply)
{
    count(command.substr(0, command.find(' ')));
    for (auto const& name : names)
        doubt_names(client, name);
    auto const done = [this, &client, names, apply = std::move(apply),
                          before = client.overview.lists_heard()](Response const& tagged) {
        for (auto const& name : names)
            doubt_names(client, name);
        if (client.overview.lists_heard() != before)
            client.overview.knows_names = false;
        else if (tagged.condition == "OK")
            apply();
    };
    client.send(command, std::move(permits), done);
}

void Player::create(Client& client)
{
    if (client.user != "alice")
        return;
    std::string const name = random_.one_of(changing);
    auto& known = client.overview;
    send_of_names(
        client, "CREATE " + in_quotes(name), { name }, {}, [&known, name] { known.create(name); });
}

void Player::rename(Client& client)
{
    if (client.user != "alice")
        return;
    std::string const from = random_.one_in(10) ? "INBOX" : random_.one_of(changing);
    std::string const to = random_.one_of(changing);
    auto& known = client.overview;
    // Renaming INBOX takes the messages out of it.
    send_of_names(client, "RENAME " + in_quotes(from) + " " + in_quotes(to), { from, to },
        { .removes = true }, [&client, &known, from, to] {
            client.doubt_names_below(from);
            known.rename(from, to);
            known.create(to);
        });
}

/// Where it is the selected mailbox, none is selected any more.
void Player::remove(Client& client)
{
    if (client.user != "alice")
        return;
    client.settle();
    if (client.is_dismissed())
        return;
    std::string const name = random_.one_of(changing);
    auto& known = client.overview;
    send_of_names(client, "DELETE " + in_quotes(name), { name }, Permits::selecting(),
        [&known, name] { known.names.erase(name); });
    client.settle();
}

void Player::subscribe(Client& client)
{
    auto const name = name_for(client);
    bool const on = random_.one_in(2);
    auto& known = client.overview;
    send_of_names(
        client, (on ? "SUBSCRIBE " : "UNSUBSCRIBE ") + in_quotes(name), {}, {}, [&known, name, on] {
            if (auto const found = known.names.find(name); found != known.names.end())
                found->second = on;
        });
}

void Player::doubt_shared()
{
    for (auto& client : clients_)
        if (client->user == "bob")
            client->overview.counts.erase(World::shared_from_outside);
}

void Player::share(Client& client)
{
    if (client.user != "alice")
        return;
    static constexpr char const* rights[] = { "lrswite", "lrswite", "lrswi", "lrs", "lr", "l", "" };
    count("SETACL");
    doubt_shared();
    client.send(std::string("SETACL Shared bob \"") + random_.one_of(rights) + "\"", {},
        [this](Response const&) { doubt_shared(); });
}

} // namespace mail::model
