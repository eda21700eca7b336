// What can be known of a program before it runs.
#include "protocol/imap/search_program.h"

#include "protocol/imap/parser.h"
#include "protocol/imap/search_target.h"
#include "storage/messages.h"

#include <algorithm>

namespace mail::imap {

namespace {

    using Kind = SearchKey::Kind;

    Evidence needs_of(SearchProgram const& program, Kind kind)
    {
        switch (kind) {
        case Kind::email_id:
        case Kind::thread_id:
            return Evidence::cold;
        case Kind::from:
        case Kind::to:
        case Kind::cc:
        case Kind::bcc:
        case Kind::subject: // what is stored is folded by the default collation
            return program.collation == mime::Collation::unicode_casemap ? Evidence::cold
                                                                         : Evidence::header;
        case Kind::header:
            return Evidence::header;
        case Kind::body:
        case Kind::text:
            return Evidence::text;
        case Kind::before:
        case Kind::on:
        case Kind::since:
        case Kind::sent_before:
        case Kind::sent_on:
        case Kind::sent_since:
        case Kind::saved_before:
        case Kind::saved_on:
        case Kind::saved_since:
        case Kind::older:
        case Kind::younger:
        case Kind::larger:
        case Kind::smaller:
            return Evidence::hot;
        case Kind::all:
        case Kind::none:
        case Kind::both:
        case Kind::either:
        case Kind::sequence:
        case Kind::uid:
        case Kind::uid_after:
        case Kind::uid_before:
        case Kind::flag:
        case Kind::keyword:
        case Kind::recent:
        case Kind::mod_seq:
            break;
        }
        return Evidence::flags;
    }

    class Binder {
    public:
        Binder(SearchProgram& program, SearchTarget const& target,
            std::span<std::string const> keywords, std::int64_t now, Binding binding)
            : program_(program)
            , target_(target)
            , keywords_(keywords)
            , now_(now)
            , binding_(binding)
        {
        }

        void bind(SearchKey& key)
        {
            for (auto& each : key.keys)
                bind(each);
            key.needs = needs_of(program_, key.kind);
            program_.has[static_cast<std::size_t>(key.needs)] = true;
            for (auto const& each : key.keys)
                key.needs = std::max(key.needs, each.needs);
            std::ranges::stable_sort(key.keys, {}, &SearchKey::needs);
            bind_value(key);
        }

    private:
        void bind_value(SearchKey& key)
        {
            switch (key.kind) {
            case Kind::sequence:
                bind_set(key, Numbering::sequence);
                break;
            case Kind::uid:
                bind_set(key, Numbering::uid);
                break;
            case Kind::keyword: {
                auto const found = std::ranges::find_if(keywords_, [&](std::string const& keyword) {
                    return equal_without_case(keyword, key.text);
                });
                key.number = found == keywords_.end()
                    ? storage::max_keywords
                    : static_cast<std::uint64_t>(found - keywords_.begin());
                break;
            }
            case Kind::older:
            case Kind::younger:
                key.moment = now_ - static_cast<std::int64_t>(key.number);
                break;
            default:
                break;
            }
        }

        void bind_set(SearchKey& key, Numbering numbering)
        {
            bool const is_fixed = numbering == Numbering::sequence || key.set.saved;
            if (is_fixed && binding_ != Binding::everything)
                return;
            key.uids = spans_of(key.set, numbering, *target_.map);
            if (!key.set.saved)
                return;
            if (!saved_)
                saved_ = std::make_shared<storage::UidSet const>(target_.saved);
            key.saved = saved_;
        }

        SearchProgram& program_;
        SearchTarget const& target_;
        std::span<std::string const> keywords_;
        std::int64_t now_;
        Binding binding_;
        std::shared_ptr<storage::UidSet const> saved_; ///< one for all keys: it may be large
    };

    std::size_t octets_of(SearchKey const& key)
    {
        auto octets = sizeof key + key.text.capacity() + key.field.capacity()
            + key.set.ranges.capacity() * sizeof(SequenceSet::Range)
            + key.uids.ranges().size() * sizeof(storage::UidRange)
            + (key.saved ? key.saved->ranges().size() * sizeof(storage::UidRange) : 0);
        for (auto const& each : key.keys)
            octets += octets_of(each);
        return octets;
    }

} // namespace

std::size_t octets_of(SearchProgram const& program)
{
    auto octets = octets_of(program.root);
    for (auto const& pattern : program.patterns)
        octets += sizeof pattern + pattern.text.capacity();
    return octets;
}

void make_ready(SearchProgram& program, SearchTarget const& target,
    std::span<std::string const> keywords, std::int64_t now, Binding binding)
{
    program.has = {};
    program.ready_at = now;
    Binder(program, target, keywords, now, binding).bind(program.root);
}

storage::UidSet candidates(SearchProgram const& program, storage::UidSet const& all)
{
    auto const uid_of = [](SearchKey const& key) {
        return storage::Uid { static_cast<std::uint32_t>(key.number) };
    };
    auto result = all;
    auto const& keys = program.root.keys;
    for (auto const& key : std::span(keys).first(std::min(keys.size(), most_narrowing))) {
        if (key.negated)
            continue;
        if (key.saved) {
            auto either = key.uids;
            either.add(*key.saved);
            result = result.intersection(either);
        } else if (key.kind == Kind::sequence || key.kind == Kind::uid)
            result = result.intersection(key.uids);
        else if (key.kind == Kind::uid_before)
            result.remove({ uid_of(key), storage::Uid { UINT32_MAX } });
        else if (key.kind == Kind::uid_after)
            result.remove({ storage::Uid { 1 }, uid_of(key) });
    }
    return result;
}

} // namespace mail::imap
