// NOTIFY, written and weighed.
#include "tests/model/wishes.h"

#include <algorithm>

namespace mail::model {
namespace {

    using Filter = Wishes::Group::Filter;

    Events random_events(Random& random)
    {
        Events events;
        events.messages = !random.one_in(3);
        events.flags = events.messages && random.one_in(2);
        events.names = random.one_in(2);
        events.subscriptions = random.one_in(3);
        return events;
    }

    std::string written(Events const& events, std::string_view data)
    {
        std::string list;
        if (events.messages)
            list.append(" MessageNew").append(data).append(" MessageExpunge");
        if (events.flags)
            list += " FlagChange";
        if (events.names)
            list += " MailboxName";
        if (events.subscriptions)
            list += " SubscriptionChange";
        return list.empty() ? "NONE" : "(" + list.substr(1) + ")";
    }

    std::string written(Wishes::Group const& group)
    {
        static constexpr char const* filters[]
            = { "INBOXES", "PERSONAL", "SUBSCRIBED", "SUBTREE", "MAILBOXES" };
        std::string text = filters[static_cast<int>(group.filter)];
        if (group.filter >= Filter::subtree) {
            text += " (";
            for (auto const& name : group.names)
                text += (text.ends_with('(') ? "" : " ") + in_quotes(name);
            text += ")";
        }
        return text + " " + written(group.events, "");
    }

    bool is_below(std::string_view name, std::string_view root)
    {
        return root.empty() || name == root
            || (name.starts_with(root) && name.substr(root.size()).starts_with("/"));
    }

    bool takes(Wishes::Group const& group, std::string_view name, bool if_subscribed)
    {
        switch (group.filter) {
        case Filter::inboxes:
            return name == "INBOX";
        case Filter::personal:
            return is_own(name);
        case Filter::subscribed:
            return if_subscribed;
        case Filter::subtree:
            return std::ranges::any_of(
                group.names, [&](std::string const& root) { return is_below(name, root); });
        case Filter::mailboxes:
            return std::ranges::find(group.names, name) != group.names.end();
        }
        return false;
    }

} // namespace

bool is_own(std::string_view name) { return !is_below(name, others_root); }

std::string in_quotes(std::string_view name) { return "\"" + std::string(name) + "\""; }

void Events::add(Events const& others)
{
    messages = messages || others.messages;
    flags = flags || others.flags;
    names = names || others.names;
    subscriptions = subscriptions || others.subscriptions;
}

Wishes Wishes::random(Random& random, std::vector<std::string> const& names)
{
    Wishes wishes;
    if (random.one_in(6))
        return wishes;
    wishes.tells_status = random.one_in(2);
    if (!random.one_in(5)) {
        auto& selected = wishes.selected.emplace();
        selected.is_delayed = random.one_in(2);
        selected.events.messages = !random.one_in(6);
        selected.events.flags = selected.events.messages && !random.one_in(3);
        selected.with_data = selected.events.messages && random.one_in(2);
    }
    for (std::size_t i = random.number(3); i > 0; --i) {
        Group group;
        group.filter = static_cast<Filter>(random.number(5));
        for (std::size_t n = random.number(2) + 1; n > 0; --n)
            group.names.push_back(random.one_in(6) ? "" : random.one_of(names));
        group.events = random_events(random);
        wishes.groups.push_back(std::move(group));
    }
    return wishes;
}

std::string Wishes::command() const
{
    if (!selected && groups.empty())
        return "NOTIFY NONE";
    std::string text = tells_status ? "NOTIFY SET STATUS" : "NOTIFY SET";
    if (selected) {
        auto const data = " (" + std::string(new_message_items) + ")";
        text.append(selected->is_delayed ? " (SELECTED-DELAYED " : " (SELECTED ");
        text.append(written(selected->events, selected->with_data ? data : "")).append(")");
    }
    for (auto const& group : groups)
        text.append(" (").append(written(group)).append(")");
    return text;
}

Events Wishes::of(std::string_view name, bool if_subscribed) const
{
    Events all;
    for (auto const& group : groups)
        if (takes(group, name, if_subscribed))
            all.add(group.events);
    return all;
}

} // namespace mail::model
