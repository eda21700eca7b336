#include "protocol/pop3/body_stream.h"

#include "storage/body.h"
#include "storage/messages.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace mail::pop3 {

namespace {

    // After this much of unpacking the thread's other sessions have a turn; some 2 ms.
    constexpr std::uint64_t turn = 1024 * 1024;

    // Dot-stuffed octets are handed out in pieces of this size, so that the output stays small.
    constexpr std::size_t piece_size = 32 * 1024;

    /// Appends the frame at `offset` to `out`. A frame that is damaged is a refusal before anything
    /// was sent, so that a client still gets at the messages behind this one; later it is an
    /// exception.
    Result<void> read_frame(
        Context& ctx, Maildrop::Message const& message, std::uint64_t offset, std::string& out)
    {
        auto const gone = [&]() -> Failure {
            if (offset > 0)
                throw std::runtime_error("a message could not be read on while POP3 sent it");
            return { Code::sys_perm, "The store cannot read this message: ask your administrator" };
        };
        try {
            auto const read = ctx.session.read([&](storage::ReadTxn const& txn) {
                return storage::read_body(txn, message.body, offset, message.size - offset, out);
            });
            if (!read || (out.empty() && message.size > 0))
                return gone();
            return {};
        } catch (storage::Damaged const&) {
            if (offset > 0)
                throw;
            return gone();
        }
    }

} // namespace

void DotStuffer::write(std::string_view octets, std::string& out)
{
    if (octets.empty())
        return;
    if (at_line_start_ && octets.front() == '.')
        out += '.';
    std::size_t begin = 0;
    for (;;) {
        auto const dot = octets.find("\n.", begin);
        if (dot == octets.npos)
            break;
        out.append(octets.substr(begin, dot + 2 - begin));
        out += '.';
        begin = dot + 2;
    }
    out.append(octets.substr(begin));
    at_line_start_ = octets.back() == '\n';
    ends_with_crlf_
        = at_line_start_ && (octets.size() > 1 ? octets[octets.size() - 2] == '\r' : ends_with_cr_);
    ends_with_cr_ = octets.back() == '\r';
}

void DotStuffer::end(std::string& out) { out += ends_with_crlf_ ? ".\r\n" : "\r\n.\r\n"; }

std::size_t TopCut::take(std::string_view octets)
{
    std::size_t begin = 0;
    while (begin < octets.size() && !is_done()) {
        auto const end = octets.find('\n', begin);
        auto const text = octets.substr(begin, end == octets.npos ? end : end - begin);
        if (in_header_ && text.find_first_not_of('\r') != text.npos)
            line_is_empty_ = false;
        if (end == octets.npos)
            return octets.size();
        begin = end + 1;
        if (!in_header_)
            --lines_left_;
        else if (line_is_empty_)
            in_header_ = false;
        line_is_empty_ = true;
    }
    return begin;
}

MessageText::MessageText(Context& ctx, Maildrop::Message const& message)
    : ctx_(ctx)
    , message_(message)
{
    if (!ctx.is_utf8)
        find_headers();
}

void MessageText::find_headers()
{
    auto const place = ctx_.maildrop->mailbox_of(message_);
    auto headers = ctx_.session.read([&](storage::ReadTxn const& txn) {
        auto const cold = storage::get_cold(txn, ctx_.session.account().id, place, message_.uid);
        return cold ? mime::header_ranges(cold->structure) : std::vector<mime::Range> {};
    });
    if (!headers.empty())
        surrogate_.emplace(std::move(headers));
}

Result<std::string_view> MessageText::next()
{
    frame_.clear();
    auto const read = read_frame(ctx_, message_, offset_, frame_);
    if (!read)
        return read.error();
    if (!ctx_.is_utf8 && !surrogate_) {
        // Nothing is known of its parts: the header ends at the first empty line.
        auto const header = TopCut(0).take(frame_);
        surrogate_.emplace(std::vector { mime::Range { 0, header } });
    }
    offset_ += frame_.size();
    ctx_.unpacked += frame_.size();
    if (!surrogate_)
        return std::string_view(frame_);
    text_.clear();
    surrogate_->write(frame_, text_);
    if (at_end())
        surrogate_->end(text_);
    return std::string_view(text_);
}

awaitable<Result<void>> send_message(Context& ctx, std::size_t number, TopCut* cut)
{
    auto const message = ctx.maildrop->message(number);
    MessageText text(ctx, message);
    DotStuffer stuffer;
    bool is_first = true;
    do {
        auto const read = text.next();
        if (!read)
            co_return read.error();
        // A size that is not the one that is sent would mislead, as would one of a part.
        if (std::exchange(is_first, false))
            ctx.ok(cut || text.is_changed() ? "" : fmt::format("{} octets", message.size));

        auto rest = *read;
        if (cut)
            rest = rest.substr(0, cut->take(rest));
        while (!rest.empty()) {
            stuffer.write(rest.substr(0, piece_size), ctx.out.buffer());
            rest.remove_prefix(std::min(piece_size, rest.size()));
            if (ctx.out.is_full())
                co_await ctx.flush();
        }
        if (ctx.unpacked >= turn) {
            ctx.unpacked = 0;
            co_await boost::asio::post(ctx.session.stream().executor(), boost::asio::use_awaitable);
        }
    } while (!text.at_end() && !(cut && cut->is_done()));
    stuffer.end(ctx.out.buffer());
    co_return Result<void> {};
}

} // namespace mail::pop3
