// LANGUAGE: in which language texts for people are (RFC 5255 §3).
#include "protocol/language.h"

#include "protocol/imap/commands.h"
#include "protocol/imap/context.h"
#include "protocol/imap/parser.h"

namespace mail::imap {
namespace {

    struct LanguageArgs {
        std::vector<std::string> ranges; ///< the one the client likes best first
    };

    Result<LanguageArgs> parse_language(Parser& in)
    {
        LanguageArgs args;
        while (!in.failed() && !in.at_end()) {
            in.space();
            auto const range = in.astring();
            if (!is_language_range(range))
                in.fail("a language range like de-AT, or *");
            args.ranges.emplace_back(range);
        }
        return in.finish(std::move(args));
    }

    /// "default" is the administrator's choice.
    std::optional<Language> choose(Context const& ctx, std::vector<std::string> const& ranges)
    {
        for (auto const& range : ranges) {
            bool const is_default = equal_without_case(range, "default");
            auto const language
                = find_language(is_default ? ctx.session.settings().imap.language : range);
            if (language)
                return language;
        }
        return std::nullopt;
    }

    Result<void> language(Context& ctx, LanguageArgs const& args)
    {
        if (args.ranges.empty()) {
            auto line = ctx.out.untagged("LANGUAGE");
            line.list(languages(), [&](Language each) { line.atom(tag_of(each)); });
            return {};
        }
        auto const chosen = choose(ctx, args.ranges);
        if (!chosen)
            return no(
                {}, "None of these languages is spoken here; LANGUAGE alone lists those that are");
        ctx.out.untagged("LANGUAGE").open().atom(tag_of(*chosen)).close();
        ctx.speak(*chosen);
        return {};
    }

} // namespace

awaitable<Result<void>> run_language(Context& ctx, Parser& in)
{
    return command<parse_language, language>(ctx, in);
}

} // namespace mail::imap
