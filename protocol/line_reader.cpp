#include "protocol/line_reader.h"

namespace mail {

LineReader::Found LineReader::next()
{
    auto const octets = input_.available();
    auto const end = octets.find('\n');
    if (end == octets.npos) {
        if (octets.size() > limit_ + 1 || (skipping_ && !octets.empty())) {
            skipping_ = true;
            input_.consume(octets.size());
        }
        return Found::nothing;
    }
    auto text = octets.substr(0, end);
    if (text.ends_with('\r'))
        text.remove_suffix(1);
    bool const too_long = skipping_ || text.size() > limit_;
    skipping_ = false;
    if (too_long)
        line_.clear();
    else
        line_.assign(text);
    input_.consume(end + 1);
    return too_long ? Found::too_long : Found::line;
}

awaitable<LineReader::Found> LineReader::wait_next()
{
    for (;;) {
        auto const found = next();
        if (found != Found::nothing)
            co_return found;
        co_await input_.fill();
    }
}

void LineReader::forget()
{
    line_.assign(line_.size(), '\0');
    std::string().swap(line_);
}

} // namespace mail
