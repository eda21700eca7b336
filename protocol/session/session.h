// A client's session: who is logged in, and the way to the store. IMAP, POP3 and LMTP stand on it.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/deflate_stream.h"
#include "protocol/session/journal.h"
#include "protocol/session/login.h"
#include "protocol/session/namespaces.h"
#include "protocol/session/own_changes.h"
#include "protocol/session/settings.h"
#include "protocol/session/write.h"
#include "storage/changes.h"
#include "storage/store.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace mail::session {

class Hub;

/// What all sessions of the server share.
struct Services {
    storage::Store& store;
    Hub& hub;
    Authenticator& authenticator;
    Journal& journal;
    Settings const& settings;
    boost::asio::any_io_executor
        workers; ///< a pool for what would hold an I/O thread longer than a millisecond or two
};

class Session {
public:
    enum class Protocol { imap, pop3, lmtp, mta };

    Session(Services& services, ByteStream& stream, Protocol protocol);

    Login& login() { return login_; }
    /// The listener takes mail of this client without a login. Not by itself.
    bool is_trusted() const { return is_trusted_; }
    void set_is_trusted(bool is_trusted) { is_trusted_ = is_trusted; }
    /// Opens the account of a user whom login() let in, making it at the first time. unavailable.
    awaitable<boost::system::result<void, Refusal>> enter(User user, Attempt attempt);
    /// Login::by_password and enter() in one. The caller counts failures.
    awaitable<boost::system::result<void, Refusal>> log_in(
        std::string name, std::string password, std::string_view mechanism);
    void log_out()
    {
        identity_.reset();
        user_ = {};
        own_changes_.keep(false);
    }

    bool is_logged_in() const { return identity_.has_value(); }
    storage::Account const& account() const { return identity_->account; }
    Identity const& identity() const { return *identity_; }
    User const& user() const { return user_; }
    bool is_read_only() const { return user_.is_read_only; } ///< each write() ends with `denied`
    std::span<std::string const> identifiers() const
    {
        return identity_->identifiers;
    } ///< under which access control lists may name the user

    // Mailboxes by the names that the client knows them by (namespaces.h)

    /// Where the name leads. not_found: to no account.
    storage::Result<MailboxName> interpret(std::string_view name);
    /// Whether names that begin with this level lead to other accounts. A mailbox of one's own
    /// hides a namespace of the same name: it was there before, and must not get out of reach.
    bool is_namespace(std::string_view first_level);
    /// The name by which the client knows a mailbox.
    std::string client_name(storage::Account const& owner, std::string_view name) const;
    /// One name for each mailbox, however the client spells its account or INBOX; a name that leads
    /// nowhere stays. Subscriptions are kept by it.
    std::string canonical_name(std::string_view name);
    /// Finds a mailbox with which the user may do all that is `needed`. not_found: there is none,
    /// or the user may not know of it; denied.
    storage::Result<Located> find_mailbox(std::string_view name, storage::Rights needed);
    /// The same, in a transaction of the account's volume.
    storage::Result<Located> locate(
        storage::ReadTxn const& txn, MailboxName const& name, storage::Rights needed) const;
    /// Some user, by name; nothing when there is none who may log in. Throws AccountsUnavailable.
    awaitable<std::optional<Identity>> find_identity(std::string user);
    /// As find_mailbox, with the eyes of somebody else: by the name that they know it by.
    storage::Result<Located> find_mailbox_of(
        Identity const& who, std::string_view name, storage::Rights needed);
    /// Whether the user may make a mailbox of this name: on the nearest mailbox above it the right
    /// to create is needed (RFC 4314 §4). denied, not_found.
    storage::Result<void> may_create(storage::ReadTxn const& txn, MailboxName const& name) const;
    /// What the user may do with a mailbox; all, with those of the own account; in a session that
    /// is read-only not more than to see and to read it.
    storage::Rights rights_at(storage::ReadTxn const& txn, storage::Place place) const;
    /// What the owner of a mailbox may use, as configured. Nobody is asked about the session's own
    /// account. Throws AccountsUnavailable.
    awaitable<storage::Quota> quota_of(storage::Account owner);

    Services& services() { return services_; }
    Settings const& settings() const { return services_.settings; }
    Hub& hub() { return services_.hub; }
    /// To the client, compressed where that was agreed on. Everything goes through this one.
    ByteStream& stream() { return stream_; }
    DeflateStream& compression() { return stream_; }
    Peer const& peer() const { return stream_.peer(); }
    storage::Volume& volume() { return services_.store.volume_of(account()); }
    storage::Volume& volume_of(storage::Account const& owner)
    {
        return services_.store.volume_of(owner);
    }

    /// Calls f(ReadTxn const&) here and now, on a snapshot that ends with the call.
    template <class F> auto read(F&& f)
    {
        auto const txn = volume().read();
        return f(txn);
    }

    /// The same in the volume of another account.
    template <class F> auto read_at(storage::Account const& owner, F&& f)
    {
        auto const txn = volume_of(owner).read();
        return f(txn);
    }

    /// Runs f(WriteTxn&) -> storage::Result<T> on the account's writer thread and returns its
    /// result after the sync. `f` may be called again after an attempt that was undone, so it
    /// assigns what it captures and does not add to it; and it must not be a temporary that
    /// captures by value (STYLE.md, the GCC 12 rule): name it first, or capture by reference.
    template <class F> auto write(F& f) -> awaitable<std::invoke_result_t<F&, storage::WriteTxn&>>
    {
        return write_at(account(), f);
    }

    /// The same in the volume of another account.
    template <class F>
    auto write_at(storage::Account const& owner, F& f)
        -> awaitable<std::invoke_result_t<F&, storage::WriteTxn&>>
    {
        if (is_read_only())
            return refuse_write<F>();
        if (own_changes_.is_kept())
            return write_noted(owner.id, volume_of(owner), f);
        return session::write(volume_of(owner), stream_.executor(), f);
    }

    /// Runs f() on a worker thread and returns its result here. Same rule for `f`.
    template <class F> auto work(F& f) -> awaitable<std::invoke_result_t<F&>>
    {
        return session::work(services_.workers, stream_.executor(), f);
    }

    /// What write and write_at did, where that is kept.
    OwnChanges& own_changes() { return own_changes_; }
    OwnChanges const& own_changes() const { return own_changes_; }

    /// A text for people in the language that the user asked for.
    std::string translated(std::string_view english) const
    {
        return translation_ ? translation_(english) : std::string(english);
    }
    void translate(std::string (*translation)(std::string_view english))
    {
        translation_ = translation;
    } ///< null: not at all

private:
    // What the user may see, for anybody
    bool is_namespace_for(Identity const& who, std::string_view first_level);
    storage::Result<MailboxName> interpret_for(Identity const& who, std::string_view name);
    storage::Result<Located> locate_for(Identity const& who, storage::ReadTxn const& txn,
        MailboxName const& name, storage::Rights needed) const;
    storage::Rights rights_of(
        Identity const& who, storage::ReadTxn const& txn, storage::Place place) const;

    template <class F>
    static auto refuse_write() -> awaitable<std::invoke_result_t<F&, storage::WriteTxn&>>
    {
        co_return storage::Errc::denied;
    }

    template <class F>
    auto write_noted(storage::AccountId owner, storage::Volume& at, F& f)
        -> awaitable<std::invoke_result_t<F&, storage::WriteTxn&>>
    {
        // The writer does one job after the other: the MODSEQs in between are this job's.
        storage::ModSeq before;
        storage::ModSeq last;
        auto noted = [&](storage::WriteTxn& txn) {
            before = storage::highest_mod_seq(txn, owner);
            auto result = f(txn);
            last = storage::highest_mod_seq(txn, owner);
            return result;
        };
        auto result = co_await session::write(at, stream_.executor(), noted);
        if (result)
            own_changes_.add(owner, before, last);
        co_return std::move(result);
    }

    Services& services_;
    DeflateStream stream_;
    Login login_;
    std::optional<Identity> identity_;
    User user_; ///< with a place among the account's sessions
    OwnChanges own_changes_;
    std::string (*translation_)(std::string_view english) = nullptr;
    bool is_trusted_ = false;
};

} // namespace mail::session
