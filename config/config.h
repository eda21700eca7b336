// What the administrator wrote into the config file, as plain values with their defaults.
// config/mailroom.toml explains every one of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mail::config {

inline constexpr int current_version = 1; ///< config_version of the files that this program reads

enum class Protocol { imap, pop3, lmtp };

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
    unsigned mode = 0660; ///< permissions of a unix socket
};

struct Storage {
    std::filesystem::path path;
    std::chrono::seconds undelete_window = std::chrono::hours(14 * 24);
    std::uint64_t map_size = std::uint64_t { 1 } << 40; ///< octets of address space per volume
};

struct TlsFiles {
    std::filesystem::path
        certificate; ///< PEM, the server's own first, then the chain; empty: no TLS
    std::filesystem::path private_key; ///< PEM
    bool only_tls13 = false;
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
};

enum class SpecialUse { none, all, archive, drafts, flagged, junk, sent, trash };

struct Mailbox {
    std::string name; ///< UTF-8, '/' between levels
    SpecialUse special_use = SpecialUse::none;
    bool subscribed = true;
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
    std::filesystem::path users_file;
    std::string default_domain; ///< lower case; empty: none
    std::chrono::seconds cache_time { 5 * 60 }; ///< 0: successful logins are not remembered
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
    bool deliver_to_detail = false;
    std::string recipient_delimiter = "+";
};

enum class LogFormat { automatic, plain, journald };
enum class LogLevel { debug, info, warning, error };

struct Log {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::automatic;
};

struct Threads {
    unsigned io = 0; ///< 0: one per core
    unsigned workers = 0; ///< 0: one per core
};

struct Config {
    std::filesystem::path file;
    std::string hostname;
    Storage storage;
    TlsFiles tls;
    std::vector<Listener> listeners;
    Limits limits;
    std::vector<Mailbox> mailboxes; ///< made beside INBOX for a new account
    Auth auth;
    Imap imap;
    Sharing sharing;
    Quota quota;
    Lmtp lmtp;
    Log log;
    Threads threads;
};

std::vector<Mailbox> default_mailboxes(); ///< Drafts, Sent, Trash, Junk, Archive with their roles
char const* name_of(Protocol protocol); ///< "imap"

} // namespace mail::config
