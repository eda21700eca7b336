// Changes of a conversation's state.
#include "protocol/imap/context.h"

#include <utility>

namespace mail::imap {

void Context::enable(Capability capability)
{
    if (is_enabled(capability))
        return;
    enabled.set(static_cast<std::size_t>(capability));
    if (capability != Capability::condstore || !selected)
        return;
    std::string code = "HIGHESTMODSEQ ";
    append_number(code, selected->highest_mod_seq().value);
    out.untagged(Status::ok, std::move(code), "Highest mod-sequence of the mailbox");
}

void Context::select(std::unique_ptr<session::SelectedMailbox> opened)
{
    selected = std::move(opened);
    state = States::selected;
}

void Context::unselect()
{
    selected.reset();
    state = authenticated_only;
}

} // namespace mail::imap
