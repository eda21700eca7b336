// The store: a catalogue of accounts and one or more volumes that hold their mail. Thread-safe.
#pragma once

#include "storage/error.h"
#include "storage/ids.h"
#include "storage/mailboxes.h"
#include "storage/txn.h"

#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mail::storage {

struct StoreOptions {
    std::filesystem::path path; ///< a directory on a local file system; made when missing
    std::uint64_t map_size = std::uint64_t { 1 } << 40; ///< address space of each volume, octets
    std::chrono::seconds undelete_window = std::chrono::hours(14 * 24);
};

/// A change that waits for the writer thread. The caller owns it and keeps it alive until done()
/// was called; commonly it lives in a coroutine's frame.
class WriteJob {
public:
    virtual ~WriteJob() = default;
    /// Does the work, on the writer thread, in a child transaction: when it returns an error or
    /// throws, just this job's changes are undone. Must not wait for anything. When the commit of
    /// its batch fails for want of space it is run a second time, alone: set results, never add to
    /// them.
    virtual Result<void> run(WriteTxn& txn) = 0;
    /// Called on the writer thread after the sync (or after the refusal): the result is on disk.
    /// `failure` is set when the database itself failed. Must only hand over to another thread.
    virtual void done(Result<void> result, std::exception_ptr failure) noexcept = 0;

private:
    friend class Writer;
    WriteJob* next_ = nullptr;
};

/// What a commit changed, for those who watch.
struct Committed {
    AccountId account {};
    MailboxId mailbox {};
    ModSeq mod_seq {};
};

/// One LMDB environment with its writer thread. Everything made from it (transactions, staged
/// bodies) must die before it.
class Volume {
public:
    virtual ~Volume() = default;
    virtual ReadTxn read() = 0; ///< a snapshot; under a microsecond. Short: never kept across a
                                ///< wait; one at a time in a thread.
    virtual void submit(WriteJob& job)
        = 0; ///< never blocks; done() is always called, also when shutting down
    virtual BodyId new_body_id() = 0; ///< never given out before, and not in use
    /// For the CLI and tests: submits and blocks until durable. Not for the writer thread itself.
    Result<void> write(std::function<Result<void>(WriteTxn&)> const& job);
};

struct Account {
    AccountId id {};
    std::string name {}; ///< as in the users file, lower case
    std::uint32_t volume = 0;
};

class Store {
public:
    /// Opens or makes the store. Throws when the path is unusable, on a network file system, locked
    /// by another process or of a newer format.
    static std::unique_ptr<Store> open(StoreOptions options);
    virtual ~Store() = default; ///< finishes what is queued, then closes

    virtual Result<Account> find_account(std::string_view name) const = 0; ///< from memory
    /// Finds the account, or makes it with these mailboxes (INBOX is always made). Blocks for a
    /// sync when made; safe to race.
    virtual Result<Account> open_account(
        std::string_view name, std::vector<NewMailbox> const& mailboxes)
        = 0;
    virtual Result<void> remove_account(std::string_view name) = 0; ///< with all its mail, at once
    virtual std::vector<Account> accounts() const = 0;
    virtual Volume& volume_of(Account const& account) = 0;

    /// Notes that mailboxes of `account` are shared with `identifier`: a user, a group, "anyone"
    /// (acl.h). Blocks for a sync when that is new. The note outlives the sharing: whoever finds
    /// the account by it looks into its lists.
    virtual Result<void> note_sharing(Account const& account, std::string_view identifier) = 0;
    /// The accounts that share mailboxes with any of these, by name; from memory.
    virtual std::vector<Account> sharing_with(std::span<std::string const> identifiers) const = 0;

    /// 32 random octets, made with the store: for what has to stay the same over restarts and must
    /// not be guessed.
    virtual std::string secret() const = 0;

    /// Called on a writer thread after each commit that is on disk, before the jobs' done(); must
    /// be quick. Also, with account 0, after sharing_with() got longer. Set once, before the first
    /// write.
    virtual void on_commit(std::function<void(std::span<Committed const>)> callback) = 0;

    /// Frees what the undelete window no longer keeps, in slices; returns how many messages. For a
    /// timer.
    virtual std::size_t sweep_expunged(std::chrono::system_clock::time_point now) = 0;
};

} // namespace mail::storage
