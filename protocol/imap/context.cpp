// Changes of a conversation's state.
#include "protocol/imap/context.h"

#include <utility>

namespace mail::imap {

void Context::enable(Capability capability)
{
    if (terms.is_enabled(capability))
        return;
    terms.enabled.set(static_cast<std::size_t>(capability));
    out.spell(terms.speaks_utf8() ? Spelling::utf8 : Spelling::mutf7);
    if (capability == Capability::qresync)
        return enable(Capability::condstore); // RFC 7162 §3.2.3
    if (capability != Capability::condstore || !selected)
        return;
    std::string code = "HIGHESTMODSEQ ";
    append_number(code, selected->safe_mod_seq().value);
    out.untagged(Status::ok, std::move(code), "Highest mod-sequence of the mailbox");
}

void Context::select(std::unique_ptr<session::SelectedMailbox> opened)
{
    live_searches.clear();
    selected = std::move(opened);
    state = States::selected;
}

void Context::unselect()
{
    live_searches.clear();
    selected.reset();
    state = authenticated_only;
}

void Context::speak(Language wanted)
{
    language = wanted;
    out.translate(translation_into(wanted));
    session.translate(translation_into(wanted));
}

void Context::log_out()
{
    static_cast<LoginState&>(*this) = LoginState {};
    session.log_out();
    terms.offered = offered_capabilities(session);
    out.spell(Spelling::mutf7);
    speak(language);
}

} // namespace mail::imap
