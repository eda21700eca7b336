// From the highest UID down, so that a client goes on below the one that it is told.
#include "protocol/imap/message_limit.h"

#include "protocol/imap/context.h"

namespace mail::imap {
namespace {

    std::string code_of(std::uint32_t limit)
    {
        std::string code = "MESSAGELIMIT ";
        append_number(code, limit);
        return code;
    }

    Failure too_many(ResponseCode code)
    {
        return no(std::move(code),
            "These are more messages than one command may be about, nothing was done: "
            "name fewer at a time");
    }

} // namespace

std::uint32_t message_limit(Context const& ctx)
{
    return ctx.terms.offers(Capability::message_limit) ? ctx.session.settings().imap.message_limit
                                                       : 0;
}

std::uint32_t save_limit(Context const& ctx)
{
    if (auto const limit = message_limit(ctx); limit != 0)
        return limit;
    return ctx.terms.offers(Capability::save_limit) ? ctx.session.settings().imap.save_limit : 0;
}

ResponseCode Cut::code() const
{
    auto code = code_of(limit);
    if (lowest.value != 0) {
        code += ' ';
        append_number(code, lowest.value);
    }
    return code;
}

std::optional<Cut> cut_to_limit(std::uint32_t limit, storage::UidSet& uids)
{
    if (limit == 0 || uids.count() <= limit)
        return std::nullopt;
    uids = storage::newest_of(uids, limit);
    return Cut { limit, uids.ranges().front().first };
}

Result<void> with_cut(Context& ctx, std::optional<Cut> const& cut, Result<void> result)
{
    constexpr auto text = "Only the newest of these messages are done: repeat it for those below";
    if (!cut)
        return result;
    if (result && ctx.ok_code.empty())
        ctx.succeed_with(cut->code(), text);
    else
        ctx.out.untagged(Status::no, cut->code(), text);
    return result;
}

Failure too_many_messages(Cut const& cut) { return too_many(cut.code()); }

Result<void> check_limit(std::uint32_t limit, std::uint64_t messages)
{
    if (limit == 0 || messages <= limit)
        return {};
    return too_many(code_of(limit));
}

} // namespace mail::imap
