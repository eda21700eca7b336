// STATUS: counters of a mailbox without selecting it (RFC 9051 §6.3.11, RFC 3501 for RECENT).
// RFC 8438 (SIZE), RFC 7162 §3.1.7 (HIGHESTMODSEQ), RFC 7889 (APPENDLIMIT) and RFC 8474 (MAILBOXID)
// add items, no syntax.
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/object_id.h"
#include "protocol/imap/parser.h"
#include "protocol/session/hub.h"

#include <algorithm>
#include <array>

namespace mail::imap {
namespace {

    enum class StatusItem : std::uint8_t {
        messages,
        recent,
        uid_next,
        uid_validity,
        unseen,
        deleted,
        size,
        highest_mod_seq,
        append_limit,
        mailbox_id,
    };
    constexpr std::array<std::string_view, 10> item_names { "MESSAGES", "RECENT", "UIDNEXT",
        "UIDVALIDITY", "UNSEEN", "DELETED", "SIZE", "HIGHESTMODSEQ", "APPENDLIMIT", "MAILBOXID" };

    bool is_known(Parser const& in, StatusItem item)
    {
        switch (item) {
        case StatusItem::recent:
            return in.terms().tells_recent();
        case StatusItem::size:
            return in.offers(Capability::status_size) || in.terms().is_rev2();
        case StatusItem::highest_mod_seq:
            return in.offers(Capability::condstore);
        case StatusItem::append_limit:
            return in.offers(Capability::append_limit);
        case StatusItem::mailbox_id:
            return in.offers(Capability::objectid);
        default:
            return true;
        }
    }

    struct StatusArgs {
        std::string mailbox;
        std::vector<StatusItem> items; ///< each once, as asked
    };

    void parse_item(Parser& in, std::vector<StatusItem>& items)
    {
        for (std::size_t i = 0; i < item_names.size(); ++i)
            if (is_known(in, static_cast<StatusItem>(i)) && in.accept_word(item_names[i])) {
                auto const item = static_cast<StatusItem>(i);
                if (std::ranges::find(items, item) == items.end())
                    items.push_back(item);
                return;
            }
        in.fail("MESSAGES, RECENT, UIDNEXT, UIDVALIDITY, UNSEEN, DELETED, SIZE, HIGHESTMODSEQ, "
                "APPENDLIMIT or MAILBOXID");
    }

    Result<StatusArgs> parse_status(Parser& in)
    {
        StatusArgs args;
        in.space();
        args.mailbox = in.mailbox();
        in.space();
        in.list([&] { parse_item(in, args.items); });
        in.end();
        return in.finish(std::move(args));
    }

    /// Messages that no session was told of: commonly none or a few, so they are counted by a scan.
    std::uint64_t count_recent(Context& ctx, storage::ReadTxn const& txn, storage::Place place,
        storage::Mailbox const& mailbox)
    {
        auto const from = ctx.session.hub().recent_from(place, mailbox.recent_from);
        std::uint64_t count = 0;
        if (from >= mailbox.uid_next)
            return count;
        storage::UidRange const range { std::max(from, storage::Uid { 1 }),
            storage::Uid { mailbox.uid_next.value - 1 } };
        storage::scan_messages(
            txn, place.account, place.mailbox, range, [&](storage::HotRecord const&) {
                ++count;
                return true;
            });
        return count;
    }

    /// What a line tells of a mailbox.
    struct Told {
        storage::Mailbox mailbox;
        storage::Place place;
        std::uint64_t recent = 0;
        std::uint64_t append_limit = 0;
    };

    std::uint64_t value_of(StatusItem item, Told const& told)
    {
        auto const& mailbox = told.mailbox;
        switch (item) {
        case StatusItem::messages:
            return mailbox.messages;
        case StatusItem::recent:
            return told.recent;
        case StatusItem::uid_next:
            return mailbox.uid_next.value;
        case StatusItem::uid_validity:
            return mailbox.uid_validity.value;
        case StatusItem::unseen:
            return mailbox.unseen;
        case StatusItem::deleted:
            return mailbox.deleted;
        case StatusItem::size:
            return mailbox.octets;
        case StatusItem::highest_mod_seq:
            return mailbox.highest_mod_seq.value;
        case StatusItem::append_limit:
            return told.append_limit;
        case StatusItem::mailbox_id: // no number
            break;
        }
        return 0;
    }

    Result<void> status(Context& ctx, StatusArgs const& args)
    {
        auto const asks_for = [&](StatusItem item) {
            return std::ranges::find(args.items, item) != args.items.end();
        };
        auto const located = ctx.session.find_mailbox(args.mailbox, storage::Right::read);
        if (!located)
            return to_failure(located.error());
        auto const place = located->place();
        Told told;
        told.place = place;
        told.append_limit = ctx.session.settings().limits.message_octets;
        storage::Viewpoint const viewpoint { place, ctx.account() };
        auto const look = [&](storage::ReadTxn const& txn) {
            storage::MailboxView const view(txn, viewpoint);
            auto found = view.mailbox();
            if (!found)
                return found;
            found->unseen = view.unseen(*found);
            if (asks_for(StatusItem::recent) && viewpoint.is_owner())
                told.recent = count_recent(ctx, txn, place, *found);
            return found;
        };
        auto mailbox = ctx.session.read_at(located->account, look);
        if (!mailbox)
            return to_failure(mailbox.error());
        told.mailbox = std::move(*mailbox);
        if (ctx.selected && ctx.mailbox().place() == place)
            told.recent += ctx.mailbox().recent_count();
        if (asks_for(StatusItem::highest_mod_seq))
            ctx.enable(Capability::condstore); // RFC 7162 §3.1
        auto line = ctx.out.untagged("STATUS");
        line.mailbox(args.mailbox).list(args.items, [&](StatusItem item) {
            line.atom(item_names[static_cast<std::size_t>(item)]);
            if (item == StatusItem::mailbox_id)
                line.open().atom(object_id(told.place)).close();
            else
                line.number(value_of(item, told));
        });
        return {};
    }

} // namespace

awaitable<Result<void>> run_status(Context& ctx, Parser& in)
{
    return command<parse_status, status>(ctx, in);
}

} // namespace mail::imap
