// The catalogue of accounts and the volumes, each an LMDB environment (docs/storage-format.md §1
// and §3).
#include "storage/encoding.h"
#include "storage/expiry.h"
#include "storage/format.h"
#include "storage/lmdb/store_lock.h"
#include "storage/lmdb/volume.h"
#include "storage/names.h"
#include "storage/records.h"
#include "storage/threads.h"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <stdexcept>

namespace mail::storage {
namespace {

    inline constexpr std::uint64_t catalogue_map_size = std::uint64_t { 1 } << 32;
    inline constexpr std::size_t slice = 500; // messages that one job of the sweeper frees
    inline constexpr std::string_view next_account_key = "next account";
    inline constexpr std::string_view uid_validity_key = "uid validity";
    inline constexpr std::string_view secret_key = "secret";
    inline constexpr std::string_view account_prefix = "account/";
    inline constexpr std::string_view purge_prefix = "purge/";
    inline constexpr std::string_view sharing_prefix = "sharing/";

    std::string account_key(std::string_view name)
    {
        return std::string(account_prefix).append(name);
    }

    /// §3.3: an account that is being made or removed; what it has in its volume is purged.
    std::string purge_key(AccountId account)
    {
        return std::string(purge_prefix).append(Key().u64(account.value).view());
    }

    /// §3.4: the account shares mailboxes with `identifier`.
    std::string sharing_key(AccountId account, std::string_view identifier)
    {
        return std::string(sharing_prefix)
            .append(Key().u64(account.value).view())
            .append(identifier);
    }

    std::string encode_volume(std::uint32_t volume)
    {
        std::string value;
        RecordWriter(value).number(volume);
        return value;
    }

    class LmdbStore final : public Store {
    public:
        explicit LmdbStore(StoreOptions options);
        ~LmdbStore() override;

        Result<Account> find_account(std::string_view name) const override;
        Result<Account> open_account(
            std::string_view name, std::vector<NewMailbox> const& mailboxes) override;
        Result<void> remove_account(std::string_view name) override;
        std::vector<Account> accounts() const override;
        Volume& volume_of(Account const& account) override { return *volumes_.at(account.volume); }
        Result<void> note_sharing(Account const& account, std::string_view identifier) override;
        std::vector<Account> sharing_with(std::span<std::string const> identifiers) const override;
        void on_commit(LmdbVolume::CommitCallback callback) override
        {
            on_commit_ = std::move(callback);
        }
        std::size_t sweep_expunged(std::chrono::system_clock::time_point now) override;
        std::string secret() const override { return secret_; }

    private:
        struct Reserved {
            AccountId id;
            std::uint32_t uid_validity = 0; ///< the account's are above it
        };

        void load_secret();
        void load_accounts();
        void load_sharing();
        void sweep_threads(Account const& account);
        void purge_leftovers();
        void purge(AccountId account, std::uint32_t volume);
        Result<Reserved> reserve_account(std::uint32_t volume);
        Result<void> fill_account(Account const& account, std::uint32_t uid_validity,
            std::vector<NewMailbox> const& mailboxes);

        StoreOptions options_;
        StoreLock lock_;
        LmdbVolume::CommitCallback on_commit_;
        LmdbVolume::CommitCallback const no_callback_;
        std::unique_ptr<LmdbVolume> catalogue_;
        std::string secret_;
        std::vector<std::unique_ptr<LmdbVolume>> volumes_;
        std::mutex changing_; ///< one account at a time is made or removed
        mutable std::shared_mutex accounts_mutex_;
        std::map<std::string, Account, std::less<>> accounts_;
        std::map<std::string, std::set<AccountId>, std::less<>> sharing_; ///< by identifier
    };

    LmdbStore::LmdbStore(StoreOptions options)
        : options_(std::move(options))
        , lock_(options_.path)
        , catalogue_(std::make_unique<LmdbVolume>(
              options_.path / "catalogue", catalogue_map_size, no_callback_))
    {
        volumes_.push_back(std::make_unique<LmdbVolume>(
            options_.path / "volumes" / "0", options_.map_size, on_commit_));
        load_secret();
        load_accounts();
        load_sharing();
        purge_leftovers();
    }

    LmdbStore::~LmdbStore()
    {
        for (auto const& volume : volumes_)
            volume->stop();
    }

    void LmdbStore::load_secret()
    {
        {
            auto const txn = catalogue_->read();
            if (auto const known = txn.get(Table::meta, secret_key)) {
                secret_ = *known;
                return;
            }
        }
        secret_.resize(32);
        if (::getentropy(secret_.data(), secret_.size()) != 0)
            throw std::runtime_error("the system gives no random octets for the store's secret");
        auto const kept = catalogue_->write([&](WriteTxn& txn) -> Result<void> {
            txn.put(Table::meta, secret_key, secret_);
            return {};
        });
        if (!kept)
            throw std::runtime_error(
                "no room for the store's secret: make room on its disk and start again");
    }

    void LmdbStore::load_accounts()
    {
        auto const txn = catalogue_->read();
        Cursor cursor(txn, Table::meta);
        for (bool more = cursor.seek(account_prefix);
             more && cursor.key().starts_with(account_prefix); more = cursor.next()) {
            RecordReader reader(cursor.value());
            Account account { .name = std::string(cursor.key().substr(account_prefix.size())) };
            account.id.value = reader.number<std::uint64_t>();
            account.volume = reader.number<std::uint32_t>();
            if (account.volume >= volumes_.size())
                throw std::runtime_error(
                    fmt::format("account {} is in volume {}, which this store does not have",
                        account.name, account.volume));
            accounts_.emplace(account.name, account);
        }
    }

    void LmdbStore::load_sharing()
    {
        auto const txn = catalogue_->read();
        Cursor cursor(txn, Table::meta);
        for (bool more = cursor.seek(sharing_prefix);
             more && cursor.key().starts_with(sharing_prefix); more = cursor.next()) {
            auto const key = cursor.key().substr(sharing_prefix.size());
            sharing_[std::string(key.substr(8))].insert(
                AccountId { load_big_endian(key.substr(0, 8)) });
        }
    }

    Result<void> LmdbStore::note_sharing(Account const& account, std::string_view identifier)
    {
        std::lock_guard const one_at_a_time(changing_);
        if (!find_account(account.name))
            return Errc::not_found;
        {
            std::shared_lock const lock(accounts_mutex_);
            auto const known = sharing_.find(identifier);
            if (known != sharing_.end() && known->second.contains(account.id))
                return {};
        }
        auto const noted = catalogue_->write([&](WriteTxn& txn) -> Result<void> {
            txn.put(Table::meta, sharing_key(account.id, identifier), {});
            return {};
        });
        if (!noted)
            return noted.error();
        {
            std::unique_lock const lock(accounts_mutex_);
            sharing_[std::string(identifier)].insert(account.id);
        }
        if (on_commit_) {
            Committed const shared {}; // of no account
            on_commit_({ &shared, 1 });
        }
        return {};
    }

    std::vector<Account> LmdbStore::sharing_with(std::span<std::string const> identifiers) const
    {
        std::shared_lock const lock(accounts_mutex_);
        std::set<AccountId> ids;
        for (auto const& identifier : identifiers)
            if (auto const found = sharing_.find(identifier); found != sharing_.end())
                ids.insert(found->second.begin(), found->second.end());
        std::vector<Account> found;
        if (!ids.empty())
            for (auto const& [name, account] : accounts_)
                if (ids.contains(account.id))
                    found.push_back(account);
        return found;
    }

    void LmdbStore::purge_leftovers()
    {
        std::vector<std::pair<AccountId, std::uint32_t>> left;
        {
            auto const txn = catalogue_->read();
            Cursor cursor(txn, Table::meta);
            for (bool more = cursor.seek(purge_prefix);
                 more && cursor.key().starts_with(purge_prefix); more = cursor.next())
                left.emplace_back(
                    AccountId { load_big_endian(cursor.key().substr(purge_prefix.size())) },
                    RecordReader(cursor.value()).number<std::uint32_t>());
        }
        for (auto const& [account, volume] : left)
            purge(account, volume);
    }

    /// Removes the account's rows, then the note that they are to be removed. When there is no room
    /// for that, the note stays and it is done when the store is opened again.
    void LmdbStore::purge(AccountId account, std::uint32_t volume)
    {
        bool more = true;
        while (more) {
            auto const sliced = volumes_.at(volume)->write([&](WriteTxn& txn) -> Result<void> {
                more = purge_slice(txn, account, slice);
                return {};
            });
            if (!sliced)
                return;
        }
        (void)catalogue_->write([&](WriteTxn& txn) -> Result<void> {
            txn.erase(Table::meta, purge_key(account));
            return {};
        });
    }

    Result<Account> LmdbStore::find_account(std::string_view name) const
    {
        auto const checked = check_account_name(name);
        if (!checked)
            return Errc::not_found;
        std::shared_lock const lock(accounts_mutex_);
        auto const found = accounts_.find(*checked);
        if (found == accounts_.end())
            return Errc::not_found;
        return found->second;
    }

    std::vector<Account> LmdbStore::accounts() const
    {
        std::shared_lock const lock(accounts_mutex_);
        std::vector<Account> all;
        all.reserve(accounts_.size());
        for (auto const& [name, account] : accounts_)
            all.push_back(account);
        return all;
    }

    /// Takes a new id, and notes that what it has is to be purged until the account is complete.
    Result<LmdbStore::Reserved> LmdbStore::reserve_account(std::uint32_t volume)
    {
        Reserved reserved;
        auto const written = catalogue_->write([&](WriteTxn& txn) -> Result<void> {
            auto const next = txn.get(Table::meta, next_account_key);
            reserved.id.value = next ? RecordReader(*next).number<std::uint64_t>() : 1;
            auto const validity = txn.get(Table::meta, uid_validity_key);
            reserved.uid_validity = validity ? RecordReader(*validity).number<std::uint32_t>() : 0;
            std::string value;
            RecordWriter(value).number(reserved.id.value + 1);
            txn.put(Table::meta, next_account_key, value);
            txn.put(Table::meta, purge_key(reserved.id), encode_volume(volume));
            return {};
        });
        if (!written)
            return written.error();
        return reserved;
    }

    Result<void> LmdbStore::fill_account(Account const& account, std::uint32_t uid_validity,
        std::vector<NewMailbox> const& mailboxes)
    {
        return volumes_.at(account.volume)->write([&](WriteTxn& txn) -> Result<void> {
            save_account(txn, account.id, { .uid_validity = uid_validity });
            auto const inbox
                = create_mailbox(txn, account.id, { .name = "INBOX", .subscribed = true });
            if (!inbox)
                return inbox.error();
            for (auto const& mailbox : mailboxes) {
                auto const made = create_mailbox(txn, account.id, mailbox);
                if (!made
                    && made.error() != Errc::already_exists) // INBOX, or a parent of the one before
                    return made.error();
            }
            return {};
        });
    }

    Result<Account> LmdbStore::open_account(
        std::string_view name, std::vector<NewMailbox> const& mailboxes)
    {
        if (auto const found = find_account(name))
            return *found;
        auto const checked = check_account_name(name);
        if (!checked)
            return checked.error();
        std::lock_guard const one_at_a_time(changing_);
        if (auto const found = find_account(name))
            return *found;
        auto const reserved = reserve_account(0);
        if (!reserved)
            return reserved.error();
        Account const account { .id = reserved->id, .name = *checked, .volume = 0 };
        if (auto const filled = fill_account(account, reserved->uid_validity, mailboxes); !filled) {
            purge(account.id, account.volume);
            return filled.error();
        }
        auto const listed = catalogue_->write([&](WriteTxn& txn) -> Result<void> {
            std::string value;
            RecordWriter(value).number(account.id.value).number(account.volume);
            txn.put(Table::meta, account_key(account.name), value);
            txn.erase(Table::meta, purge_key(account.id));
            return {};
        });
        if (!listed) {
            purge(account.id, account.volume);
            return listed.error();
        }
        std::unique_lock const lock(accounts_mutex_);
        accounts_.emplace(account.name, account);
        return account;
    }

    Result<void> LmdbStore::remove_account(std::string_view name)
    {
        std::lock_guard const one_at_a_time(changing_);
        auto const account = find_account(name);
        if (!account)
            return account.error();
        std::uint32_t used = 0;
        if (auto const record = load_account(volume_of(*account).read(), account->id))
            used = record->uid_validity;
        std::vector<std::string> shared_with;
        for (auto const& [identifier, ids] : sharing_) // changed under changing_ only
            if (ids.contains(account->id))
                shared_with.push_back(identifier);
        auto const unlisted = catalogue_->write([&](WriteTxn& txn) -> Result<void> {
            auto const validity = txn.get(Table::meta, uid_validity_key);
            auto const highest
                = std::max(used, validity ? RecordReader(*validity).number<std::uint32_t>() : 0);
            txn.put(Table::meta, uid_validity_key, encode_volume(highest));
            txn.erase(Table::meta, account_key(account->name));
            for (auto const& identifier : shared_with)
                txn.erase(Table::meta, sharing_key(account->id, identifier));
            txn.put(Table::meta, purge_key(account->id), encode_volume(account->volume));
            return {};
        });
        if (!unlisted)
            return unlisted.error();
        {
            std::unique_lock const lock(accounts_mutex_);
            accounts_.erase(account->name);
            for (auto const& identifier : shared_with)
                sharing_[identifier].erase(account->id);
        }
        purge(account->id, account->volume);
        return {};
    }

    std::size_t LmdbStore::sweep_expunged(std::chrono::system_clock::time_point now)
    {
        using std::chrono::duration_cast;
        auto const since_epoch = duration_cast<std::chrono::seconds>(now.time_since_epoch());
        auto const cutoff = (since_epoch - options_.undelete_window).count();
        std::size_t freed = 0;
        for (auto const& account : accounts()) {
            auto& volume = volume_of(account);
            bool more = needs_sweep(volume.read(), account.id, cutoff);
            while (more) {
                Swept swept;
                auto const written = volume.write([&](WriteTxn& txn) -> Result<void> {
                    swept = sweep_slice(txn, account.id, cutoff, slice);
                    return {};
                });
                if (!written) // no space or shutting down: the timer comes again
                    return freed;
                freed += swept.messages;
                more = swept.more;
            }
            sweep_threads(account);
        }
        return freed;
    }

    void LmdbStore::sweep_threads(Account const& account)
    {
        auto& volume = volume_of(account);
        std::vector<std::uint64_t> dead;
        ModSeq snapshot;
        {
            auto const txn = volume.read();
            auto const record = load_account(txn, account.id);
            if (!record || !needs_thread_sweep(*record))
                return;
            snapshot = record->mod_seq;
            dead = find_dead_links(txn, account.id);
        }
        std::span<std::uint64_t const> left(dead);
        do {
            auto const now = left.first(std::min(slice, left.size()));
            auto const erased = volume.write([&](WriteTxn& txn) -> Result<void> {
                erase_links(txn, account.id, now, snapshot);
                return {};
            });
            if (!erased)
                return;
            left = left.subspan(now.size());
        } while (!left.empty());
    }

} // namespace

std::unique_ptr<Store> Store::open(StoreOptions options)
{
    return std::make_unique<LmdbStore>(std::move(options));
}

} // namespace mail::storage
