// LANG: the language of texts for people (RFC 6856 §3).
#include "protocol/language.h"
#include "protocol/pop3/commands.h"

#include <fmt/format.h>

namespace mail::pop3 {

namespace {

    void list_languages(Context& ctx)
    {
        ctx.ok("The languages are");
        for (auto const language : languages())
            ctx.line(fmt::format("{} {}", tag_of(language), name_of(language)));
        ctx.end_of_lines();
    }

} // namespace

/// "*" is the administrator's choice, the same for all users: it must tell nothing of them before
/// the login (RFC 6856 §7).
awaitable<Result<void>> lang(Context& ctx, LanguageRange args)
{
    if (args.text.empty()) {
        list_languages(ctx);
        co_return Result<void> {};
    }
    auto const language
        = find_language(args.text == "*" ? ctx.session.settings().pop3.language : args.text);
    if (!language)
        co_return Failure(
            Code::none, "This language is not spoken here: LANG alone lists those that are");
    ctx.session.translate(translation_into(*language));
    // The tag stands before the text, and is no part of it.
    ctx.out.buffer() += fmt::format("+OK {} {}\r\n", tag_of(*language),
        ctx.session.translated("Texts are in this language from now on"));
    co_return Result<void> {};
}

} // namespace mail::pop3
