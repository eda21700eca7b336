// What the administrator set for the protocols, as plain values; server/ fills it from the config
// file.
#pragma once

#include "protocol/network.h"
#include "protocol/session/pop3_policy.h"
#include "storage/mailboxes.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mail::session {

struct Limits {
    std::uint64_t message_octets = 50 * 1024 * 1024; ///< of one message, by LMTP or APPEND
    std::size_t line_octets = 64 * 1024; ///< of one IMAP command without its literals; POP3 and
                                         ///< LMTP lines are shorter by their RFCs
    std::size_t command_literal_octets
        = 256 * 1024; ///< of all literals of one command that is not APPEND
    int bad_commands = 20; ///< in a row, before the connection is closed
    int failed_logins = 3; ///< on one connection, before it is closed
    std::chrono::seconds login_time { 60 }; ///< from the connection to the login
    std::chrono::seconds idle_time { 30
        * 60 }; ///< without a command, after the login (RFC 9051 §5.4: at least 30 minutes)
    std::chrono::seconds pop3_idle_time { 10 * 60 }; ///< RFC 1939 §3: at least 10 minutes
    std::chrono::seconds lmtp_idle_time { 5 * 60 };
    std::size_t lmtp_recipients = 1000; ///< of one transaction (RFC 5321 §4.5.3.1.8: at least 100)
};

/// Mailboxes of others (RFC 2342, RFC 4314).
struct Sharing {
    bool enabled = true;
    std::string other_users = "Other Users"; ///< first level of the names of others' mailboxes
    std::string shared = "Shared"; ///< first level of the names of shared_account's mailboxes
    std::string shared_account; ///< whose mailboxes belong to nobody in particular; empty: none
    bool allow_anyone = false; ///< lists may give rights to "anyone"
};

/// IMAP capabilities that clients of some networks are not offered.
struct NetworkSwitch {
    std::vector<Network> networks;
    std::vector<std::string> capabilities_off;
};

struct Imap {
    std::vector<std::string> capabilities_off; ///< names that nobody is offered
    std::vector<NetworkSwitch> networks;
    std::uint32_t message_limit = 0; ///< messages of one command (RFC 9738); 0: no limit
    std::uint32_t save_limit = 0; ///< messages that one COPY or APPEND adds (RFC 9738); 0: no limit
    std::chrono::milliseconds keep_alive { 2
        * 60'000 }; ///< of silence, before a client that waits is told "Still here"; 0: never
    std::chrono::seconds time_keys_interval {
        60
    }; ///< between two looks at what OLDER and YOUNGER say by time alone (RFC 5032 §2)
    std::string language = "i-default"; ///< of clients that ask for "default" (RFC 5255)
    std::chrono::milliseconds progress_interval {
        10'000
    }; ///< of a long command, between two signs of life (RFC 9585 §4: 10 to 15 seconds)
    /// What GETMETADATA "" tells, by entry name in lower case; all begin with "/shared/" (RFC
    /// 5464).
    std::map<std::string, std::string, std::less<>> server_metadata;
};

/// What a message is told that comes for an account without room for it.
enum class OverQuota { defer, reject };

/// Mail that comes in by LMTP.
struct Lmtp {
    /// Accounts, in lower case, that may deliver once they have logged in.
    std::vector<std::string> deliverers;
    bool announces_dsn = false; ///< RFC 3461: then the MTA leaves NOTIFY=SUCCESS to this server
    bool create_detail = false; ///< the mailbox of a detail is made where it does not exist
    bool detail_needs_post = false; ///< and only if its list lets anyone post (RFC 4314 §2.1)
    /// A message of the same Message-ID for the same recipient within this time is not stored
    /// again; 0: it is.
    std::chrono::seconds duplicate_window { 0 };
    std::size_t max_hops = 100; ///< Received fields of a message (RFC 5321 §6.3: at least 100)
    std::size_t messages = 0; ///< of one session; 0: no limit
    std::chrono::seconds message_time { 60 * 60 }; ///< that one message may take to come in
};

/// What MTAs are told that ask whether to take mail.
struct Mta {
    std::vector<std::string> domains; ///< lower case; those of the accounts' addresses count anyway
    bool rejects_unknown = false; ///< the policy service refuses unknown recipients itself
    bool defers_on_trouble = false; ///< the policy service, when accounts cannot be looked up
    std::chrono::seconds idle_time { 30 * 60 }; ///< without a question; MTAs hang up themselves
};

struct Settings {
    std::string hostname; ///< of this server, in greetings and Received
    Limits limits;
    std::vector<storage::NewMailbox>
        new_account_mailboxes; ///< made beside INBOX at the first login or delivery
    bool deliver_to_detail = false; ///< user+detail goes to mailbox "detail" where it exists
    std::string recipient_delimiter = "+"; ///< one of these characters begins the detail
    Sharing sharing;
    Imap imap;
    Pop3 pop3;
    unsigned quota_warning = 90; ///< percent in use from which clients are warned; 0: never
    OverQuota over_quota = OverQuota::defer; ///< by LMTP
    Lmtp lmtp;
    Mta mta;
};

} // namespace mail::session
