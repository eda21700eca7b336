// Comparisons, message by message and mailbox by mailbox.
#include "tests/model/checks.h"

#include <algorithm>
#include <functional>

namespace mail::model {
namespace {

    std::string words(std::optional<FlagSet> const& set)
    {
        std::string text;
        for (auto const& flag : set.value_or(FlagSet { "?" }))
            text += " " + flag;
        return text.empty() ? " none" : text;
    }

    std::string name_of(Truth const& message)
    {
        return "UID " + std::to_string(message.uid) + ": ";
    }

    void check_flags(Client& client, KnownMessage const& believed, Truth const& real)
    {
        if (believed.flags != real.flags)
            client.fail(name_of(real) + "it believes the flags" + words(believed.flags)
                + ", and there are" + words(real.flags) + " since MODSEQ "
                + std::to_string(real.mod_seq));
    }

    /// The selected mailbox, as far as NOTIFY tells of it at once.
    void check_selected(Client& client, World& world)
    {
        auto const wanted = client.wishes->of_selected();
        auto const place = world.find(client.user, client.mailbox_id);
        if (!wanted.messages || !place)
            return;
        auto const real = world.messages(*place);
        auto& believed = client.belief.messages;
        std::size_t unknown = 0;
        for (auto const& each : believed)
            unknown += each.uid ? 0 : 1;
        for (auto const& message : real) {
            auto const* known = client.belief.find(message.uid);
            if (known && wanted.flags && known->flags && !client.doubtful.contains(message.uid))
                check_flags(client, *known, message);
            if (known)
                continue;
            if (unknown == 0)
                client.fail(name_of(message) + "it was not told of this message");
            --unknown;
            if (client.wishes->selected->with_data && message.uid >= client.data_from
                && !client.own.contains(message.uid))
                client.fail(name_of(message) + "it was not told the data of this message");
        }
        if (client.wishes->tells_expunges_at_once() && believed.size() != real.size())
            client.fail("it was not told of all expunges: it has " + std::to_string(believed.size())
                + " messages of " + std::to_string(real.size()));
    }

    void check_count(
        Client& client, std::string const& name, std::string const& item, std::uint64_t real)
    {
        auto const& known = client.overview.counts[name];
        auto const told = known.find(item);
        if (told != known.end() && told->second != real)
            client.fail("of " + name + " it was told " + item + " " + std::to_string(told->second)
                + ", and it is " + std::to_string(real));
    }

    void check_counts(Client& client, Place const& place)
    {
        auto const wanted = client.wishes->surely(place.name);
        if (!wanted.messages || !client.overview.counts.contains(place.name))
            return;
        auto const& real = place.mailbox;
        check_count(client, place.name, "MESSAGES", real.messages);
        check_count(client, place.name, "UIDNEXT", real.uid_next.value);
        if (!wanted.flags)
            return;
        check_count(client, place.name, "UIDVALIDITY", real.uid_validity.value);
        check_count(client, place.name, "UNSEEN", real.unseen);
        if (client.modes.condstore)
            check_count(client, place.name, "HIGHESTMODSEQ", real.highest_mod_seq.value);
    }

    void check_names(Client& client, World& world, std::vector<Place> const& places)
    {
        std::set<std::string> real;
        for (auto const& place : places)
            if (is_own(place.name))
                real.insert(place.name);
        auto& known = client.overview.names;
        auto const is_watched
            = [&](std::string const& name) { return client.wishes->surely(name).names; };
        for (auto const& name : real)
            if (is_watched(name) && !known.contains(name))
                client.fail("it was not told that there is " + name);
        for (auto const& [name, is_subscribed] : known) {
            if (is_watched(name) && !real.contains(name))
                client.fail("it was not told that " + name + " is gone");
            if (client.wishes->surely(name).subscriptions && real.contains(name) && is_subscribed
                && *is_subscribed != world.is_subscribed(client.user, name))
                client.fail("it was not told of the subscription of " + name);
        }
    }

} // namespace

void check_told(Client& client, World& world)
{
    if (!client.wishes)
        return;
    if (!client.mailbox.empty())
        check_selected(client, world);
    auto const places = world.mailboxes(client.user);
    for (auto const& place : places)
        if (place.object_id != client.mailbox_id)
            check_counts(client, place);
    if (client.overview.knows_names)
        check_names(client, world, places);
}

void check_mailbox(Client& client, World& world)
{
    auto const place = world.find(client.user, client.mailbox_id);
    if (!place)
        client.fail("its mailbox is gone, and it was not told");
    auto const real = world.messages(*place);
    auto const& believed = client.belief.messages;
    if (believed.size() != real.size())
        client.fail("it has " + std::to_string(believed.size()) + " messages of "
            + std::to_string(real.size()));
    for (std::size_t i = 0; i < real.size(); ++i) {
        if (believed[i].uid != real[i].uid)
            client.fail(name_of(real[i]) + "it believes UID "
                + std::to_string(believed[i].uid.value_or(0)));
        check_flags(client, believed[i], real[i]);
        if (believed[i].mod_seq > real[i].mod_seq)
            client.fail(name_of(real[i]) + "a MODSEQ that is not given out");
    }
}

namespace {

    struct Key {
        char const* text;
        std::function<bool(Truth const&)> finds;
    };

    std::vector<Key> const& keys()
    {
        static std::vector<Key> const all {
            { "ALL", [](Truth const&) { return true; } },
            { "UNSEEN", [](Truth const& each) { return !each.flags.contains("\\seen"); } },
            { "KEYWORD two", [](Truth const& each) { return each.flags.contains("two"); } },
            { "OR ANSWERED NOT DELETED",
                [](Truth const& each) {
                    return each.flags.contains("\\answered") || !each.flags.contains("\\deleted");
                } },
            { "SUBJECT s3", [](Truth const& each) { return World::subject(each.size) == "s3"; } },
            { "LARGER 44 DRAFT",
                [](Truth const& each) {
                    return each.size > 44 && each.flags.contains("\\draft");
                } },
        };
        return all;
    }

    /// Runs the command and compares its answer.
    void check_found(Client& client, std::string const& command, bool by_number,
        Numbers const& expected, std::string const& what)
    {
        client.found.reset();
        client.send(command, { .holds_numbers = by_number });
        client.settle();
        if (client.found != expected)
            client.fail(what + " found something else than it should: " + command);
    }

} // namespace

void check_answers(Client& client, World& world, Random& random)
{
    auto const place = world.find(client.user, client.mailbox_id);
    auto const real = world.messages(*place);
    if (client.saved) {
        Numbers expected;
        for (auto const& each : real)
            if (client.saved->contains(each.uid))
                expected.push_back(each.uid);
        check_found(client, "UID SEARCH RETURN (ALL) $", false, expected, "$");
    }
    bool const by_number = client.may_use_numbers() && random.one_in(2);
    std::string const prefix = by_number ? "" : "UID ";
    auto const& key = random.one_of(keys());
    struct Found {
        std::uint32_t number;
        std::uint64_t size;
    };
    std::vector<Found> found;
    for (std::uint32_t i = 0; i < real.size(); ++i)
        if (key.finds(real[i]))
            found.push_back({ by_number ? i + 1 : real[i].uid, real[i].size });
    auto const numbers = [&] {
        Numbers all;
        for (auto const& each : found)
            all.push_back(each.number);
        return all;
    };
    if (random.one_in(2))
        return check_found(
            client, prefix + "SEARCH RETURN (ALL) " + key.text, by_number, numbers(), "SEARCH");
    // Subjects go with sizes.
    bool const reverse = random.one_in(2);
    if (reverse)
        std::ranges::stable_sort(found, std::greater {}, &Found::size);
    else
        std::ranges::stable_sort(found, std::less {}, &Found::size);
    auto const criterion
        = std::string(reverse ? "REVERSE " : "") + (random.one_in(2) ? "SUBJECT" : "SIZE");
    check_found(client, prefix + "SORT (" + criterion + ") UTF-8 " + key.text, by_number, numbers(),
        "SORT");
}

void learn_watched(Client& client, World& world)
{
    if (!client.wishes)
        return;
    for (auto const& place : world.mailboxes(client.user)) {
        auto const wanted = client.wishes->surely(place.name);
        if (wanted.messages && place.object_id != client.mailbox_id
            && !client.overview.counts.contains(place.name))
            client.send(
                "STATUS " + in_quotes(place.name) + " (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)",
                { .status_of = place.name });
    }
    auto const wanted = client.wishes->surely("INBOX");
    if ((wanted.names || wanted.subscriptions) && !client.overview.knows_names) {
        client.overview.names.clear();
        client.send("LIST \"\" \"*\" RETURN (SUBSCRIBED CHILDREN)", { .lists = true },
            [&client](Response const&) { client.overview.knows_names = true; });
    }
    client.settle();
}

} // namespace mail::model
