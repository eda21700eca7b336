// Names, rights and values of annotations.
#include "protocol/imap/annotations.h"

#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/special_use.h"
#include "storage/mailboxes.h"

#include <algorithm>

namespace mail::imap {
namespace {

    constexpr std::string_view private_use = "/private/specialuse";
    constexpr std::string_view shared_use = "/shared/specialuse";

    bool is_clean(std::string_view name)
    {
        return std::ranges::all_of(
            name, [](char c) { return c >= 0x20 && c < 0x7f && c != '*' && c != '%'; });
    }

    /// Vendors' names have a token and a name of its own behind it (§3.2).
    bool is_deep_enough(std::string_view name, std::string_view scope)
    {
        constexpr std::string_view vendor = "/vendor";
        auto rest = name.substr(scope.size());
        auto const is_vendor = rest.starts_with(vendor)
            && (rest.size() == vendor.size() || rest[vendor.size()] == '/');
        return std::ranges::count(name, '/') >= (is_vendor ? 4 : 2);
    }

    bool is_entry(std::string_view name, Entries which)
    {
        for (std::string_view const scope : { "/private", "/shared" }) {
            if (!name.starts_with(scope))
                continue;
            auto const rest = name.substr(scope.size());
            if (rest.empty())
                return which == Entries::above;
            return rest.front() == '/' && name.back() != '/'
                && name.find("//") == std::string_view::npos && is_clean(name)
                && (which == Entries::above || is_deep_enough(name, scope));
        }
        return false;
    }

} // namespace

std::string parse_entry(Parser& in, Entries which)
{
    std::string name(in.astring());
    if (in.failed())
        return {};
    name = ascii::lower_case(name);
    if (!is_entry(name, which))
        in.fail("the name of an entry, like /private/comment or /shared/vendor/NAME/ENTRY");
    else if (name.size() > max_entry_name)
        in.refuse(no("LIMIT", "The name of the entry is too long; use 500 octets at most"));
    return name;
}

std::string parse_annotated(Parser& in)
{
    constexpr std::string_view server = "\"\"";
    if (!in.failed() && in.rest().starts_with(server)) {
        in.skip(server.size());
        return {};
    }
    auto mailbox = in.mailbox();
    if (!in.offers(Capability::metadata))
        in.refuse(bad("This server keeps annotations of itself only: write \"\" for the mailbox"));
    return mailbox;
}

bool is_special_use(std::string_view entry) { return entry == private_use || entry == shared_use; }

bool may_annotate(storage::Rights rights)
{
    using storage::Right;
    return rights.has(Right::lookup)
        && rights.has_any(
            Right::read | Right::keep_seen | Right::write | Right::insert | Right::post);
}

storage::Result<session::Located> find_annotated(Context& ctx, std::string_view name)
{
    auto located = ctx.session.find_mailbox(name, storage::Right::lookup);
    if (located && !may_annotate(located->rights))
        return storage::Errc::denied;
    return located;
}

storage::Metadata read_annotations(
    Context const& ctx, storage::ReadTxn const& txn, storage::Place place)
{
    auto seen = storage::read_metadata(txn, { place });
    seen.merge(storage::read_metadata(txn, { place, ctx.account() }));
    if (!ctx.terms.offers(Capability::special_use))
        return seen;
    auto const mailbox = storage::get_mailbox(txn, place.account, place.mailbox);
    if (!mailbox || mailbox->special_use == storage::SpecialUse::none)
        return seen;
    auto const use = special_use_list(mailbox->special_use);
    seen.insert_or_assign(std::string(shared_use), use);
    if (place.account == ctx.account()) // somebody else's Drafts are not this user's
        seen.insert_or_assign(std::string(private_use), use);
    return seen;
}

storage::Metadata read_server_annotations(Context& ctx)
{
    storage::Metadata seen(ctx.session.settings().imap.server_metadata);
    storage::Place const server { ctx.account(), {} };
    seen.merge(ctx.session.read([&](storage::ReadTxn const& txn) {
        return storage::read_metadata(txn, { server, ctx.account() });
    }));
    return seen;
}

void tell_annotation(Line& line, std::string_view entry, std::optional<std::string_view> value)
{
    line.astring(entry);
    if (value && value->find('\0') != std::string_view::npos) {
        line.separate();
        auto& out = line.octets();
        out.append("~{");
        append_number(out, value->size());
        out.append("}\r\n").append(*value);
        return;
    }
    line.nstring(value);
}

void tell_changed_annotations(
    Responses& out, std::string_view mailbox, std::span<std::string const> entries)
{
    if (entries.empty())
        return;
    auto line = out.untagged("METADATA");
    if (mailbox.empty())
        line.string("");
    else
        line.mailbox(mailbox);
    for (auto const& entry : entries)
        line.astring(entry);
}

} // namespace mail::imap
