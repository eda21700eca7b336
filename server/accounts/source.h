// One place where accounts stand: the users file, PAM, a directory, a database. A source knows its
// own accounts and nothing about logins: Accounts asks several in the order of the config.
#pragma once

#include "server/accounts/passwords.h"
#include "server/accounts/user_entry.h"

#include <array>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mail::server {

/// What the source would say is not known now. Says why, for the log; without passwords.
struct SourceDown : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What a client comes with.
struct Tried {
    std::string password;
    std::string address; ///< of the client, numeric; "local": it came by a unix socket
};

/// What a source that checks passwords itself says to one.
enum class Verdict {
    right,
    wrong,
    disabled, ///< right, and yet the account may not log in now
};

/// How a source is to be asked.
struct SourceTerms {
    /// Calls at the same time, each on a thread that it may hold. 0: what is found is found at
    /// once, from memory or nearly so.
    unsigned workers = 0;
    /// Of one call, the wait for a worker included. Later the caller is gone; the call itself must
    /// end soon afterwards, so that its thread comes back.
    std::chrono::milliseconds time_limit { 0 };
    std::chrono::seconds cache_time { 0 }; ///< for which its accounts may be remembered
};

/// Any thread calls any function, several at once. All that ask may throw SourceDown.
class Source {
public:
    virtual ~Source() = default;

    virtual std::string const& name() const = 0; ///< for the log: "the users file /etc/…/users"
    virtual SourceTerms terms() const { return {}; }

    /// Who logs in by this name, in lower case.
    virtual EntryPtr find(std::string const& name) = 0;
    /// Who takes mail for this address, in lower case: by name or by an alias.
    virtual EntryPtr find_by_address(std::string const& address) = 0;

    /// Whether it is known here, without asking anybody, that accounts have addresses in the
    /// domain, given in lower case.
    virtual bool has_domain(std::string_view) const { return false; }

    /// Whether passwords are checked here, and not by the hashes of entries.
    virtual bool checks_passwords() const { return false; }
    /// Where passwords are checked here. `entry` is one that find() gave.
    virtual Verdict check_password(UserEntry const& entry, Tried const& tried);
    /// Whether what check_password() says may be another thing for a client elsewhere.
    virtual bool looks_at_addresses() const { return false; }

    /// Whether replace() can be used.
    virtual bool stores_verifiers() const { return false; }
    /// Puts `with` in the place of the entry's hash and keys, on disk when this returns. False: the
    /// stored hash is no longer that of the entry, and stays as it is. May take long in any case.
    virtual bool replace(UserEntry const& entry, Verifiers const& with);

    /// By ScramHash, whether all who may log in have keys of that kind, or a password that they can
    /// be made of. Costs nothing worth mentioning.
    virtual std::array<bool, sasl::scram_hashes> keys_of_all() const = 0;
    /// Some account in place of one that does not exist, the same each time for the same name: to
    /// check its password costs what it commonly costs here. Null: none is at hand.
    virtual EntryPtr stand_in(std::string_view) const { return {}; }
};

} // namespace mail::server
