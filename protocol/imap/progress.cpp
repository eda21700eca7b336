// The response code INPROGRESS.
#include "protocol/imap/progress.h"

#include "protocol/imap/context.h"

#include <algorithm>
#include <limits>

namespace mail::imap {
namespace {

    using Clock = std::chrono::steady_clock;

    /// A "]" is legal in a tag, and would end the response code; quotes and backslashes are not.
    /// Between commands there is no tag.
    void append_tag(std::string& code, std::string const& tag)
    {
        if (!tag.empty() && tag.find(']') == std::string::npos)
            code.append(1, '"').append(tag).append(1, '"');
        else
            code += "NIL";
    }

    std::uint64_t clamp(std::uint64_t count)
    {
        return std::min<std::uint64_t>(count, std::numeric_limits<std::uint32_t>::max());
    }

} // namespace

Progress::Progress(Context& ctx, std::uint64_t goal)
    : ctx_(ctx)
    , goal_(clamp(goal))
    , due_(Clock::now() + ctx.session.settings().imap.progress_interval)
{
}

bool Progress::done(std::uint64_t count)
{
    if (!ctx_.terms.offers(Capability::inprogress))
        return false;
    auto const now = Clock::now();
    count = clamp(count);
    if (now < due_ || (goal_ != 0 && count >= goal_)) // all: the tagged line says so
        return false;
    due_ = now + ctx_.session.settings().imap.progress_interval;
    std::string code = "INPROGRESS (";
    append_tag(code, ctx_.tag);
    code += ' ';
    append_number(code, count);
    code += ' ';
    if (goal_ != 0)
        append_number(code, goal_);
    else
        code += "NIL";
    code += ')';
    ctx_.out.untagged(Status::ok, std::move(code), "Still working on it");
    return true;
}

} // namespace mail::imap
