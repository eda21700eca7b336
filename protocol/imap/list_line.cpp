// One name, with all that is known of it.
#include "protocol/imap/list_line.h"

#include "protocol/imap/context.h"
#include "protocol/imap/special_use.h"

namespace mail::imap {

void tell_name(Context& ctx, session::NameTree const& tree, NameChange const& change)
{
    static session::NameEntry const nothing {};
    auto const found = tree.entries.find(change.name);
    auto const& entry = found == tree.entries.end() ? nothing : found->second;
    auto const* mailbox = tree.mailbox_of(entry);
    std::string attributes = entry.has_children ? "\\HasChildren" : "\\HasNoChildren";
    if (change.is_denied)
        attributes += " \\NoAccess";
    else if (!mailbox)
        attributes += " \\NonExistent \\Noselect"; // some clients know the second only
    if (entry.subscribed)
        attributes += " \\Subscribed";
    if (mailbox && mailbox->owner.id == ctx.account())
        append_special_use(attributes, mailbox->mailbox.special_use);
    auto line = ctx.out.untagged("LIST");
    line.open().atom(attributes).close().string("/").mailbox(change.name);
    if (!change.name_before.empty())
        line.open().string("OLDNAME").open().mailbox(change.name_before).close().close();
}

} // namespace mail::imap
