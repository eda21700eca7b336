#include "server/accounts/asked_source.h"

#include "server/log.h"

#include <functional>

namespace mail::server {

namespace {

    constexpr std::size_t most_examples = 16;

} // namespace

AskedSource::AskedSource(std::unique_ptr<Source> source)
    : source_(std::move(source))
    , terms_(source_->terms())
{
    if (terms_.workers > 0)
        calls_ = std::make_unique<BlockingCalls>(terms_.workers, terms_.time_limit);
}

void AskedSource::note_down(std::string_view why)
{
    if (!is_down_.exchange(true))
        log::error(
            "{} cannot be asked, its users are told to try again later: {}", source_->name(), why);
}

void AskedSource::note_answer()
{
    if (is_down_.load(std::memory_order_relaxed) && is_down_.exchange(false))
        log::info("{} answers again", source_->name());
}

template <class F> awaitable<std::invoke_result_t<F&>> AskedSource::ask(F job)
{
    try {
        std::optional<std::invoke_result_t<F&>> answer;
        if (calls_)
            answer = co_await calls_->run(std::move(job));
        else
            answer = job();
        note_answer();
        co_return std::move(*answer);
    } catch (SourceDown const& down) {
        note_down(down.what());
        throw;
    }
}

awaitable<EntryPtr> AskedSource::find(std::string name)
{
    auto job = [source = source_.get(), name = std::move(name)] { return source->find(name); };
    auto found = co_await ask(std::move(job));
    keep_as_example(found);
    co_return found;
}

awaitable<EntryPtr> AskedSource::find_by_address(std::string address)
{
    auto job = [source = source_.get(), address = std::move(address)] {
        return source->find_by_address(address);
    };
    auto found = co_await ask(std::move(job));
    co_return found;
}

awaitable<Verdict> AskedSource::check_password(EntryPtr entry, Tried tried)
{
    auto job = [source = source_.get(), entry = std::move(entry), tried = std::move(tried)] {
        return source->check_password(*entry, tried);
    };
    auto const verdict = co_await ask(std::move(job));
    co_return verdict;
}

awaitable<bool> AskedSource::replace(EntryPtr entry, Verifiers with)
{
    auto job = [source = source_.get(), entry = std::move(entry), with = std::move(with)] {
        return source->replace(*entry, with);
    };
    // That it cannot be written says nothing of whether it can be asked: the caller tells.
    auto const replaced = co_await calls_->run(std::move(job));
    co_return replaced;
}

void AskedSource::keep_as_example(EntryPtr const& entry)
{
    if (!calls_ || !entry || entry->hash.empty())
        return;
    std::lock_guard const lock(mutex_);
    if (examples_.size() < most_examples)
        examples_.push_back(entry);
}

EntryPtr AskedSource::stand_in(std::string_view name) const
{
    if (auto own = source_->stand_in(name))
        return own;
    std::lock_guard const lock(mutex_);
    if (examples_.empty())
        return {};
    return examples_[std::hash<std::string_view> {}(name) % examples_.size()];
}

void AskedSource::join()
{
    if (calls_)
        calls_->join();
}

} // namespace mail::server
