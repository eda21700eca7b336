// What SEARCH, SORT, THREAD and ESEARCH have in common around the search: its begin, its answers.
#pragma once

#include "protocol/byte_stream.h"
#include "protocol/imap/response.h"
#include "protocol/imap/search_return.h"
#include "protocol/imap/search_run.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mail::imap {

class Context;
class Parser;

/// UIDs, or sequence numbers, in the order in which they are told; each run ascends.
using Runs = std::vector<storage::UidRange>;

Runs runs_of(storage::UidSet const& uids);
Runs runs_of(std::span<storage::Uid const> uids); ///< in this order
/// The same messages by sequence numbers.
Runs numbers_of(Runs const& uids, session::UidMap const& map);
std::uint64_t count_of(Runs const& runs);
/// Those at these places.
Runs page_of(Runs const& runs, PartialRange const& range);
/// "3,1:2": a sequence-set in this order.
void append_runs(std::string& out, Runs const& runs);

/// What was found.
struct Found {
    Runs uids;
    std::vector<Hit> hits; ///< of the same messages, by UID; empty when nothing needs them
};

/// What an answer is to.
struct AnswerTo {
    std::string_view tag;
    bool by_uid = false;
    session::UidMap const* map = nullptr; ///< not by_uid: what sequence numbers stand for
    std::string_view mailbox {}; ///< with MULTISEARCH: its name
    storage::UidValidity uid_validity {};
};

/// UPDATE with the tag of a search that is followed is refused (RFC 5267 §4.3).
void check_update(Context const& ctx, Parser& in, SearchReturn const& wanted);

/// Before the search: numbers that it names stay (RFC 7162 §3.2.10.2), mod-sequences that it names
/// enable CONDSTORE. Refuses a page beyond MESSAGELIMIT (RFC 9738), and has then done nothing.
Result<void> begin_search(
    Context& ctx, SearchProgram const& program, SearchReturn const& wanted = {});

/// Saves what SAVE asks for. NO [NOTSAVED] when it would take too much memory.
Result<void> save_result(Context& ctx, SearchReturn const& wanted, Found const& found);
/// What SAVE saves of a search that was refused by NO: nothing (RFC 5182 §2.1).
void save_nothing(Context& ctx, Failure const& why);

/// "* ESEARCH (TAG "a") UID": the rest is for the caller to add.
Line begin_esearch(Context& ctx, AnswerTo const& to);

/// "* ESEARCH (TAG "a") UID MIN 2 COUNT 3"; without matches just COUNT is told.
awaitable<void> tell_esearch(Context& ctx, AnswerTo const& to, SearchReturn const& wanted,
    Found const& found, bool names_mod_seq);

/// "* SEARCH 2 84 882 (MODSEQ 917162500)", or SORT.
awaitable<void> tell_numbers(Context& ctx, std::string_view name, AnswerTo const& to,
    Found const& found, bool names_mod_seq);

/// A command of two functions, as command() is. `parse` fills its arguments as far as it comes: who
/// asked to SAVE has something saved also when it fails.
template <class Args, auto parse, auto act>
awaitable<Result<void>> search_command(Context& ctx, Parser& in)
{
    Args args;
    Result<void> result = parse(ctx, in, args);
    bool const saves = args.wanted.save;
    if (result)
        result = co_await act(ctx, std::move(args));
    if (!result && saves)
        save_nothing(ctx, result.error());
    co_return result;
}

} // namespace mail::imap
