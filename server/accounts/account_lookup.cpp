#include "server/accounts/account_lookup.h"

#include "server/accounts/users.h"

#include <algorithm>
#include <functional>

namespace mail::server {

namespace {

    using namespace std::chrono_literals;

    // That there is no such account is forgotten soon: it may have been made for a mail on its way.
    constexpr std::chrono::seconds most_time_of_none = 10s;

    /// With the default domain where it is missing, without it where it is there.
    std::optional<std::string> other_form(std::string const& name, std::string const& domain)
    {
        if (domain.empty())
            return std::nullopt;
        auto const at = name.find('@');
        if (at == name.npos)
            return name + '@' + domain;
        if (std::string_view(name).substr(at + 1) != domain)
            return std::nullopt;
        return name.substr(0, at);
    }

    std::string key_of(AccountLookup::By by, std::string_view name)
    {
        return (by == AccountLookup::By::login ? "login " : "address ") + std::string(name);
    }

} // namespace

// --- Asking

AccountLookup::Search::Search(AccountLookup& accounts, std::string const& name, By by)
{
    if (!problem_of_name(name).empty()) // nobody is called so, and sources need not see it
        return;
    auto const other = other_form(name, accounts.default_domain_);
    for (auto const& source : accounts.sources_) {
        questions_.push_back({ source.get(), name, by });
        if (other)
            questions_.push_back({ source.get(), *other, By::login });
    }
}

awaitable<Known> AccountLookup::Search::next()
{
    while (at_ < questions_.size()) {
        auto const& question = questions_[at_++];
        auto asking = ask(question);
        auto entry = co_await std::move(asking);
        if (entry)
            co_return Known { question.source, std::move(entry) };
    }
    co_return Known {};
}

awaitable<void> AccountLookup::Search::finish()
{
    while (at_ < questions_.size()) {
        try {
            auto asking = ask(questions_[at_++]);
            co_await std::move(asking);
        } catch (SourceDown const&) {
        }
    }
}

awaitable<EntryPtr> AccountLookup::Search::ask(Question const& question)
{
    return question.by == By::login ? question.source->find(question.name)
                                    : question.source->find_by_address(question.name);
}

AccountLookup::AccountLookup(Sources sources, std::string default_domain)
    : default_domain_(std::move(default_domain))
{
    for (auto& source : sources)
        sources_.push_back(std::make_unique<AskedSource>(std::move(source)));
}

awaitable<Known> AccountLookup::find(By by, std::string name)
{
    if (auto const known = recall(by, name))
        co_return *known;
    Search search(*this, name, by);
    auto known = co_await search.next();
    // Who is not there may not log in either, but that is asked anew each time.
    if (known.entry || by == By::address)
        remember(by, name, known);
    co_return known;
}

awaitable<EntryPtr> AccountLookup::find_by_all(std::string name)
{
    try {
        Search search(*this, name, By::login);
        auto const known = co_await search.next();
        if (known.entry)
            remember(By::login, name, known);
        co_await search.finish();
        co_return known.entry;
    } catch (SourceDown const&) {
        auto const remembered = recall(By::login, name);
        if (!remembered)
            throw;
        co_return remembered->entry;
    }
}

bool AccountLookup::is_busy() const
{
    return std::ranges::any_of(sources_, [](auto const& each) { return each->is_busy(); });
}

void AccountLookup::join()
{
    for (auto const& source : sources_)
        source->join();
}

// --- Remembering

std::optional<Known> AccountLookup::recall(By by, std::string_view name)
{
    auto known = entries_.find(key_of(by, name), EntryCache::Clock::now());
    if (known && known->entry && known->source->is_immediate()) {
        known->entry = known->source->find_now(known->entry->name);
        if (!known->entry) // gone meanwhile: another may have the name now
            return std::nullopt;
    }
    return known;
}

void AccountLookup::remember(By by, std::string_view name, Known const& known)
{
    auto time = 0s; // for which the answers of those who were asked hold
    for (auto const& source : sources_) {
        if (!source->is_immediate())
            time = std::max(time, source->cache_time());
        if (source.get() == known.source)
            break;
    }
    if (!known.entry)
        time = std::min(time, most_time_of_none);
    else if (!known.source->is_immediate())
        time = known.source->cache_time();
    auto const now = EntryCache::Clock::now();
    entries_.put(key_of(by, name), known, now + time, now);
}

void AccountLookup::forget(std::string_view name) { entries_.erase(key_of(By::login, name)); }

EntryPtr AccountLookup::stand_in(std::string const& name) const
{
    auto const first = std::hash<std::string> {}(name);
    for (std::size_t i = 0; i < sources_.size(); ++i)
        if (auto other = sources_[(first + i) % sources_.size()]->stand_in(name))
            return other;
    return {};
}

} // namespace mail::server
