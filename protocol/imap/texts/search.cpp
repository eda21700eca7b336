// SEARCH, SORT, THREAD and filters.
#include "protocol/imap/texts/tables.h"

#include <algorithm>
#include <array>

namespace mail::imap::texts {
namespace {

    // clang-format off
    constexpr auto table = std::to_array<Text>({
        {"A batch has at least 500 messages; ask for larger ones",
         "Eine Portion hat mindestens 500 Nachrichten; verlangen Sie größere",
         "Un lot contient au moins 500 messages ; demandez des lots plus grands"},
        {"All strings are UTF-8 since ENABLE UTF8=ACCEPT: leave CHARSET out",
         "Seit ENABLE UTF8=ACCEPT sind alle Zeichenketten UTF-8: Lassen Sie CHARSET weg",
         "Depuis ENABLE UTF8=ACCEPT toutes les chaînes sont en UTF-8 : omettez CHARSET"},
        {"All strings are UTF-8 since ENABLE UTF8=ACCEPT: use UTF-8",
         "Seit ENABLE UTF8=ACCEPT sind alle Zeichenketten UTF-8: Verwenden Sie UTF-8",
         "Depuis ENABLE UTF8=ACCEPT toutes les chaînes sont en UTF-8 : utilisez UTF-8"},
        {"Filters are in UTF-8: leave CHARSET out",
         "Filter sind in UTF-8: Lassen Sie CHARSET weg",
         "Les filtres sont en UTF-8 : omettez CHARSET"},
        {"Messages are named by UIDs only on this connection: write UID before the set",
         "Nachrichten werden auf dieser Verbindung nur mit UIDs benannt: Schreiben Sie UID vor die Nummern",
         "Sur cette connexion, les messages ne sont désignés que par leur UID : écrivez UID devant les numéros"},
        {"Search keys are nested too deeply: 100 levels are the limit",
         "Die Suchbegriffe sind zu tief geschachtelt: 100 Ebenen sind die Grenze",
         "Les critères de recherche sont trop imbriqués : la limite est de 100 niveaux"},
        {"The filter's value is no complete search program: store a complete one",
         "Der Wert des Filters ist keine vollständige Suche: Speichern Sie eine vollständige",
         "La valeur du filtre n'est pas une recherche complète : enregistrez-en une complète"},
        {"The messages refer to each other in too many ways: THREAD fewer of them at once",
         "Die Nachrichten beziehen sich zu vielfältig aufeinander: Ordnen Sie mit THREAD weniger davon auf einmal",
         "Les messages se réfèrent les uns aux autres de trop de façons : soumettez-en moins à la fois à THREAD"},
        {"The range of batches ends before it begins; write the lower number first",
         "Der Bereich der Portionen endet, bevor er beginnt; schreiben Sie die kleinere Zahl zuerst",
         "La plage de lots se termine avant de commencer ; écrivez d'abord le plus petit nombre"},
        {"The result is too scattered to be saved: search for fewer messages",
         "Das Ergebnis ist zu verstreut, um aufbewahrt zu werden: Suchen Sie nach weniger Nachrichten",
         "Le résultat est trop dispersé pour être conservé : cherchez moins de messages"},
        {"There is no filter of this name, or it refers to itself: set it with SETMETADATA",
         "Einen Filter dieses Namens gibt es nicht, oder er bezieht sich auf sich selbst: Setzen Sie ihn mit SETMETADATA",
         "Il n'y a pas de filtre de ce nom, ou il se réfère à lui-même : définissez-le avec SETMETADATA"},
        {"This charset is not known here: use UTF-8",
         "Dieser Zeichensatz ist hier nicht bekannt: Verwenden Sie UTF-8",
         "Ce jeu de caractères n'est pas connu ici : utilisez UTF-8"},
        {"Too many filters: use at most 50 in one SEARCH",
         "Zu viele Filter: Verwenden Sie höchstens 50 in einem SEARCH",
         "Trop de filtres : employez-en 50 au plus par SEARCH"},
        {"Too many search keys: ask for at most 5000 in one SEARCH",
         "Zu viele Suchbegriffe: Verwenden Sie höchstens 5000 in einem SEARCH",
         "Trop de critères de recherche : employez-en 5000 au plus par SEARCH"},
        {"Too many texts: ask for at most 100 BODY and TEXT at once",
         "Zu viele Texte: Verwenden Sie höchstens 100 BODY und TEXT auf einmal",
         "Trop de textes : employez au plus 100 BODY et TEXT à la fois"},
    });
    // clang-format on
    static_assert(std::ranges::is_sorted(table, {}, &Text::english));

} // namespace

std::span<Text const> search() { return table; }

} // namespace mail::imap::texts
