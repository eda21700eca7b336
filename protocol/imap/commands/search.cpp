// SEARCH and UID SEARCH: finds messages (RFC 9051 §6.4.4, RFC 3501 §6.4.4).
// RFC 4731 adds RETURN and the ESEARCH response, RFC 7162 §3.1.5 the key MODSEQ.
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"
#include "protocol/imap/search_run.h"
#include "protocol/mime/charset.h"
#include "storage/mailboxes.h"

namespace mail::imap {

namespace {

    struct SearchReturn {
        bool extended = false; ///< there was a RETURN: ESEARCH answers
        bool min = false, max = false, all = false, count = false;
    };

    struct SearchArgs {
        SearchReturn answer;
        SearchProgram program;
    };

    SearchReturn parse_return(Parser& in)
    {
        SearchReturn answer { true };
        in.space();
        in.list_or_empty([&] {
            if (in.accept_word("MIN"))
                answer.min = true;
            else if (in.accept_word("MAX"))
                answer.max = true;
            else if (in.accept_word("ALL"))
                answer.all = true;
            else if (in.accept_word("COUNT"))
                answer.count = true;
            else
                in.fail("MIN, MAX, ALL or COUNT");
        });
        in.space();
        if (!answer.min && !answer.max && !answer.count)
            answer.all = true;
        return answer;
    }

    std::string_view parse_charset(Parser& in)
    {
        in.space();
        auto const charset = in.astring();
        in.space();
        if (!in.failed() && !mime::is_supported_charset(charset))
            in.refuse(no("BADCHARSET (US-ASCII UTF-8 ISO-8859-1 ISO-8859-2 ISO-8859-15 "
                         "WINDOWS-1251 WINDOWS-1252 KOI8-R "
                         "ISO-2022-JP SHIFT_JIS EUC-JP GB18030 BIG5 EUC-KR)",
                "This charset is not known here: use UTF-8"));
        return charset;
    }

    Result<SearchArgs> parse_search(Parser& in)
    {
        SearchArgs args;
        in.space();
        if (in.accept_word("RETURN"))
            args.answer = parse_return(in);
        std::string_view charset;
        if (in.accept_word("CHARSET"))
            charset = parse_charset(in);
        args.program = parse_search_keys(in, charset);
        return in.finish(std::move(args));
    }

    /// Keywords as the store has them now: another session may have made some that are not told
    /// yet.
    std::vector<std::string> keywords_now(Context& ctx)
    {
        auto const& known = ctx.mailbox().mailbox();
        auto const look = [&](storage::ReadTxn const& txn) {
            return storage::MailboxView(txn, ctx.mailbox().viewpoint()).mailbox();
        };
        auto mailbox = ctx.mailbox().read(look);
        return mailbox ? std::move(mailbox->keywords) : known.keywords;
    }

    /// "* SEARCH 2 84 882 (MODSEQ 917162500)"
    awaitable<void> tell_search(Context& ctx, SearchProgram const& program, Found const& found,
        storage::UidSet const& numbers)
    {
        auto& out = ctx.out.buffer();
        out += "* SEARCH";
        for (auto const range : numbers.ranges())
            for (auto number = range.first.value;; ++number) {
                out += ' ';
                append_number(out, number);
                if (ctx.out.is_full())
                    co_await ctx.out.flush();
                if (number == range.last.value)
                    break;
            }
        if (program.names_mod_seq && !numbers.empty()) {
            out += " (MODSEQ ";
            append_number(out, found.highest.value);
            out += ')';
        }
        out += "\r\n";
    }

    storage::ModSeq mod_seq_of(SearchReturn const& answer, Found const& found)
    {
        if (answer.all || answer.count)
            return found.highest;
        if (answer.min && answer.max)
            return std::max(found.of_first, found.of_last);
        return answer.min ? found.of_first : found.of_last;
    }

    /// "* ESEARCH (TAG "a") UID MIN 2 COUNT 3"; without matches just COUNT is told.
    void tell_esearch(
        Context& ctx, SearchArgs const& args, Found const& found, storage::UidSet const& numbers)
    {
        auto line = ctx.out.untagged("ESEARCH");
        line.open().atom("TAG").string(ctx.tag).close();
        if (ctx.numbering == Numbering::uid)
            line.atom("UID");
        bool const any = !numbers.empty();
        if (args.answer.min && any)
            line.atom("MIN").number(numbers.ranges().front().first.value);
        if (args.answer.max && any)
            line.atom("MAX").number(numbers.ranges().back().last.value);
        if (args.answer.count)
            line.atom("COUNT").number(numbers.count());
        if (args.answer.all && any) {
            line.atom("ALL").separate();
            append_set(line.octets(), numbers);
        }
        if (args.program.names_mod_seq && any)
            line.atom("MODSEQ").number(mod_seq_of(args.answer, found).value);
    }

    awaitable<Result<void>> search(Context& ctx, SearchArgs args)
    {
        auto const& map = ctx.mailbox().map();
        if (auto const ready = make_ready(args.program, map, keywords_now(ctx)); !ready)
            co_return ready.error();
        if (args.program.names_mod_seq)
            ctx.enable(Capability::condstore);
        auto const& answer = args.answer;
        auto const what = answer.min && !answer.max && !answer.all && !answer.count
            ? SearchFor::first
            : SearchFor::all;
        auto const found = co_await run_search(ctx, args.program, what);
        auto const numbers
            = ctx.numbering == Numbering::uid ? found.uids : sequence_numbers(found.uids, map);
        if (answer.extended)
            tell_esearch(ctx, args, found, numbers);
        else
            co_await tell_search(ctx, args.program, found, numbers);
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_search(Context& ctx, Parser& in)
{
    return command<parse_search, search>(ctx, in);
}

} // namespace mail::imap
