// Which mailboxes a command is about, as NOTIFY and ESEARCH say it (filter-mailboxes of RFC 5465
// §8, RFC 7377 §4).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mail::imap {

class Parser;
class Failure;

struct MailboxFilter {
    enum class Kind { inboxes, personal, subscribed, subtree, subtree_one, mailboxes };
    Kind kind = Kind::personal;
    std::vector<std::string> names {}; ///< of the last three kinds; sorted, each once
};

/// A mailbox as filters look at it.
struct FilterCandidate {
    std::string_view name; ///< the client's
    bool is_own = false; ///< in the personal namespace
    bool takes_deliveries = false;
    bool is_subscribed = false;
};

/// O(levels of the name * log names).
bool takes(MailboxFilter const& filter, FilterCandidate const& mailbox);

/// Reads filters one after the other. Of all of them together, so many names may be given; then
/// `too_many` is the answer.
class MailboxFilterParser {
public:
    enum class SubtreeOne : bool { unknown, known }; ///< which RFC 7377 §2.2 adds

    MailboxFilterParser(Parser& in, SubtreeOne subtree_one, Failure const& too_many)
        : in_(in)
        , subtree_one_(subtree_one)
        , too_many_(too_many)
    {
    }

    /// filter-mailboxes-other. Any name is taken, also one that no mailbox can have: there will be
    /// none of that name (RFC 5465 §6.6).
    MailboxFilter parse();

private:
    void parse_names(MailboxFilter& filter);

    Parser& in_;
    SubtreeOne subtree_one_;
    Failure const& too_many_;
    std::size_t names_ = 0;
};

inline constexpr std::size_t max_filter_names = 1000;

} // namespace mail::imap
