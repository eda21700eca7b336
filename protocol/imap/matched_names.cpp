// Matching of names, bounded in time, and their attributes.
#include "protocol/imap/matched_names.h"

#include "protocol/imap/context.h"
#include "protocol/imap/yield.h"
#include "storage/names.h"

namespace mail::imap {

awaitable<std::vector<MatchedName>> match_names(
    Context& ctx, ListArgs const& args, session::NameTree const& tree)
{
    Patterns const patterns(args);
    std::vector<MatchedName> matched;
    matched.reserve(tree.entries.size());
    constexpr std::size_t turn = 1 << 20; // octets compared at worst: about a millisecond
    std::size_t cost = 0;
    for (auto const& [name, entry] : tree.entries) {
        Patterns::Match match;
        for (std::size_t i = 0; i < patterns.size(); ++i) {
            patterns.match(i, name, match);
            cost += name.size() * name.size();
            if (cost > turn) {
                cost = 0;
                co_await yield(ctx);
            }
        }
        matched.push_back({ &name, &entry, match });
    }
    co_return matched;
}

void tell_root(Context& ctx, std::string_view command, std::string_view reference)
{
    auto const first = reference.substr(0, reference.find(storage::hierarchy_delimiter));
    auto line = ctx.out.untagged(command);
    line.atom("(\\Noselect)").string("/");
    if (!first.empty() && ctx.session.is_namespace(first))
        line.mailbox(std::string(first) + storage::hierarchy_delimiter);
    else
        line.string("");
}

storage::SpecialUse special_use_for(Context const& ctx, session::ListedMailbox const* mailbox)
{
    bool const is_told = ctx.terms.offers(Capability::special_use) || ctx.terms.is_rev2();
    if (!is_told || !mailbox || mailbox->owner.id != ctx.account())
        return storage::SpecialUse::none;
    return mailbox->mailbox.special_use;
}

std::string_view children_attribute(
    session::NameEntry const& entry, session::ListedMailbox const* mailbox)
{
    if (entry.has_children)
        return "\\HasChildren";
    if (mailbox && !storage::may_have_children(mailbox->mailbox.name))
        return "\\Noinferiors"; // it implies \HasNoChildren (RFC 9051 §6.3.9.4)
    return "\\HasNoChildren";
}

} // namespace mail::imap
