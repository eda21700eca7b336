// Told names and numbers, kept.
#include "tests/model/overview.h"

#include "tests/model/wishes.h"

namespace mail::model {

void Overview::hear_status(Response const& status)
{
    for (auto const& [item, value] : status.counts)
        counts[status.mailbox][item] = value;
}

void Overview::hear_list(Response const& list)
{
    ++lists_heard_;
    if (!is_own(list.mailbox))
        return;
    if (!list.old_name.empty())
        rename(list.old_name, list.mailbox);
    if (list.attributes.contains("\\nonexistent"))
        names.erase(list.mailbox);
    else
        names[list.mailbox] = list.attributes.contains("\\subscribed");
}

void Overview::create(std::string const& name)
{
    for (auto end = name.find('/'); end != std::string::npos; end = name.find('/', end + 1))
        names.try_emplace(name.substr(0, end));
    names.try_emplace(name);
}

/// With all below. A subscription is of a name: whether the new one has one is another question.
void Overview::rename(std::string const& from, std::string const& to)
{
    decltype(names) moved;
    for (auto const& [name, is_subscribed] : names)
        if (name == from || name.starts_with(from + "/"))
            moved.try_emplace(to + name.substr(from.size()));
    for (auto const& [name, is_subscribed] : moved)
        names.erase(from + name.substr(to.size()));
    names.merge(moved);
    if (from == "INBOX") // it is made again at once
        names.try_emplace("INBOX");
}

} // namespace mail::model
