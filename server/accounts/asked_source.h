// A source as coroutines ask it: on threads of its own where it holds its thread. Its failures are
// logged here, once each time that it goes down.
#pragma once

#include "server/accounts/blocking_calls.h"
#include "server/accounts/source.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace mail::server {

/// All that is asked may throw SourceDown.
class AskedSource {
public:
    explicit AskedSource(std::unique_ptr<Source> source);

    /// What can be learnt without asking.
    Source const& source() const { return *source_; }
    bool is_immediate() const { return !calls_; }
    std::chrono::seconds cache_time() const { return terms_.cache_time; }

    awaitable<EntryPtr> find(std::string name);
    awaitable<EntryPtr> find_by_address(std::string address);
    EntryPtr find_now(std::string const& name) { return source_->find(name); } ///< is_immediate()
    awaitable<Verdict> check_password(EntryPtr entry, Tried tried);
    /// Not of a source that is immediate, which would hold the I/O thread: there replace_now() goes
    /// to a worker of the caller's.
    awaitable<bool> replace(EntryPtr entry, Verifiers with);
    bool replace_now(UserEntry const& entry, Verifiers const& with)
    {
        return source_->replace(entry, with);
    }

    /// Source::stand_in, or one of the accounts that were asked for lately.
    EntryPtr stand_in(std::string_view name) const;

    bool is_busy() const { return calls_ && calls_->is_busy(); } ///< calls are under way
    void join(); ///< waits for calls under way

private:
    template <class F> awaitable<std::invoke_result_t<F&>> ask(F job);
    void note_down(std::string_view why);
    void note_answer();
    void keep_as_example(EntryPtr const& entry);

    std::unique_ptr<Source> source_;
    SourceTerms terms_;
    std::unique_ptr<BlockingCalls> calls_; ///< null: not needed
    std::atomic<bool> is_down_ = false;
    mutable std::mutex mutex_;
    std::vector<EntryPtr> examples_; ///< entries with hashes
};

} // namespace mail::server
