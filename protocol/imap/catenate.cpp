// TEXT, URL and UTF8 of CATENATE.
#include "protocol/imap/catenate.h"

#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/url.h"
#include "protocol/imap/url_object.h"

#include <fmt/format.h>

namespace mail::imap {
namespace {

    /// The URL as BADURL repeats it: what may not stand in a response code (RFC 4469 §5,
    /// url-resp-text) is percent-encoded.
    ResponseCode bad_url_code(std::string_view url)
    {
        std::string code = "BADURL \"";
        for (char const c : url) {
            auto const octet = static_cast<unsigned char>(c);
            if (octet <= 0x20 || octet >= 0x7f || c == ']' || c == '"' || c == '\\')
                fmt::format_to(std::back_inserter(code), "%{:02X}", octet);
            else
                code += c;
        }
        return code + '"';
    }

    std::optional<session::Located> mailbox_of(Context& ctx, ImapUrl const& url)
    {
        if (url.form == ImapUrl::Form::absolute_path)
            return find_url_mailbox(ctx.session, ctx.session.identity(), url);
        if (url.form != ImapUrl::Form::in_mailbox || !ctx.selected)
            return std::nullopt;
        auto const& selected = ctx.mailbox();
        session::Located mailbox { selected.owner(), selected.place().mailbox,
            selected.mailbox().name, selected.rights() };
        if (!mailbox.rights.has(storage::Right::read) || !is_valid_for(ctx.session, mailbox, url))
            return std::nullopt;
        return mailbox;
    }

} // namespace

CatPart parse_cat_part(Parser& in, CatPlace place)
{
    CatPart part;
    if (place == CatPlace::later) {
        if (in.accept(')'))
            return part;
        in.space();
    }
    if (in.accept_word("TEXT")) {
        part.kind = CatPart::Kind::text;
        in.space();
        if (in.is_next('~')) // RFC 4469 §5: a literal
            in.fail("a literal: {octets}");
        in.streamed_literal();
    } else if (in.accept_word("UTF8", Capability::utf8_accept)) {
        part.kind = CatPart::Kind::utf8;
        in.space();
        in.open();
        in.accept('~');
        in.streamed_literal();
    } else if (in.accept_word("URL")) {
        part.kind = CatPart::Kind::url;
        in.space();
        part.url = in.astring();
    } else {
        in.fail("TEXT and a literal, or URL and a URL");
    }
    return part;
}

Result<CatSource> open_cat_url(Context& ctx, std::string_view text)
{
    auto const refuse = [&](std::string why) { return no(bad_url_code(text), std::move(why)); };
    auto const url = parse_url(text, ctx.terms);
    if (!url)
        return refuse(url.error().text());
    if (url->form == ImapUrl::Form::absolute || url->access)
        return refuse("Only relative URLs without authorization are taken: /mailbox/;UID=20");
    auto const mailbox = mailbox_of(ctx, *url);
    if (!mailbox)
        return refuse("The URL's mailbox does not exist, is not selected or not yours to read");
    std::optional<Extract> octets;
    auto const take = [&](storage::ReadTxn const& txn, storage::HotRecord const& hot,
                          storage::ColdRecord const& cold) {
        octets = extract_section(txn, hot, cold.structure, url->section, url->partial);
    };
    if (!look_at_message(ctx.session, *mailbox, storage::Uid { url->uid }, take))
        return refuse("The URL's message does not exist (any more)");
    if (!octets)
        return refuse("The URL's message has no such part");
    return CatSource { mailbox->account, std::move(*octets) };
}

} // namespace mail::imap
