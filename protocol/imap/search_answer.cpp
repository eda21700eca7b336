// Results on the wire.
#include "protocol/imap/search_answer.h"

#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"

#include <algorithm>

namespace mail::imap {

namespace {

    using storage::ModSeq;
    using storage::Uid;
    using storage::UidRange;
    using storage::UidSet;

    std::uint32_t size_of(UidRange const& range)
    {
        return range.last.value - range.first.value + 1;
    }

    /// Adds to the end; a run that goes on where the last one ended is one with it.
    void add_run(Runs& runs, UidRange run)
    {
        if (!runs.empty() && runs.back().last.value + 1 == run.first.value)
            runs.back().last = run.last;
        else
            runs.push_back(run);
    }

    void append_run(std::string& out, UidRange const& run)
    {
        append_number(out, run.first.value);
        if (run.first != run.last) {
            out += ':';
            append_number(out, run.last.value);
        }
    }

    /// A sequence-set that may be long.
    awaitable<void> tell_runs(Context& ctx, Runs const& runs)
    {
        auto& out = ctx.out.buffer();
        bool is_first = true;
        for (auto const& run : runs) {
            if (!is_first)
                out += ',';
            is_first = false;
            append_run(out, run);
            if (ctx.out.is_full())
                co_await ctx.out.flush();
        }
    }

    Hit const* find_hit(std::vector<Hit> const& hits, Uid uid)
    {
        auto const found = std::ranges::lower_bound(hits, uid, {}, &Hit::uid);
        return found != hits.end() && found->uid == uid ? &*found : nullptr;
    }

    ModSeq highest_mod_seq(std::vector<Hit> const& hits, UidSet const& among)
    {
        ModSeq highest;
        for (auto const& hit : hits)
            if (among.contains(hit.uid))
                highest = std::max(highest, hit.mod_seq);
        return highest;
    }

    ModSeq highest_mod_seq(std::vector<Hit> const& hits)
    {
        ModSeq highest;
        for (auto const& hit : hits)
            highest = std::max(highest, hit.mod_seq);
        return highest;
    }

    /// MIN, MAX and PARTIAL, as far as they are wanted.
    UidSet chosen(SearchReturn const& wanted, Found const& found)
    {
        UidSet uids;
        if (found.uids.empty())
            return uids;
        if (wanted.min)
            uids.add(found.uids.front().first);
        if (wanted.max)
            uids.add(found.uids.back().last);
        if (wanted.partial)
            uids.add(set_of(page_of(found.uids, *wanted.partial)));
        return uids;
    }

    awaitable<void> tell_relevancy(Context& ctx, Runs const& uids, std::vector<Hit> const& hits)
    {
        auto& out = ctx.out.buffer();
        out += " RELEVANCY (";
        bool is_first = true;
        for (auto const& run : uids)
            for (auto uid = run.first; uid <= run.last; ++uid.value) {
                if (!is_first)
                    out += ' ';
                is_first = false;
                auto const* const hit = find_hit(hits, uid);
                append_number(out, hit ? hit->relevancy : 1);
                if (ctx.out.is_full())
                    co_await ctx.out.flush();
            }
        out += ')';
    }

} // namespace

Runs runs_of(UidSet const& uids) { return { uids.ranges().begin(), uids.ranges().end() }; }

Runs runs_of(std::span<Uid const> uids)
{
    Runs runs;
    for (auto const uid : uids)
        add_run(runs, { uid, uid });
    return runs;
}

Runs numbers_of(Runs const& uids, session::UidMap const& map)
{
    Runs numbers;
    for (auto const& run : uids)
        if (auto const first = map.seq_of(run.first)) // all in a run are neighbours
            add_run(numbers, { Uid { first->value }, Uid { first->value + size_of(run) - 1 } });
    return numbers;
}

std::uint64_t count_of(Runs const& runs)
{
    std::uint64_t count = 0;
    for (auto const& run : runs)
        count += size_of(run);
    return count;
}

Runs page_of(Runs const& runs, PartialRange const& range)
{
    auto const count = count_of(runs);
    std::uint64_t begin = range.first - 1;
    std::uint64_t end = range.last;
    if (range.from_end) {
        begin = count - std::min<std::uint64_t>(count, range.last);
        end = count - std::min<std::uint64_t>(count, range.first - 1);
    }
    Runs page;
    std::uint64_t before = 0; // results in front of the run
    for (auto const& run : runs) {
        auto const from = std::max(begin, before) - before;
        auto const to = std::min<std::uint64_t>(end, before + size_of(run));
        if (before + from < to)
            page.push_back({ Uid { static_cast<std::uint32_t>(run.first.value + from) },
                Uid { static_cast<std::uint32_t>(run.first.value + (to - before) - 1) } });
        before += size_of(run);
    }
    return page;
}

void append_runs(std::string& out, Runs const& runs)
{
    bool is_first = true;
    for (auto const& run : runs) {
        if (!is_first)
            out += ',';
        is_first = false;
        append_run(out, run);
    }
}

void check_update(Context const& ctx, Parser& in, SearchReturn const& wanted)
{
    if (wanted.update && ctx.live_searches.has(ctx.tag))
        in.refuse(bad("A search of this tag is followed: use another tag, or CANCELUPDATE first"));
}

Result<void> begin_search(Context& ctx, SearchProgram const& program, SearchReturn const& wanted)
{
    if (wanted.partial)
        if (auto const may = check_limit(message_limit(ctx), wanted.partial->size()); !may)
            return may.error();
    if (program.names_numbers)
        ctx.expunges = Expunges::held_back;
    if (program.names_mod_seq)
        ctx.enable(Capability::condstore);
    return {};
}

Result<void> save_result(Context& ctx, SearchReturn const& wanted, Found const& found)
{
    constexpr std::size_t most_ranges = 100'000; // 800 KB in each session
    auto uids = wanted.saves_all() ? set_of(found.uids) : chosen(wanted, found);
    if (uids.ranges().size() > most_ranges)
        return no("NOTSAVED", "The result is too scattered to be saved: search for fewer messages");
    ctx.mailbox().save(std::move(uids));
    return {};
}

void save_nothing(Context& ctx, Failure const& why)
{
    if (why.status() == Status::no && ctx.selected)
        ctx.mailbox().save({});
}

Line begin_esearch(Context& ctx, AnswerTo const& to)
{
    auto& out = ctx.out.buffer();
    out += "* ESEARCH (TAG ";
    append_string(out, to.tag);
    if (!to.mailbox.empty()) {
        out += " MAILBOX ";
        append_mailbox(out, to.mailbox, ctx.out.spelling());
        out += " UIDVALIDITY ";
        append_number(out, to.uid_validity.value);
    }
    out += ')';
    if (to.by_uid)
        out += " UID";
    return Line(out, ctx.out.spelling());
}

awaitable<void> tell_esearch(Context& ctx, AnswerTo const& to, SearchReturn const& wanted,
    Found const& found, bool names_mod_seq)
{
    auto const in_numbers = to.by_uid ? Runs {} : numbers_of(found.uids, *to.map);
    auto const& told = to.by_uid ? found.uids : in_numbers;
    bool const any = !told.empty();
    auto line = begin_esearch(ctx, to);
    if (wanted.min && any)
        line.atom("MIN").number(told.front().first.value);
    if (wanted.max && any)
        line.atom("MAX").number(told.back().last.value);
    if (wanted.count)
        line.atom("COUNT").number(count_of(told));
    if (wanted.all && any) {
        line.atom("ALL").separate();
        co_await tell_runs(ctx, told);
    }
    if (wanted.partial) {
        auto const page = page_of(told, *wanted.partial);
        line.atom("PARTIAL").open().atom(wanted.partial_text).separate();
        if (page.empty())
            line.raw("NIL");
        else
            co_await tell_runs(ctx, page);
        line.close();
    }
    if (names_mod_seq && any) {
        auto const mod_seq = wanted.saves_all()
            ? highest_mod_seq(found.hits)
            : highest_mod_seq(found.hits, chosen(wanted, found));
        if (mod_seq.value != 0) // 0: a page without messages
            line.atom("MODSEQ").number(mod_seq.value);
    }
    if (wanted.relevancy && any) {
        auto const uids = wanted.partial ? page_of(found.uids, *wanted.partial) : found.uids;
        co_await tell_relevancy(ctx, uids, found.hits);
    }
}

awaitable<void> tell_numbers(
    Context& ctx, std::string_view name, AnswerTo const& to, Found const& found, bool names_mod_seq)
{
    auto const in_numbers = to.by_uid ? Runs {} : numbers_of(found.uids, *to.map);
    auto const& told = to.by_uid ? found.uids : in_numbers;
    auto& out = ctx.out.buffer();
    out.append("* ").append(name);
    for (auto const& run : told)
        for (auto number = run.first.value;; ++number) {
            out += ' ';
            append_number(out, number);
            if (ctx.out.is_full())
                co_await ctx.out.flush();
            if (number == run.last.value)
                break;
        }
    if (names_mod_seq && !told.empty()) {
        out += " (MODSEQ ";
        append_number(out, highest_mod_seq(found.hits).value);
        out += ')';
    }
    out += "\r\n";
}

} // namespace mail::imap
