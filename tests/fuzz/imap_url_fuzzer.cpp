// Any octets as a URL: what is read of it is sound, and its rump is a URL of the same message.

#include "protocol/imap/parser.h"
#include "protocol/imap/url.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace mail::imap;

namespace {

void require(bool holds)
{
    if (!holds)
        std::abort();
}

bool names_the_same(ImapUrl const& a, ImapUrl const& b)
{
    return a.form == b.form && a.user == b.user && a.mailbox == b.mailbox
        && a.uid_validity == b.uid_validity && a.uid == b.uid && a.section.path == b.section.path
        && a.expires == b.expires && a.access.has_value() == b.access.has_value();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string_view const text(reinterpret_cast<char const*>(data), size);
    Agreement const terms;
    auto const url = parse_url(text, terms);
    if (!url)
        return 0;
    require(url->uid != 0 && url->rump <= text.size());
    if (url->form == ImapUrl::Form::in_mailbox)
        require(url->mailbox.empty());
    else
        require(*mailbox_named(url->mailbox) == url->mailbox);
    if (url->mechanism.empty())
        return 0;
    require(url->access && url->token.size() >= 32 && text[url->rump] == ':');
    auto const rump = parse_url(text.substr(0, url->rump), terms);
    require(rump && rump->mechanism.empty() && rump->rump == url->rump);
    require(names_the_same(*url, *rump));
    return 0;
}
