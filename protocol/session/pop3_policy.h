// How POP3 serves an account: as configured for all, and as the source of accounts says of one.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace mail::session {

enum class Pop3Order {
    arrival, ///< oldest first, as UIDs are given out
    newest, ///< newest first, for clients that fetch a few of many
    date, ///< by the Date field, oldest first
};

/// What becomes of messages that a POP3 client deletes.
enum class Pop3Deletes {
    expunge, ///< they are expunged
    flag, ///< they are hidden from POP3 by a keyword, and stay for IMAP
};

inline constexpr std::uint32_t pop3_never = std::numeric_limits<std::uint32_t>::max();

struct Pop3Policy {
    /// Whose messages are the maildrop; "*" is all but those for drafts, sent mail, junk and trash.
    std::vector<std::string> mailboxes { "INBOX" };
    std::chrono::seconds max_age { 0 }; ///< older messages are not shown; 0: all are
    Pop3Order order = Pop3Order::arrival;
    std::uint32_t expire_days = pop3_never; ///< RFC 2449 §6.7
    std::chrono::seconds login_delay { 0 }; ///< RFC 2449 §6.5
};

/// What one account has of its own; nullopt: as configured for all.
struct Pop3Overrides {
    std::optional<std::vector<std::string>> mailboxes {};
    std::optional<std::chrono::seconds> max_age {};
    std::optional<Pop3Order> order {};
    std::optional<std::uint32_t> expire_days {};
    std::optional<std::chrono::seconds> login_delay {};
};

/// What the administrator set.
struct Pop3 {
    Pop3Policy policy; ///< of all accounts
    /// The least and the most that an account's own may be; nullopt: accounts have none of their
    /// own. CAPA tells of them before the login.
    std::optional<std::uint32_t> least_expire_days {};
    std::optional<std::chrono::seconds> most_login_delay {};
    std::string uidl_format = "%v-%u";
    Pop3Deletes deletes = Pop3Deletes::expunge;
    bool tells_implementation = true;
    std::chrono::seconds takeover_time { 2 * 60 }; ///< of silence, after which a session's maildrop
                                                   ///< goes to another one; 0: never
    std::string language = "i-default"; ///< of LANG "*" (RFC 6856 §3.2)
};

inline Pop3Policy policy_for(Pop3 const& settings, Pop3Overrides const& own)
{
    auto policy = settings.policy;
    policy.mailboxes = own.mailboxes.value_or(policy.mailboxes);
    policy.max_age = own.max_age.value_or(policy.max_age);
    policy.order = own.order.value_or(policy.order);
    if (settings.least_expire_days && own.expire_days)
        policy.expire_days = std::max(*own.expire_days, *settings.least_expire_days);
    if (settings.most_login_delay && own.login_delay)
        policy.login_delay = std::min(*own.login_delay, *settings.most_login_delay);
    return policy;
}

} // namespace mail::session
