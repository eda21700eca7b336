// UIDBATCHES: the UIDs at which the mailbox falls into parts of so many messages (RFC 10022).
#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"

namespace mail::imap {
namespace {

    constexpr std::uint32_t smallest_batch = 500;

    struct BatchesArgs {
        std::uint32_t size = 0; ///< messages of one batch
        std::uint64_t first = 1; ///< of the batches to tell; 1 has the newest messages
        std::uint64_t last = UINT32_MAX;
    };

    Result<BatchesArgs> parse_batches(Parser& in)
    {
        BatchesArgs args;
        in.space();
        args.size = in.nz_number();
        if (!in.at_end()) {
            in.space();
            args.first = in.nz_number();
            in.expect(':');
            args.last = in.nz_number();
            if (args.first > args.last)
                in.refuse(Failure(Status::bad, "CLIENTBUG",
                    "The range of batches ends before it begins; write the lower number first"));
        }
        in.end();
        return in.finish(args);
    }

    /// "215295:99696,99695:20351": each batch ends where the next older one begins.
    awaitable<Result<void>> batches(Context& ctx, BatchesArgs args)
    {
        if (args.size < smallest_batch)
            co_return no("TOOFEW", "A batch has at least 500 messages; ask for larger ones");
        auto const& map = ctx.mailbox().map();
        auto& out = ctx.out.buffer();
        {
            Line line(out);
            line.raw("* UIDBATCHES").open().atom("TAG").string(ctx.tag).close();
            std::uint64_t const count = map.count();
            bool is_first = true;
            for (auto batch = args.first; batch <= args.last; ++batch) {
                auto const above = (batch - 1) * args.size; // messages in newer batches
                if (above >= count)
                    break;
                auto const newest = static_cast<std::uint32_t>(count - above);
                auto const oldest = newest > args.size ? newest - args.size + 1 : 1;
                out += is_first ? ' ' : ',';
                is_first = false;
                append_number(out, map.uid_of(session::SeqNum { newest })->value);
                out += ':';
                append_number(out, map.uid_of(session::SeqNum { oldest })->value);
            }
        }
        co_return Result<void> {};
    }

} // namespace

awaitable<Result<void>> run_uidbatches(Context& ctx, Parser& in)
{
    return command<parse_batches, batches>(ctx, in);
}

} // namespace mail::imap
