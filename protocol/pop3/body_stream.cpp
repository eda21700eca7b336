#include "protocol/pop3/body_stream.h"

#include "storage/body.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace mail::pop3 {

namespace {

    // After this much of unpacking the thread's other sessions have a turn; some 2 ms.
    constexpr std::uint64_t turn = 1024 * 1024;

    // Dot-stuffed octets are handed out in pieces of this size, so that the output stays small.
    constexpr std::size_t piece = 32 * 1024;

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

awaitable<Result<void>> send_message(Context& ctx, std::size_t number, TopCut* cut)
{
    auto const message = ctx.maildrop->message(number);
    DotStuffer stuffer;
    std::string frame;
    std::uint64_t offset = 0;
    do {
        frame.clear();
        auto const read = read_frame(ctx, message, offset, frame);
        if (!read)
            co_return read.error();
        if (offset == 0 && cut)
            ctx.ok("");
        else if (offset == 0)
            fmt::format_to(std::back_inserter(ctx.out.buffer()), "+OK {} octets\r\n", message.size);
        offset += frame.size();
        ctx.unpacked += frame.size();

        std::string_view rest = frame;
        if (cut)
            rest = rest.substr(0, cut->take(rest));
        while (!rest.empty()) {
            stuffer.write(rest.substr(0, piece), ctx.out.buffer());
            rest.remove_prefix(std::min(piece, rest.size()));
            if (ctx.out.is_full())
                co_await ctx.out.flush();
        }
        if (ctx.unpacked >= turn) {
            ctx.unpacked = 0;
            co_await boost::asio::post(ctx.session.stream().executor(), boost::asio::use_awaitable);
        }
    } while (offset < message.size && !(cut && cut->is_done()));
    stuffer.end(ctx.out.buffer());
    co_return Result<void> {};
}

} // namespace mail::pop3
