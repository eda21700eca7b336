// URLFETCH: what authorized URLs name, for whoever may redeem them (RFC 4467 §7), with metadata and
// decoded (RFC 5524).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/extract.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/send_octets.h"
#include "protocol/imap/url_auth.h"
#include "protocol/imap/url_object.h"
#include "protocol/imap/yield.h"
#include "storage/url_keys.h"

#include <chrono>

namespace mail::imap {
namespace {

    struct UrlRequest {
        enum class Data : std::uint8_t { plain, none, body, binary };
        std::string url;
        Data data = Data::plain; ///< plain: as RFC 4467 answers, without metadata
        bool structure = false;
    };

    /// url-fetch-ext, behind its "("
    void parse_extended(Parser& in, UrlRequest& request)
    {
        using Data = UrlRequest::Data;
        request.url = in.astring();
        while (!in.failed() && !in.is_next(')')) {
            in.space();
            auto const set = [&](Data data) {
                if (request.data == Data::body || request.data == Data::binary)
                    in.fail("BODY or BINARY once, and not both");
                request.data = data;
            };
            if (in.accept_word("BODY")) {
                set(Data::body);
            } else if (in.accept_word("BINARY")) {
                set(Data::binary);
            } else if (!request.structure && in.accept_word("BODYPARTSTRUCTURE")) {
                request.structure = true;
                if (request.data == Data::plain)
                    request.data = Data::none;
            } else {
                in.fail("BODY, BINARY or BODYPARTSTRUCTURE, each once");
            }
        }
        in.close();
    }

    Result<std::vector<UrlRequest>> parse_urlfetch(Parser& in)
    {
        std::vector<UrlRequest> requests;
        do {
            in.space();
            UrlRequest request;
            if (in.offers(Capability::urlauth_binary) && in.accept('('))
                parse_extended(in, request);
            else
                request.url = in.astring();
            requests.push_back(std::move(request));
        } while (!in.failed() && !in.at_end());
        return in.finish(std::move(requests));
    }

    /// The mailbox of a URL that is authorized, and by somebody who may still read it. Whether it
    /// exists is not to be learnt from the time that this takes (RFC 4467 §6): a token is computed
    /// in any case.
    awaitable<std::optional<session::Located>> redeem(Context& ctx, std::string text, ImapUrl url)
    {
        static std::string const plausible_key = random_url_key();
        std::optional<session::Located> mailbox;
        std::optional<std::string> key;
        auto const owner = co_await ctx.session.find_identity(url.user);
        if (owner)
            mailbox = find_url_mailbox(ctx.session, *owner, url);
        if (mailbox)
            key = ctx.session.read_at(mailbox->account, [&](storage::ReadTxn const& txn) {
                return storage::read_url_key(txn, mailbox->place(), owner->account.id);
            });
        bool const is_right = is_token_of(
            url.token, std::string_view(text).substr(0, url.rump), key ? *key : plausible_key);
        auto const now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
        if (!key || !is_right || (url.expires && now > *url.expires))
            co_return std::nullopt;
        bool const may = co_await may_redeem(ctx, *url.access);
        if (!may)
            co_return std::nullopt;
        co_return mailbox;
    }

    /// What a URL names.
    struct Found {
        storage::Account owner;
        storage::HotRecord hot;
        std::string structure;
        std::string envelope;
        Section section;
        std::optional<Partial> partial;
        mime::Range range; ///< of the section
    };

    awaitable<std::optional<Found>> find(Context& ctx, std::string text)
    {
        auto url = parse_url(text, ctx.terms);
        if (!url || url->form != ImapUrl::Form::absolute || !url->access
            || url->mechanism != internal_mechanism)
            co_return std::nullopt;
        auto const mailbox = co_await redeem(ctx, text, *url);
        if (!mailbox)
            co_return std::nullopt;
        std::optional<Found> found;
        auto const take = [&](storage::ReadTxn const&, storage::HotRecord const& hot,
                              storage::ColdRecord const& cold) {
            auto const range = locate(url->section, mime::StructureView(cold.structure), hot.size);
            if (range)
                found = Found { mailbox->account, hot, std::string(cold.structure),
                    std::string(cold.envelope), std::move(url->section), url->partial, *range };
        };
        look_at_message(ctx.session, *mailbox, storage::Uid { url->uid }, take);
        co_return found;
    }

    /// The response for one URL.
    class UrlAnswer {
    public:
        UrlAnswer(Context& ctx, UrlRequest request)
            : ctx_(ctx)
            , out_(ctx.out.buffer())
            , request_(std::move(request))
        {
        }

        awaitable<void> write()
        {
            using Data = UrlRequest::Data;
            auto found = co_await find(ctx_, request_.url); // which may throw: before it is begun
            out_ += "* URLFETCH ";
            append_string(out_, request_.url);
            if (!found) {
                out_ += " NIL\r\n";
                co_return;
            }
            found_ = std::move(*found);
            if (request_.structure) {
                out_ += " (BODYPARTSTRUCTURE ";
                co_await write_structure();
                out_ += ')';
            }
            if (request_.data == Data::plain)
                co_await write_octets(plain_octets());
            else if (request_.data != Data::none)
                out_ += request_.data == Data::body ? " (BODY" : " (BINARY";
            if (request_.data == Data::body)
                co_await write_octets(plain_octets());
            else if (request_.data == Data::binary)
                co_await write_octets(decoded_octets(found_.partial));
            out_ += request_.data == Data::body || request_.data == Data::binary ? ")\r\n" : "\r\n";
        }

    private:
        /// As they are stored.
        Extract plain_octets()
        {
            return ctx_.session.read_at(found_.owner, [&](storage::ReadTxn const& txn) {
                return *extract_section(
                    txn, found_.hot, found_.structure, found_.section, found_.partial);
            });
        }

        /// nothing: they cannot be decoded.
        std::optional<Extract> decoded_octets(std::optional<Partial> partial)
        {
            if (found_.section.selects_fields()) // never encoded
                return plain_octets();
            mime::StructureView const view(found_.structure);
            auto const part = find_binary_part(found_.section, view, found_.hot.size);
            if (!part || !part->is_decodable)
                return std::nullopt;
            return Extract::decoded(found_.hot.body, part->range, part->how, partial);
        }

        /// Of all that the section names, whatever range of it is asked for.
        awaitable<void> write_structure()
        {
            mime::StructureView const view(found_.structure);
            auto const text = found_.section.text;
            auto const part = body_part_of(found_.section, view);
            auto whole = decoded_octets(std::nullopt);
            bool const is_header = text != Section::Text::whole && text != Section::Text::text;
            bool const is_decoded = request_.data == UrlRequest::Data::binary && part && whole
                && part->kind == mime::PartKind::leaf;
            if (is_header || is_decoded)
                whole = co_await measure(ctx_, found_.owner, std::move(*whole));
            if (is_header)
                mime::write_header_part(out_, whole->size(), whole->lines());
            else if (is_decoded)
                mime::write_decoded_leaf(out_, *part, whole->size(), whole->lines());
            else if (part)
                view.write_part(out_, *part);
            else
                view.write_as_part(out_, found_.envelope);
        }

        awaitable<void> write_octets(std::optional<Extract> octets)
        {
            out_ += ' ';
            if (octets)
                co_await send_literal(ctx_, found_.owner, std::move(*octets));
            else
                out_ += "NIL";
        }

        Context& ctx_;
        std::string& out_;
        UrlRequest request_;
        Found found_;
    };

    awaitable<Result<void>> urlfetch(Context& ctx, std::vector<UrlRequest> requests)
    {
        for (auto& request : requests) {
            UrlAnswer answer(ctx, std::move(request));
            co_await answer.write();
            if (ctx.out.is_full())
                co_await ctx.out.flush();
            co_await yield(ctx);
        }
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_urlfetch(Context& ctx, Parser& in)
{
    return command<parse_urlfetch, urlfetch>(ctx, in);
}

} // namespace mail::imap
