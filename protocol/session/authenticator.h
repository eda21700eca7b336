// Who may log in, and who gets mail: what the protocols ask of the account sources in server/.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/sasl/scram_keys.h"
#include "protocol/session/pop3_policy.h"
#include "storage/accounts.h"

#include <boost/system/result.hpp>

#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mail::session {

/// Why a login or a look-up was refused. Only `wrong_credentials` is about the password.
enum class Refusal {
    wrong_credentials = 1, ///< unknown user or wrong password; never told apart
    unavailable, ///< the source of accounts cannot be asked now: try again later
    disabled, ///< the account exists and may not log in (now, here, by this protocol)
    needs_tls, ///< a password may not travel unencrypted here
    too_many, ///< a limit of sessions is reached
    throttled, ///< too many wrong passwords came from there, or for this account: wait
};

/// One attempt to log in, as far as it does not matter whose it is.
struct Attempt {
    std::string protocol; ///< "imap", "pop3", "lmtp"; of MTAs that ask for their clients "smtp"
    std::string mechanism; ///< of SASL, or the command: "LOGIN", "PASS"
    Peer peer;
    bool is_encrypted = false;
    std::string authzid = {}; ///< whom to act as; empty: as oneself (RFC 4422 §2)
    std::string trace = {}; ///< what an anonymous client says of itself: anything (RFC 4505)
};

/// One account as its source describes it.
struct User {
    std::string name; ///< normalised: lower case, the name of the storage account
    std::vector<std::string> groups = {}; ///< that access control lists may name, without "$"
    /// That the user may redeem URLs for, such as "submit" and "stream" (RFC 5593), in lower case.
    std::vector<std::string> applications = {};
    bool is_disabled = false; ///< may not log in; mail is taken
    bool is_administrator = false; ///< may set quotas (RFC 9208 §4.1.4)
    bool is_read_only = false; ///< in this session nothing can be changed
    bool is_anonymous = false; ///< nobody has shown that it is this user (RFC 4505)
    storage::Quota quota = {}; ///< what the account may use
    std::vector<std::string> capabilities_off = {}; ///< IMAP's, that this account is not offered
    Pop3Overrides pop3 = {};
    /// After a login as somebody else (Attempt::authzid): who that was. Empty: the user itself.
    std::string authenticated_as = {};
    /// After a login: a place among the account's sessions, which the session keeps until it logs
    /// out.
    std::shared_ptr<void> place = {};
};

/// By what clients can show who they are, beside passwords.
struct Proofs {
    /// By ScramHash, whether all who may log in have keys of that kind.
    std::array<bool, sasl::scram_hashes> keys {};
    bool tokens = false; ///< of OAuth 2
    bool anonymous = false; ///< none at all is asked for (RFC 4505)
};

/// What a client is to know that has no token, or a wrong one (RFC 7628 §3.2.2).
struct TokenAdvice {
    std::string scope = {}; ///< that a token needs; empty: none
    std::string openid_configuration = {}; ///< URL of the document that says where tokens are got
    std::vector<std::string> hosts = {}; ///< this server's, in lower case; empty: any name is right
};

/// Each login gives a User who may come in: as `attempt.authzid`, where that is allowed.
class Authenticator {
public:
    virtual ~Authenticator() = default;

    /// Checks name and password; the hashing runs on a worker, not on the I/O thread. Costs the
    /// same for unknown users.
    virtual awaitable<boost::system::result<User, Refusal>> check_password(
        Attempt attempt, std::string name, std::string password)
        = 0;

    /// The keys for SCRAM. For a user that does not exist or has none, made-up ones, the same each
    /// time, which no password fits. Only for what the source cannot be asked it refuses.
    virtual awaitable<boost::system::result<sasl::ScramKeys, Refusal>> scram_keys(
        Attempt attempt, std::string name, sasl::ScramHash hash)
        = 0;

    /// Lets in who has shown by other means than a password who he is. Never wrong_credentials, but
    /// for a user who is gone meanwhile.
    virtual awaitable<boost::system::result<User, Refusal>> admit(Attempt attempt, std::string name)
        = 0;

    /// Whom a token of OAuth 2 belongs to. unavailable: whoever knows could not be asked.
    virtual awaitable<boost::system::result<User, Refusal>> check_token(
        Attempt attempt, std::string token)
        = 0;
    virtual TokenAdvice token_advice() const = 0;

    /// The account that anonymous clients may read; disabled: there is none.
    virtual awaitable<boost::system::result<User, Refusal>> admit_anonymous(Attempt attempt) = 0;

    /// The keys that scram_keys gave were not answered with a proof of the password.
    virtual void note_wrong_proof(Attempt const& attempt, std::string_view name) = 0;

    virtual Proofs proofs() = 0; ///< Cheap: asked for each client.

    /// Finds the account that takes mail for an address (or a name without a domain), or has this
    /// name. nullopt: no such user. Throws AccountsUnavailable.
    virtual awaitable<std::optional<User>> find_recipient(std::string address) = 0;

    /// Whether accounts are known to have addresses in the domain, given in lower case. Cheap:
    /// false as well where only somebody else could tell.
    virtual bool has_domain(std::string_view domain) = 0;
};

/// Whether there is such a user cannot be found out now. Never to be taken for "there is none".
struct AccountsUnavailable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

[[noreturn]] void throw_exception_from_error(Refusal refusal, boost::source_location const& where);

} // namespace mail::session
