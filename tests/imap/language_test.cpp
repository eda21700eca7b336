// LANGUAGE (RFC 5255): which language is chosen, and that no text lacks a translation.
#include "protocol/imap/mutf7.h"
#include "protocol/language.h"
#include "protocol/texts.h"
#include "tests/support/source_texts.h"
#include "tests/support/transcript.h"

#include <set>

namespace mail::imap {
namespace {

    using namespace mail::test;

    TEST(Languages, AreFoundByRanges)
    {
        for (auto const& [range, language] :
            { std::pair { "de", Language::de }, { "DE-at", Language::de },
                { "de-Latn-DE-1996", Language::de }, { "fr-x-private", Language::fr },
                { "en-GB", Language::en }, { "i-default", Language::i_default },
                { "I-Default", Language::i_default }, { "*", Language::i_default } })
            EXPECT_EQ(find_language(range), language) << range;
        for (auto const* range : { "mul", "d", "den", "i", "x-de", "it-de", "" })
            EXPECT_EQ(find_language(range), std::nullopt) << range;
    }

    TEST(Languages, RangesHaveAGrammar)
    {
        for (auto const* range : { "de", "de-AT", "*", "*-CH", "de-*", "i-default", "12345678" })
            EXPECT_TRUE(is_language_range(range)) << range;
        for (auto const* range :
            { "", "-", "de-", "-de", "de--AT", "123456789", "d_e", "dé", "**" })
            EXPECT_FALSE(is_language_range(range)) << range;
    }

    TEST(Translation, FindsTextsAndFillsGaps)
    {
        EXPECT_EQ(translate(Language::de, "Log in first"), "Melden Sie sich zuerst an");
        EXPECT_EQ(translate(Language::fr, "Log in first"), "Connectez-vous d'abord");
        EXPECT_EQ(translate(Language::en, "Log in first"), "Log in first");
        EXPECT_EQ(translate(Language::de, "UID FETCH completed"), "Befehl UID FETCH ausgeführt");
        EXPECT_EQ(translate(Language::de, "Syntax error at octet 17: expected a space"),
            "Syntaxfehler bei Oktett 17: erwartet wird ein Leerzeichen");
        EXPECT_EQ(translate(Language::fr, "Syntax error at octet 17: expected ("),
            "Erreur de syntaxe à l'octet 17, où l'on attend (");
        EXPECT_EQ(translate(Language::de, "Syntax error at octet 9: expected one of SIZE, DELETED"),
            "Syntaxfehler bei Oktett 9: erwartet wird eines von SIZE, DELETED");
        EXPECT_EQ(translate(Language::de, "MIN, MAX or COUNT"), "MIN, MAX oder COUNT");
        EXPECT_EQ(translate(Language::fr, "SET or NONE"), "SET ou NONE");
        EXPECT_EQ(translate(Language::de, "Nobody knows this text"), "Nobody knows this text");
        EXPECT_EQ(translate(Language::de, ""), "");
    }

    TEST(Translation, IsOfTheWholeWarningOfAQuota)
    {
        EXPECT_EQ(translate(Language::de,
                      "The account is full, 10 of 10 KiB of messages are in use (100%): "
                      "delete messages and expunge them"),
            "Das Konto ist voll: 10 von 10 KiB für Nachrichten sind belegt (100 %); "
            "löschen Sie Nachrichten endgültig");
        EXPECT_EQ(translate(Language::fr,
                      "The account is nearly full, 9 of 10 messages are in use (90%): "
                      "delete messages and expunge them"),
            "Le compte est presque plein : 9 messages sur 10 possibles sont conservés (90 %) ; "
            "supprimez des messages et effacez-les");
        EXPECT_EQ(translate(Language::de,
                      "The account is nearly full, 9 of 10 mailboxes are in use (90%): "
                      "delete mailboxes that you do not need"),
            "Das Konto ist fast voll: 9 von höchstens 10 Postfächern sind angelegt (90 %); "
            "löschen Sie die, die Sie nicht brauchen");
    }

    /// Gaps do not count: what fills them is translated by itself.
    bool is_translated(std::string const& text)
    {
        for (auto const language : { Language::de, Language::fr })
            if (translate(language, text) == text)
                return false;
        return true;
    }

    TEST(Translation, NoTextLacksOne)
    {
        auto const texts = source_texts();
        EXPECT_GT(texts.size(), 100U) << "the sources are read wrongly";
        for (auto const& [text, file] : texts)
            EXPECT_TRUE(is_translated(text))
                << file << " says to people: " << text
                << "\nTranslate it in protocol/texts/, or tell source_texts.h that it is "
                   "not for people.";
    }

    TEST(Translation, TheCatalogueHasNoTextThatNobodySays)
    {
        std::set<std::string> said;
        for (auto const& [text, file] : source_texts())
            said.insert(text);
        for (auto const texts : { whole_texts(), texts_with_gaps() })
            for (auto const& text : texts)
                EXPECT_TRUE(said.contains(std::string(text.english))) << text.english;
    }

    TEST(Translation, TheCatalogueHasEachTextOnce)
    {
        auto const texts = whole_texts();
        EXPECT_TRUE(std::ranges::is_sorted(texts, {}, &Text::english));
        auto const twice = std::ranges::adjacent_find(texts, {}, &Text::english);
        EXPECT_EQ(twice, texts.end()) << (twice == texts.end() ? "" : twice->english);
    }

    std::size_t count_gaps(std::string_view text)
    {
        std::size_t gaps = 0;
        for (auto at = text.find("{}"); at != text.npos; at = text.find("{}", at + 2))
            ++gaps;
        return gaps;
    }

    TEST(Translation, HasTheGapsOfTheText)
    {
        for (auto const& text : whole_texts())
            EXPECT_EQ(count_gaps(text.english), 0U) << text.english;
        for (auto const& text : texts_with_gaps()) {
            EXPECT_GT(count_gaps(text.english), 0U) << text.english;
            EXPECT_EQ(count_gaps(text.german), count_gaps(text.english)) << text.german;
            EXPECT_EQ(count_gaps(text.french), count_gaps(text.english)) << text.french;
        }
    }

    TEST(Translation, AreCleanUtf8AndKeepTheWordsOfTheProtocol)
    {
        auto const check = [](std::string_view english, std::string_view other) {
            EXPECT_TRUE(is_utf8(other)) << other;
            for (char const c : other)
                EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) << other;
            EXPECT_FALSE(other.starts_with('[')) << other;
            // Names of commands and items are the same in each language.
            std::string word;
            for (char const c : std::string(english) + " ") {
                if ((c >= 'A' && c <= 'Z') || c == '.' || c == '\\') {
                    word += c;
                    continue;
                }
                if (word.size() > 3 && !(c >= 'a' && c <= 'z') && word.back() != '.') {
                    EXPECT_NE(other.find(word), std::string_view::npos) << word << ": " << other;
                }
                word.clear();
            }
        };
        for (auto const texts : { whole_texts(), texts_with_gaps() })
            for (auto const& text : texts) {
                check(text.english, text.german);
                check(text.english, text.french);
                for (char const c : text.english)
                    EXPECT_TRUE(c >= 0x20 && c < 0x7f) << text.english << " is not i-default";
            }
    }

    TEST(ImapLanguage, IsValidInAnyStateAndListsWhatIsSpoken)
    {
        Transcript imap { mailbox("INBOX") };
        imap.play(R"(
            C: a1 LANGUAGE
            S: * LANGUAGE (i-default en de fr)
            S: a1 OK LANGUAGE completed
            C: a2 LANGUAGE "de-DE"
            S: * LANGUAGE (de)
            S: a2 OK Befehl LANGUAGE ausgeführt
            C: a3 SELECT INBOX
            S: a3 BAD Melden Sie sich zuerst an
            C: a4 LOGIN alice wrong
            S: a4 NO [AUTHENTICATIONFAILED] Unbekannter Benutzer oder falsches Passwort
            C: a5 LOGIN alice secret
            S: a5 OK [CAPABILITY *] Sie sind angemeldet
            C: a6 NOOP x
            S: a6 BAD Syntaxfehler bei Oktett 8: erwartet wird das Ende des Befehls
        )");
    }

    TEST(ImapLanguage, TakesTheFirstThatIsSpoken)
    {
        Transcript imap { mailbox("INBOX") };
        imap.play(R"(
            C: a1 LANGUAGE MUL
            S: a1 NO None of these languages is spoken here; LANGUAGE alone lists those that are
            C: a2 language it {5+}
            C: FR-CA en
            S: * LANGUAGE (fr)
            S: a2 OK Commande LANGUAGE exécutée
            C: a3 LANGUAGE tlh
            S: a3 NO Aucune de ces langues n'est parlée ici*
            C: a4 LANGUAGE de_DE
            S: a4 BAD *
            C: a5 LANGUAGE ""
            S: a5 BAD *
            C: a6 LANGUAGE default
            S: * LANGUAGE (i-default)
            S: a6 OK LANGUAGE completed
        )");
        imap.services().settings.imap.language = "de";
        imap.play(R"(
            C: a7 LANGUAGE "default"
            S: * LANGUAGE (de)
            S: a7 OK Befehl LANGUAGE ausgeführt
        )");
    }

    TEST(ImapLanguage, IsOfTextsNotOfTheProtocol)
    {
        Transcript imap { mailbox("INBOX", { unseen("one") }) };
        imap.login().play(R"(
            C: a1 LANGUAGE de
            S: * LANGUAGE (de)
            S: a1 OK *
            C: a2 SELECT INBOX
            S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
            S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] Markierungen, die *
            S: * 1 EXISTS
            S: * 1 RECENT
            S: * OK [UNSEEN 1] Erste Nachricht ohne \Seen
            S: * OK [UIDVALIDITY *] Hierzu gelten die UIDs
            S: * OK [UIDNEXT 2] Nächste UID
            S: * OK [HIGHESTMODSEQ *] Höchste Modifikationsnummer
            S: * OK [MAILBOXID (*)] Bleibende Kennung des Postfachs
            S: * OK [URLMECH INTERNAL] So werden URLs berechtigt
            S: a2 OK [READ-WRITE] Befehl SELECT ausgeführt
            C: a3 IDLE
            S: + idling
            C: DONE
            S: a3 OK *
            C: a4 FETCH 1 BODY.PEEK[HEADER.FIELDS (Subject)]
            S: * 1 FETCH (BODY[HEADER.FIELDS (Subject)] {16}
            S: Subject: one
            S:
            S: )
            S: a4 OK *
        )");
        EXPECT_EQ(imap.session().translated("Internal error; try again later"),
            "Interner Fehler; versuchen Sie es später noch einmal");
        imap.play(R"(
            C: a5 UNAUTHENTICATE
            S: a5 OK [CAPABILITY *] Logged out; log in again
        )");
        EXPECT_EQ(imap.session().translated("Internal error; try again later"),
            "Internal error; try again later");
    }

    TEST(ImapLanguage, GoesWithNamespace)
    {
        for (auto const* name : { "LANGUAGE", "NAMESPACE" }) {
            auto world = Transcript::make_world({});
            world->settings.imap.capabilities_off = { name };
            Transcript imap(world, {});
            imap.play(R"(
                C: a1 LANGUAGE
                S: a1 BAD Unknown command*
            )");
        }
    }

} // namespace
} // namespace mail::imap
