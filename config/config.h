// What the administrator wrote into the config file, as plain values with their defaults.
// config/mailroom.toml explains every one of them.
#pragma once

#include "config/auth_source.h"
#include "config/https_url.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mail::config {

inline constexpr int current_version = 1; ///< config_version of the files that this program reads

enum class Protocol {
    imap,
    pop3,
    lmtp,
    // What MTAs ask before they take mail
    auth, ///< Dovecot's authentication protocol
    policy, ///< Postfix's policy delegation
    socketmap,
};

enum class Tls {
    implicit, ///< from the first octet
    starttls, ///< when the client asks for it
    none
};

/// Where a listener listens.
struct Endpoint {
    std::string host; ///< numeric IPv4 or IPv6 address, without brackets; empty for a unix socket
    std::uint16_t port = 0; ///< 0: any free port
    std::filesystem::path unix_path; ///< set for a unix socket
    bool is_unix() const { return !unix_path.empty(); }
    bool is_loopback() const; ///< 127.0.0.0/8, ::1 or a unix socket
    std::string text() const; ///< as the config file writes it
    bool operator==(Endpoint const&) const = default;
};

struct Listener {
    Protocol protocol = Protocol::imap;
    Endpoint endpoint;
    Tls tls = Tls::none;
    bool allow_plaintext_login = false; ///< passwords without TLS; loopback only
    /// Who may deliver by LMTP without a login; nullopt: clients on this machine.
    std::optional<std::vector<std::string>> trusted_networks;
    unsigned mode = 0660; ///< permissions of a unix socket
    bool proxy_protocol = false; ///< each connection begins with a header of the PROXY protocol
};

/// Proxies that tell by the PROXY protocol whom they connect.
struct Proxy {
    std::vector<std::string> networks; ///< of the proxies: "192.0.2.0/24", "2001:db8::1"
};

struct Storage {
    std::filesystem::path path;
    std::chrono::seconds undelete_window = std::chrono::hours(14 * 24);
    std::uint64_t map_size = std::uint64_t { 1 } << 40; ///< octets of address space per volume
};

/// One certificate of the server.
struct TlsFiles {
    std::filesystem::path certificate; ///< PEM, the server's own first, then the chain
    std::filesystem::path private_key; ///< PEM
    std::filesystem::path ocsp_response; ///< DER; empty: none is stapled
};

enum class ClientCertificate {
    none, ///< clients are not asked for one
    optional,
    required
};

/// Where a client's certificate may name the account (RFC 5280 §4.2.1.6, §4.1.2.6).
enum class CertifiedName {
    email, ///< subjectAltName: rfc822Name
    dns, ///< subjectAltName: dNSName
    upn, ///< subjectAltName: Microsoft's user principal name
    common_name, ///< of the subject
    subject_email ///< emailAddress of the subject
};

struct TlsSettings {
    std::vector<TlsFiles> certificates; ///< the first one is the default; empty: no TLS
    bool only_tls13 = false;
    /// By OpenSSL's names; empty: Mozilla's intermediate level.
    std::vector<std::string> ciphers; ///< of TLS 1.2
    std::vector<std::string> suites; ///< of TLS 1.3
    std::vector<std::string> groups; ///< of the key exchange
    ClientCertificate client_certificate = ClientCertificate::none;
    std::filesystem::path client_ca; ///< PEM: who signs clients' certificates
    std::filesystem::path client_crl; ///< PEM; empty: nothing is revoked
    std::vector<CertifiedName> client_names { CertifiedName::email, CertifiedName::common_name };
};

struct Limits {
    std::uint64_t message_size = 50u << 20;
    std::uint64_t line_length = 64u << 10;
    std::uint64_t command_literals = 256u << 10;
    unsigned sessions = 20'000; ///< in all
    unsigned sessions_per_address = 200;
    unsigned sessions_per_account = 100;
    unsigned unauthenticated_per_address = 50; ///< sessions that have not logged in
    bool exempt_loopback = true; ///< of the limit per address
    int bad_commands = 20;
    int failed_logins = 3;
    std::size_t lmtp_recipients = 1000;
    std::chrono::seconds handshake_time { 30 };
    std::chrono::seconds login_time { 60 };
    std::chrono::seconds idle_time { 30 * 60 };
    std::chrono::seconds pop3_idle_time { 10 * 60 };
    std::chrono::seconds lmtp_idle_time { 5 * 60 };
    std::chrono::seconds mta_idle_time { 30 * 60 };
};

enum class SpecialUse { none, all, archive, drafts, flagged, junk, sent, trash };

struct Mailbox {
    std::string name; ///< UTF-8, '/' between levels
    SpecialUse special_use = SpecialUse::none;
    bool subscribed = true;
};

/// Whom to ask about tokens that say nothing themselves (RFC 7662).
struct Introspection {
    HttpsUrl url; ///< without host: nobody is asked
    std::filesystem::path ca_file; ///< PEM; empty: those that the system trusts
    std::string client_id; ///< with the secret: how this server shows there who it is
    std::filesystem::path client_secret_file;
    std::filesystem::path bearer_token_file; ///< in place of both
    std::chrono::seconds time_limit { 5 };
    std::chrono::seconds cache_time { 60 }; ///< 0: answers are not remembered
};

/// Tokens of OAuth 2 in place of passwords.
struct Oauth {
    std::vector<std::filesystem::path> jwks_files; ///< keys of whoever signs tokens (RFC 7517)
    std::string issuer;
    std::vector<std::string> audience; ///< one of them must be the token's
    std::string scope; ///< that a token must have; empty: none
    std::string name_claim = "email"; ///< which names the account
    std::chrono::seconds leeway { 30 }; ///< by which clocks may differ
    std::string openid_configuration; ///< URL, for clients that have no token yet
    std::vector<std::string> hosts; ///< this server's names, lower case; empty: not compared
    Introspection introspection;
    bool is_on() const { return !jwks_files.empty() || !introspection.url.host.empty(); }
};

/// What is done against those who guess passwords.
struct Guessing {
    bool enabled = true;
    unsigned wrong_per_address = 10; ///< without a wait
    std::chrono::seconds wait { 60 }; ///< between later ones; doubled with each wrong one
    std::chrono::seconds longest_wait { 15 * 60 };
    unsigned wrong_per_network = 100; ///< of a /24 or /48, without a wait
    unsigned wrong_per_account = 20; ///< from networks where it never logged in, without a wait
    unsigned attempts_per_minute = 10; ///< for an account, or from a network, after that
    std::chrono::seconds known_networks_time { 90 * 24 * 3600 };
    bool count_loopback = false; ///< clients on this machine are what they seem
};

struct Auth {
    /// The first users file; empty: there is none.
    std::filesystem::path users_file;
    std::vector<AuthSource> sources; ///< in their order; empty: the users file alone
    std::string default_domain; ///< lower case; empty: none
    std::chrono::seconds cache_time { 5 * 60 }; ///< 0: successful logins are not remembered
    std::string anonymous_account; ///< that anybody may read; empty: none
    Oauth oauth;
    bool weak_schemes = false; ///< of password hashes
    bool rehash = true; ///< hashes below today's parameters, at a login
    std::filesystem::path app_passwords_file; ///< empty: beside the users file
    std::string master_separator; ///< in "user*master"; empty: no such names
    unsigned checks_at_once = 0; ///< passwords; 0: four per core
    std::vector<std::string> allow_networks; ///< that may log in; empty: all
    std::vector<std::string> deny_networks;
    Guessing guessing;
};

/// Clients of some networks.
struct ImapNetwork {
    std::vector<std::string> networks; ///< "192.0.2.0/24", "2001:db8::1"
    std::vector<std::string> capabilities_off;
};

/// What clients are told about the server (RFC 5464).
struct ImapMetadata {
    std::string entry; ///< "/shared/comment", lower case
    std::string value;
};

struct Imap {
    std::vector<std::string> capabilities_off;
    std::vector<ImapNetwork> networks;
    unsigned message_limit = 0; ///< messages that one command works on (RFC 9738); 0: no limit
    unsigned save_limit = 0; ///< messages that one COPY or APPEND adds; 0: no limit
    std::string language = "i-default"; ///< of clients that ask for the server's own choice
    std::chrono::seconds keep_alive { 2 * 60 }; ///< 0: nothing is said to idle clients
    std::vector<ImapMetadata> metadata;
};

/// Order of messages in a maildrop.
enum class Pop3Order { arrival, newest, date };

struct Pop3 {
    std::vector<std::string> mailboxes { "INBOX" }; ///< "*": all but drafts, sent, junk and trash
    std::chrono::seconds max_age { 0 }; ///< older messages are not shown; 0: all are
    Pop3Order order = Pop3Order::arrival;
    std::string uidl_format = "%v-%u";
    bool deletes_by_flag = false;
    std::optional<std::uint32_t> expire_days; ///< nullopt: never
    std::optional<std::uint32_t> account_expire_days; ///< the least of accounts' own; nullopt: none
    std::chrono::seconds login_delay { 0 }; ///< 0: none
    std::optional<std::chrono::seconds> account_login_delay; ///< the most of accounts' own
    std::chrono::seconds takeover_time { 2 * 60 }; ///< 0: never
    bool implementation = true; ///< CAPA tells what server this is
    std::string language = "i-default"; ///< of clients that ask for the server's own choice
};

struct Sharing {
    bool enabled = true;
    std::string other_users = "Other Users"; ///< first level of names of others' mailboxes
    std::string shared = "Shared"; ///< first level of names of the shared account's mailboxes
    std::string shared_account; ///< lower case; empty: none
    bool allow_anyone = false;
};

/// What an account may use where the users file does not say otherwise; nullopt: no bound.
struct Quota {
    std::optional<std::uint64_t> storage; ///< octets
    std::optional<std::uint64_t> messages;
    std::optional<std::uint64_t> mailboxes;
    unsigned warning = 90; ///< percent; 0: never
    bool rejects = false; ///< mail for a full account is refused for good, not deferred
};

struct Lmtp {
    std::vector<std::string> deliverers; ///< accounts that may deliver after a login, lower case
    bool announce_dsn = false;
    bool deliver_to_detail = false;
    bool create_detail = false;
    bool detail_needs_post = false;
    std::string recipient_delimiter = "+";
    std::chrono::seconds duplicate_window { 0 }; ///< 0: duplicates are stored
    unsigned max_hops = 100;
    unsigned messages_per_session = 0; ///< 0: no limit
    std::chrono::seconds message_time { 60 * 60 };
};

/// What MTAs are told that ask whether to take mail.
struct Mta {
    std::vector<std::string> domains; ///< lower case; those of the accounts' addresses count anyway
    bool rejects_unknown = false; ///< by the policy service
    bool defers_on_trouble = false; ///< the policy service, when accounts cannot be looked up
};

enum class LogFormat { automatic, plain, journald };
enum class LogLevel { debug, info, warning, error };

struct Log {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::automatic;
};

/// How far the process is held to what it needs.
enum class Confine {
    required, ///< it does not serve unless all of it works
    possible, ///< as far as the kernel can
    off
};

struct Process {
    std::string user; ///< to become when started as root; empty: stay root
    Confine confine = Confine::possible;
    std::vector<std::filesystem::path> read; ///< more that it may read
    std::vector<std::filesystem::path> write; ///< more that it may change
};

struct Threads {
    unsigned io = 0; ///< 0: one per core
    unsigned workers = 0; ///< 0: one per core
};

struct Config {
    std::filesystem::path file;
    std::string hostname;
    Storage storage;
    TlsSettings tls;
    std::vector<Listener> listeners;
    Proxy proxy;
    Limits limits;
    std::vector<Mailbox> mailboxes; ///< made beside INBOX for a new account
    Auth auth;
    Imap imap;
    Pop3 pop3;
    Sharing sharing;
    Quota quota;
    Lmtp lmtp;
    Mta mta;
    Log log;
    Process process;
    Threads threads;
};

std::vector<Mailbox> default_mailboxes(); ///< Drafts, Sent, Trash, Junk, Archive with their roles
char const* name_of(Protocol protocol); ///< "imap"
bool is_for_mtas(Protocol protocol); ///< auth, policy, socketmap

} // namespace mail::config
