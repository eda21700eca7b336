// The grammar of NOTIFY, and its filters.
#include "protocol/imap/notify_request.h"

#include "protocol/imap/parser.h"

#include <algorithm>
#include <array>

namespace mail::imap {
namespace {

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
            , too_many_(no("NOTIFICATIONOVERFLOW",
                  "Too many mailboxes are named one by one; watch PERSONAL or a SUBTREE"))
            , filters_(in, MailboxFilterParser::SubtreeOne::unknown, too_many_)
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
                in_.refuse(too_many_);
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
            group.filter = filters_.parse();
            group.events = read_events(nullptr);
            request_.groups.push_back(std::move(group));
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

        Failure bad_event() const
        {
            std::string code = "BADEVENT (";
            for (auto const& row : events)
                if (in_.offers(row.needs))
                    code.append(code.ends_with('(') ? "" : " ").append(row.name);
            return no(code + ")", "One of the events cannot be watched here");
        }

        Parser& in_;
        Failure too_many_;
        MailboxFilterParser filters_;
        NotifyRequest request_;
        std::size_t group_count_ = 0;
        bool has_unknown_event_ = false;
        bool needs_both_ = false; ///< an event that is not watched here needs both
    };

} // namespace

NotifyEvents NotifyRequest::events_of(FilterCandidate const& mailbox) const
{
    NotifyEvents all;
    for (auto const& group : groups)
        if (takes(group.filter, mailbox))
            all.add(group.events);
    return all;
}

bool NotifyRequest::has_filter(MailboxFilter::Kind kind) const
{
    return std::ranges::any_of(
        groups, [&](NotifyGroup const& group) { return group.filter.kind == kind; });
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
