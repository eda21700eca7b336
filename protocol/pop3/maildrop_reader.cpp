// Which messages make a maildrop, in which order, and by which unique ids they are known.
#include "protocol/pop3/maildrop.h"
#include "storage/ascii.h"
#include "storage/pop3_uidl.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <unordered_set>

namespace mail::pop3 {

namespace {

    bool is_inbox(std::string_view name) { return ascii::equal_without_case(name, "INBOX"); }

    /// Mail that the user wrote, or does not want: not what a maildrop is for.
    bool is_set_aside(storage::Mailbox const& mailbox)
    {
        using storage::SpecialUse;
        unsigned uses = 0;
        for (auto const use :
            { SpecialUse::drafts, SpecialUse::sent, SpecialUse::junk, SpecialUse::trash })
            uses |= static_cast<unsigned>(use);
        return (static_cast<unsigned>(mailbox.special_use) & uses) != 0;
    }

    bool is_shown(storage::Mailbox const& mailbox, std::vector<std::string> const& names)
    {
        return std::ranges::any_of(names, [&](std::string const& name) {
            return name == mailbox.name || (is_inbox(name) && is_inbox(mailbox.name))
                || (name == "*" && !is_set_aside(mailbox));
        });
    }

    /// Of the account, INBOX first. not_found: the account is gone.
    storage::Result<std::vector<storage::Mailbox>> shown_mailboxes(storage::ReadTxn const& txn,
        storage::AccountId account, std::vector<std::string> const& names)
    {
        auto const inbox = storage::find_mailbox(txn, account, "INBOX");
        if (!inbox)
            return inbox.error();
        if (names.size() == 1 && is_inbox(names.front()))
            return std::vector { *inbox };
        auto all = storage::list_mailboxes(txn, account);
        std::erase_if(all, [&](storage::Mailbox const& each) { return !is_shown(each, names); });
        return all;
    }

    std::optional<std::size_t> hiding_bit(storage::Mailbox const& mailbox)
    {
        auto const keyword = std::ranges::find_if(mailbox.keywords, [](std::string const& each) {
            return ascii::equal_without_case(each, deleted_keyword);
        });
        if (keyword == mailbox.keywords.end())
            return std::nullopt;
        return static_cast<std::size_t>(keyword - mailbox.keywords.begin());
    }

} // namespace

class MaildropReader {
public:
    MaildropReader(Maildrop& drop, session::Pop3Policy const& policy, std::int64_t now)
        : drop_(drop)
        , policy_(policy)
        , oldest_(policy.max_age.count() == 0 ? std::numeric_limits<std::int64_t>::min()
                                              : now - policy.max_age.count())
    {
        constexpr std::int64_t day = 24 * 60 * 60;
        if (policy.expire_days != 0 && policy.expire_days != session::pop3_never)
            expires_ = now - day * policy.expire_days;
    }

    void read(storage::ReadTxn const& txn, storage::AccountId account,
        std::vector<storage::Mailbox> const& mailboxes)
    {
        needs_moments_ = policy_.order == session::Pop3Order::date || mailboxes.size() > 1;
        std::size_t expected = 0;
        for (auto const& mailbox : mailboxes)
            expected += mailbox.messages;
        drop_.messages_.reserve(expected);
        for (auto const& mailbox : mailboxes)
            add(txn, account, mailbox);
        put_in_order();
        find_ids(txn, account);
        drop_.reset();
    }

private:
    void add(
        storage::ReadTxn const& txn, storage::AccountId account, storage::Mailbox const& mailbox)
    {
        auto const source = static_cast<std::uint32_t>(drop_.sources_.size());
        auto const hidden = hiding_bit(mailbox);
        drop_.sources_.push_back({ mailbox.id, mailbox.uid_validity });
        storage::UidRange const all { storage::Uid { 1 },
            storage::Uid { std::numeric_limits<storage::Uid::rep>::max() } };
        storage::scan_messages(txn, account, mailbox.id, all, storage::Columns::all,
            [&](storage::HotRecord const& hot) {
                bool const is_hidden = (hidden && hot.flags.has_keyword(*hidden))
                    || hot.internal_date.seconds < oldest_;
                if (!is_hidden)
                    add(source, hot);
                return true;
            });
    }

    void add(std::uint32_t source, storage::HotRecord const& hot)
    {
        drop_.messages_.push_back({ .size = hot.size,
            .body = hot.body,
            .uid = hot.uid,
            .source = source,
            .seen = hot.flags.has(storage::Flags::seen),
            .expires = expires_ && hot.save_date <= *expires_ });
        if (!needs_moments_)
            return;
        bool const by_date
            = policy_.order == session::Pop3Order::date && hot.sent.seconds != storage::no_date;
        moments_.push_back(by_date ? hot.sent.seconds : hot.internal_date.seconds);
    }

    void put_in_order()
    {
        auto& messages = drop_.messages_;
        if (needs_moments_) {
            std::vector<std::size_t> order(messages.size());
            std::iota(order.begin(), order.end(), std::size_t { 0 });
            std::ranges::stable_sort(order, {}, [&](std::size_t i) { return moments_[i]; });
            std::vector<Maildrop::Message> sorted;
            sorted.reserve(messages.size());
            for (auto const i : order)
                sorted.push_back(messages[i]);
            messages = std::move(sorted);
        }
        if (policy_.order == session::Pop3Order::newest)
            std::ranges::reverse(messages);
    }

    /// Where ids are brought along, or have no UIDVALIDITY to tell mailboxes apart, equal ones are
    /// possible: the first that brings one along keeps it, and what is made up gives way.
    void find_ids(storage::ReadTxn const& txn, storage::AccountId account)
    {
        std::map<std::pair<std::uint32_t, storage::Uid>, std::string> brought;
        std::unordered_set<std::string> taken;
        for (std::uint32_t source = 0; source < drop_.sources_.size(); ++source)
            storage::for_each_pop3_uidl(txn, { account, drop_.sources_[source].mailbox },
                [&](storage::Uid uid, std::string_view id) {
                    if (taken.emplace(id).second)
                        brought.emplace(std::pair(source, uid), id);
                });
        if (brought.empty() && (drop_.sources_.size() < 2 || drop_.format_.has_uid_validity()))
            return;
        for (std::size_t number = 1; number <= drop_.size(); ++number) {
            auto const& message = drop_.message(number);
            auto const found = brought.find({ message.source, message.uid });
            if (found != brought.end())
                drop_.other_ids_.emplace(number, found->second);
        }
        for (auto const number : from_lowest_uid())
            if (!drop_.other_ids_.contains(number))
                make_id(number, taken);
    }

    /// Message numbers by mailbox and UID: what gives way is the same in any order of messages.
    std::vector<std::size_t> from_lowest_uid() const
    {
        std::vector<std::size_t> numbers(drop_.size());
        std::iota(numbers.begin(), numbers.end(), std::size_t { 1 });
        std::ranges::sort(numbers, {}, [&](std::size_t number) {
            auto const& message = drop_.message(number);
            return std::pair(message.source, message.uid);
        });
        return numbers;
    }

    void make_id(std::size_t number, std::unordered_set<std::string>& taken)
    {
        std::string id;
        drop_.append_unique_id(id, number);
        if (taken.insert(id).second)
            return;
        auto const& message = drop_.message(number);
        static UniqueIdFormat const plain("%v-%u");
        for (std::string prefix = "+";; prefix += '+') {
            auto other = prefix;
            plain.append(other, drop_.sources_[message.source].uid_validity, message.uid);
            if (taken.insert(other).second) {
                drop_.other_ids_.emplace(number, std::move(other));
                return;
            }
        }
    }

    Maildrop& drop_;
    session::Pop3Policy const& policy_;
    std::int64_t oldest_; ///< INTERNALDATE of what is shown
    std::optional<std::int64_t> expires_; ///< SAVEDATE up to which messages go
    bool needs_moments_ = false;
    std::vector<std::int64_t> moments_; ///< by which they are sorted
};

storage::Result<std::unique_ptr<Maildrop>> Maildrop::open(session::Session& session,
    session::Pop3Policy const& policy, std::unique_ptr<session::MaildropHold> hold,
    std::chrono::system_clock::time_point now)
{
    using Opened = storage::Result<std::unique_ptr<Maildrop>>;
    auto const account = session.account().id;
    return session.read([&](storage::ReadTxn const& txn) -> Opened {
        auto const mailboxes = shown_mailboxes(txn, account, policy.mailboxes);
        if (!mailboxes)
            return mailboxes.error();
        std::unique_ptr<Maildrop> drop(
            new Maildrop(session.settings().pop3, policy, std::move(hold)));
        MaildropReader(*drop, policy, std::chrono::system_clock::to_time_t(now))
            .read(txn, account, *mailboxes);
        return drop;
    });
}

} // namespace mail::pop3
