// Names and values of STATUS's items.
#include "protocol/imap/status_items.h"

#include "protocol/imap/context.h"
#include "protocol/imap/object_id.h"
#include "protocol/imap/parser.h"
#include "protocol/session/hub.h"
#include "storage/mailbox_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mail::imap {
namespace {

    struct StatusRow {
        StatusItem item;
        std::string_view name;
        bool (*is_known)(Agreement const&);
        void (*tell)(Line&, StatusValues const&);
    };

    bool always(Agreement const&) { return true; }
    bool with_recent(Agreement const& terms) { return terms.tells_recent(); }
    bool with_size(Agreement const& terms)
    {
        return terms.offers(Capability::status_size) || terms.is_rev2();
    }
    template <Capability needed> bool with(Agreement const& terms) { return terms.offers(needed); }

    template <auto Member> void number(Line& line, StatusValues const& values)
    {
        line.number(values.mailbox.*Member);
    }
    template <auto Member> void id(Line& line, StatusValues const& values)
    {
        line.number((values.mailbox.*Member).value);
    }
    void append_limit(Line& line, StatusValues const& values) { line.number(values.append_limit); }
    void mailbox_id(Line& line, StatusValues const& values)
    {
        line.open().atom(object_id(values.place)).close();
    }
    void recent(Line& line, StatusValues const& values) { line.number(values.recent); }

    using storage::Mailbox;
    // clang-format off
    constexpr auto status_rows = std::to_array<StatusRow>({
        {StatusItem::messages,        "MESSAGES",        always,                          number<&Mailbox::messages>},
        {StatusItem::recent,          "RECENT",          with_recent,                     recent},
        {StatusItem::uid_next,        "UIDNEXT",         always,                          id<&Mailbox::uid_next>},
        {StatusItem::uid_validity,    "UIDVALIDITY",     always,                          id<&Mailbox::uid_validity>},
        {StatusItem::unseen,          "UNSEEN",          always,                          number<&Mailbox::unseen>},
        {StatusItem::deleted,         "DELETED",         always,                          number<&Mailbox::deleted>},
        {StatusItem::deleted_storage, "DELETED-STORAGE", with<Capability::quota_storage>, number<&Mailbox::deleted_octets>},
        {StatusItem::size,            "SIZE",            with_size,                       number<&Mailbox::octets>},
        {StatusItem::highest_mod_seq, "HIGHESTMODSEQ",   with<Capability::condstore>,     id<&Mailbox::highest_mod_seq>},
        {StatusItem::append_limit,    "APPENDLIMIT",     with<Capability::append_limit>,  append_limit},
        {StatusItem::mailbox_id,      "MAILBOXID",       with<Capability::objectid>,      mailbox_id},
    });
    // clang-format on
    static_assert(status_rows.size() == static_cast<std::size_t>(StatusItem::count));
    static_assert(std::ranges::is_sorted(status_rows, {}, &StatusRow::item));

    StatusRow const& row_of(StatusItem item) { return status_rows[static_cast<std::size_t>(item)]; }

    bool has(StatusItems const& items, StatusItem item)
    {
        return std::ranges::find(items, item) != items.end();
    }

    /// Messages that no session was told of: commonly none or a few, so they are counted by a scan.
    std::uint64_t count_recent(
        Context& ctx, storage::ReadTxn const& txn, storage::Place place, Mailbox const& mailbox)
    {
        auto const from = ctx.session.hub().recent_from(place, mailbox.recent_from);
        std::uint64_t count = 0;
        if (from >= mailbox.uid_next)
            return count;
        storage::UidRange const range { std::max(from, storage::Uid { 1 }),
            storage::Uid { mailbox.uid_next.value - 1 } };
        storage::scan_messages(txn, place.account, place.mailbox, range, storage::Columns::flags,
            [&](storage::HotRecord const&) {
                ++count;
                return true;
            });
        return count;
    }

} // namespace

void parse_status_item(Parser& in, StatusItems& items)
{
    std::string names;
    for (auto const& row : status_rows) {
        if (!row.is_known(in.terms()))
            continue;
        if (in.accept_word(row.name)) {
            if (!has(items, row.item))
                items.push_back(row.item);
            return;
        }
        names.append(names.empty() ? "" : ", ").append(row.name);
    }
    in.fail(fmt::format("one of {}", names));
}

void parse_status_items(Parser& in, StatusItems& items)
{
    in.list([&] { parse_status_item(in, items); });
}

storage::Result<StatusValues> read_status(
    Context& ctx, storage::Account const& owner, storage::Place place, StatusItems const& items)
{
    storage::Viewpoint const viewpoint { place, ctx.account() };
    StatusValues values {
        .mailbox = {}, .place = place, .append_limit = ctx.session.settings().limits.message_octets
    };
    auto const look = [&](storage::ReadTxn const& txn) -> storage::Result<void> {
        storage::MailboxView const view(txn, viewpoint);
        auto found = view.mailbox();
        if (!found)
            return found.error();
        found->unseen = view.unseen(*found);
        if (has(items, StatusItem::recent) && viewpoint.is_owner())
            values.recent = count_recent(ctx, txn, place, *found);
        values.mailbox = std::move(*found);
        return {};
    };
    if (auto const looked = ctx.session.read_at(owner, look); !looked)
        return looked.error();
    if (ctx.selected && ctx.mailbox().place() == place)
        values.recent += ctx.mailbox().recent_count();
    return values;
}

void note_status_asked(Context& ctx, StatusItems const& items)
{
    if (has(items, StatusItem::highest_mod_seq))
        ctx.enable(Capability::condstore);
}

void tell_status(
    Context& ctx, std::string_view name, StatusItems const& items, StatusValues const& values)
{
    auto line = ctx.out.untagged("STATUS");
    line.mailbox(name).list(items, [&](StatusItem item) {
        line.atom(row_of(item).name);
        row_of(item).tell(line, values);
    });
}

} // namespace mail::imap
