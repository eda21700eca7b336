// From hits to an order.
#include "protocol/imap/sort_run.h"

#include "protocol/imap/context.h"
#include "protocol/imap/key_walk.h"
#include "protocol/imap/sort_order.h"
#include "protocol/imap/sort_values.h"
#include "protocol/imap/worker.h"

#include <algorithm>
#include <array>

namespace mail::imap {

namespace {

    using mime::Collation;
    using mime::SortColumn;

    /// Texts of the criteria, by their places among the criteria.
    class TextColumns {
    public:
        TextColumns(std::span<SortCriterion const> criteria, std::size_t messages)
            : criteria_(criteria)
            , columns_(criteria.size())
        {
            for (std::size_t i = 0; i < criteria.size(); ++i)
                if (is_text(criteria[i].key))
                    columns_[i].reserve(messages);
        }

        bool needs_subject() const { return std::ranges::any_of(criteria_, is_subject); }
        bool needs_names() const
        {
            return std::ranges::any_of(
                criteria_, [](SortCriterion const& each) { return is_name(each.key); });
        }
        bool needs_any() const { return needs_subject() || needs_names(); }

        void add_subject(std::string_view blob)
        {
            auto const at = std::ranges::find_if(criteria_, is_subject);
            columns_[static_cast<std::size_t>(at - criteria_.begin())].add(
                mime::SubjectKey(blob).base);
        }
        void add_names(std::string_view blob)
        {
            mime::NameKeys const names(blob);
            for (std::size_t i = 0; i < columns_.size(); ++i)
                if (is_name(criteria_[i].key))
                    columns_[i].add(name_of(criteria_[i].key, names));
        }
        void add_header(mime::HeaderKeys const& header, Collation collation)
        {
            for (std::size_t i = 0; i < columns_.size(); ++i)
                if (is_text(criteria_[i].key))
                    columns_[i].add(
                        mime::collation_key(text_of(criteria_[i].key, header), collation));
        }

        TextColumn const& operator[](std::size_t criterion) const { return columns_[criterion]; }

    private:
        static bool is_subject(SortCriterion const& each)
        {
            return each.key == SortCriterion::Key::subject;
        }

        std::span<SortCriterion const> criteria_;
        std::vector<TextColumn> columns_;
    };

    awaitable<void> read_texts(Context& ctx, LongWork& work, SearchTarget const& target,
        std::span<storage::Uid const> uids, Collation collation, TextColumns& texts)
    {
        auto& volume = ctx.session.volume_of(target.owner);
        KeyWalk subjects(uids);
        KeyWalk names(uids);
        KeyWalk headers(uids);
        bool const is_stored = collation == Collation::unicode_casemap;
        auto const read = [&] {
            auto const txn = volume.read();
            if (!is_stored && texts.needs_any() && !headers.done())
                headers.read_headers(txn, target.viewpoint,
                    [&](mime::HeaderKeys const& header) { texts.add_header(header, collation); });
            else if (is_stored && texts.needs_subject() && !subjects.done())
                subjects.read_stored(txn, target.viewpoint.place, SortColumn::subject,
                    [&](std::string_view blob) { texts.add_subject(blob); });
            else if (is_stored && texts.needs_names() && !names.done())
                names.read_stored(txn, target.viewpoint.place, SortColumn::names,
                    [&](std::string_view blob) { texts.add_names(blob); });
            else
                return false;
            return true;
        };
        auto const size = is_stored ? Effort::by_messages(uids.size()) : Effort::large();
        for (bool more = true; more;) {
            more = co_await at_worker(ctx, size, read);
            if (more)
                co_await work.pause();
        }
    }

} // namespace

bool sorts_by_records(std::span<SortCriterion const> criteria)
{
    return std::ranges::any_of(
        criteria, [](SortCriterion const& each) { return !is_text(each.key); });
}

awaitable<std::vector<storage::Uid>> sort_matches(Context& ctx, LongWork& work,
    SearchTarget const& target, Matches const& matches, std::span<SortCriterion const> criteria,
    Comparator comparator)
{
    std::vector<storage::Uid> uids;
    uids.reserve(matches.uids.count());
    matches.uids.for_each([&](storage::Uid uid) { uids.push_back(uid); });
    TextColumns texts(criteria, uids.size());
    co_await read_texts(ctx, work, target, uids, comparator.collation, texts);
    auto const sort = [&] {
        SortOrder order(uids.size());
        std::vector<std::uint64_t> numbers;
        for (auto i = criteria.size(); i-- > 0;) { // the first counts most
            auto const key = criteria[i].key;
            auto const direction
                = falls(criteria[i], comparator) ? Direction::descending : Direction::ascending;
            if (is_text(key)) {
                order.by_text(texts[i], direction);
                continue;
            }
            numbers.clear();
            for (auto const& hit : matches.hits)
                numbers.push_back(number_of(key, hit));
            order.by_number(numbers, direction);
        }
        std::vector<storage::Uid> sorted;
        sorted.reserve(uids.size());
        for (auto const index : order.order())
            sorted.push_back(uids[index]);
        return sorted;
    };
    co_return co_await at_worker(ctx, Effort::by_messages(uids.size()), sort);
}

awaitable<std::vector<std::size_t>> places_among(Context& ctx, LongWork& work,
    SearchTarget const& target, std::span<storage::Uid const> sorted,
    std::span<storage::Uid const> fresh, std::span<SortCriterion const> criteria,
    Comparator comparator)
{
    constexpr std::size_t few = 16;
    constexpr auto slice = std::chrono::milliseconds(20);
    auto& volume = ctx.session.volume_of(target.owner);
    std::vector<std::size_t> places;
    auto const find = [&] {
        auto const end = std::chrono::steady_clock::now() + slice;
        auto const txn = volume.read();
        auto const values = [&](storage::Uid uid) {
            return read_sort_values(txn, target.viewpoint, uid, criteria, comparator);
        };
        do {
            auto const mine = values(fresh[places.size()]);
            auto const behind = places.empty() ? 0 : places.back();
            auto const place
                = std::partition_point(sorted.begin() + static_cast<std::ptrdiff_t>(behind),
                    sorted.end(), [&](storage::Uid other) {
                        return stands_before(values(other), mine, criteria, comparator);
                    });
            places.push_back(static_cast<std::size_t>(place - sorted.begin()));
        } while (places.size() < fresh.size() && std::chrono::steady_clock::now() < end);
    };
    auto const size = fresh.size() > few || comparator.collation != Collation::unicode_casemap
        ? Effort::large()
        : Effort::by_messages(fresh.size());
    while (places.size() < fresh.size()) {
        co_await at_worker(ctx, size, find);
        co_await work.pause();
    }
    co_return places;
}

} // namespace mail::imap
