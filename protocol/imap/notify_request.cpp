// The grammar of NOTIFY, and its filters.
#include "protocol/imap/notify_request.h"

#include "protocol/imap/parser.h"
#include "storage/mailboxes.h"

#include <algorithm>
#include <array>

namespace mail::imap {
namespace {

    using Filter = NotifyGroup::Filter;

    struct EventRow {
        NotifyEvent event;
        std::string_view name;
        Capability needs = Capability::notify;
    };
    // AnnotationChange is not there: messages have no annotations here.
    constexpr auto events = std::to_array<EventRow>({
        { NotifyEvent::message_new, "MessageNew" },
        { NotifyEvent::message_expunge, "MessageExpunge" },
        { NotifyEvent::flag_change, "FlagChange" },
        { NotifyEvent::mailbox_name, "MailboxName" },
        { NotifyEvent::subscription_change, "SubscriptionChange" },
        { NotifyEvent::mailbox_metadata_change, "MailboxMetadataChange", Capability::metadata },
        { NotifyEvent::server_metadata_change, "ServerMetadataChange",
            Capability::metadata_server },
    });
    static_assert(events.size() == static_cast<std::size_t>(NotifyEvent::count));

    constexpr std::string_view annotation_change = "AnnotationChange";

    /// Reads what follows SET.
    class RequestParser {
    public:
        explicit RequestParser(Parser& in)
            : in_(in)
        {
        }

        NotifyRequest parse()
        {
            in_.space();
            if (in_.accept_word("STATUS")) {
                request_.tells_status = true;
                in_.space();
            }
            do
                group();
            while (!in_.failed() && in_.accept(' '));
            in_.end();
            if (has_unknown_event_)
                in_.refuse(bad_event());
            return std::move(request_);
        }

    private:
        void group()
        {
            if (++group_count_ > max_notify_groups)
                overflow();
            in_.open();
            if (in_.accept_word("SELECTED"))
                selected(false);
            else if (in_.accept_word("SELECTED-DELAYED"))
                selected(true);
            else
                others();
            in_.close();
        }

        void selected(bool is_delayed)
        {
            if (request_.selected)
                in_.refuse(bad("SELECTED or SELECTED-DELAYED stands once in a NOTIFY"));
            auto& selected = request_.selected.emplace();
            selected.is_delayed = is_delayed;
            selected.events = read_events(&selected.items);
            auto beyond = selected.events;
            for (auto const& row : events)
                if (row.event > NotifyEvent::flag_change && beyond.has(row.event))
                    in_.refuse(bad("The selected mailbox has events of messages only: ask for the "
                                   "others with PERSONAL or MAILBOXES"));
        }

        void others()
        {
            NotifyGroup group;
            if (in_.accept_word("INBOXES"))
                group.filter = Filter::inboxes;
            else if (in_.accept_word("PERSONAL"))
                group.filter = Filter::personal;
            else if (in_.accept_word("SUBSCRIBED"))
                group.filter = Filter::subscribed;
            else if (in_.accept_word("SUBTREE"))
                named(group, Filter::subtree);
            else if (in_.accept_word("MAILBOXES"))
                named(group, Filter::mailboxes);
            else
                in_.fail("SELECTED, SELECTED-DELAYED, INBOXES, PERSONAL, SUBSCRIBED, SUBTREE or "
                         "MAILBOXES");
            group.events = read_events(nullptr);
            request_.groups.push_back(std::move(group));
        }

        void named(NotifyGroup& group, Filter filter)
        {
            group.filter = filter;
            in_.space();
            auto const name = [&] {
                // Any name, also one that no mailbox can have: it is ignored (§3.1, §6.6).
                auto mailbox = in_.list_mailbox();
                while (mailbox.ends_with(storage::hierarchy_delimiter))
                    mailbox.pop_back();
                if (++name_count_ > max_notify_names)
                    overflow();
                if (mailbox.size() <= storage::max_mailbox_name * 2)
                    group.names.push_back(std::move(mailbox));
            };
            if (in_.is_next('('))
                in_.list(name);
            else
                name();
        }

        /// "NONE", or events in parentheses. Not RFC: without them, as the RFC's own first example
        /// has it.
        NotifyEvents read_events(FetchItems* items)
        {
            NotifyEvents asked;
            in_.space();
            if (in_.accept_word("NONE"))
                return asked;
            auto const event = [&] { read_event(asked, items); };
            if (in_.is_next('('))
                in_.list(event);
            else
                do
                    event();
                while (!in_.failed() && in_.accept(' '));
            bool const has_new = asked.has(NotifyEvent::message_new);
            bool const needs_both = asked.has(NotifyEvent::flag_change) || needs_both_;
            if (has_new != asked.has(NotifyEvent::message_expunge) || (needs_both && !has_new))
                in_.refuse(bad("MessageNew and MessageExpunge go together, and with every other "
                               "event of messages"));
            needs_both_ = false;
            return asked;
        }

        void read_event(NotifyEvents& asked, FetchItems* items)
        {
            auto const name = in_.atom();
            auto const row = std::ranges::find_if(
                events, [&](EventRow const& each) { return equal_without_case(each.name, name); });
            if (row == events.end() || !in_.offers(row->needs)) {
                has_unknown_event_ = true;
                needs_both_ = needs_both_ || equal_without_case(name, annotation_change);
                return;
            }
            asked.add(row->event);
            if (row->event != NotifyEvent::message_new || !in_.rest().starts_with(" ("))
                return;
            in_.space();
            if (!items)
                return in_.refuse(bad("Data of new messages are told of the selected mailbox only: "
                                      "ask for them with SELECTED"));
            *items = parse_fetch_items(in_);
        }

        void overflow()
        {
            in_.refuse(no("NOTIFICATIONOVERFLOW",
                "Too many mailboxes are named one by one; watch PERSONAL or a SUBTREE"));
        }

        Failure bad_event() const
        {
            std::string code = "BADEVENT (";
            for (auto const& row : events)
                if (in_.offers(row.needs))
                    code.append(code.ends_with('(') ? "" : " ").append(row.name);
            return no(code + ")", "One of the events cannot be watched here");
        }

        Parser& in_;
        NotifyRequest request_;
        std::size_t group_count_ = 0;
        std::size_t name_count_ = 0;
        bool has_unknown_event_ = false;
        bool needs_both_ = false; ///< an event that is not watched here needs both
    };

    bool is_in_subtree(std::string_view name, std::string_view root)
    {
        return root.empty() || name == root
            || (name.size() > root.size() && name.starts_with(root)
                && name[root.size()] == storage::hierarchy_delimiter);
    }

    bool takes(NotifyGroup const& group, NotifyCandidate const& mailbox)
    {
        switch (group.filter) {
        case Filter::inboxes:
            return mailbox.takes_deliveries;
        case Filter::personal:
            return mailbox.is_own;
        case Filter::subscribed:
            return mailbox.is_subscribed;
        case Filter::subtree:
            return std::ranges::any_of(group.names,
                [&](std::string const& root) { return is_in_subtree(mailbox.name, root); });
        case Filter::mailboxes:
            return std::ranges::find(group.names, mailbox.name) != group.names.end();
        }
        return false;
    }

} // namespace

NotifyEvents NotifyRequest::events_of(NotifyCandidate const& mailbox) const
{
    NotifyEvents all;
    for (auto const& group : groups)
        if (takes(group, mailbox))
            all.add(group.events);
    return all;
}

bool NotifyRequest::has_filter(NotifyGroup::Filter filter) const
{
    return std::ranges::any_of(
        groups, [&](NotifyGroup const& group) { return group.filter == filter; });
}

bool NotifyRequest::asks_for(NotifyEvent event) const
{
    return std::ranges::any_of(
        groups, [&](NotifyGroup const& group) { return group.events.has(event); });
}

Result<std::optional<NotifyRequest>> parse_notify(Parser& in)
{
    std::optional<NotifyRequest> request;
    in.space();
    if (in.accept_word("SET"))
        request = RequestParser(in).parse();
    else if (in.accept_word("NONE"))
        in.end();
    else
        in.fail("SET or NONE");
    return in.finish(std::move(request));
}

} // namespace mail::imap
