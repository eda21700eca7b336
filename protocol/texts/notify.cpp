// NOTIFY: what can be watched.
#include "protocol/texts/tables.h"

#include <algorithm>
#include <array>

namespace mail::texts {
namespace {

    // clang-format off
    constexpr auto notify_table = std::to_array<Text>({
        {"Data of new messages are told of the selected mailbox only: ask for them with SELECTED",
         "Daten neuer Nachrichten gibt es nur vom gewählten Postfach: Verlangen Sie sie mit SELECTED",
         "Les données des nouveaux messages ne sont données que pour la boîte sélectionnée : demandez-les avec SELECTED"},
        {"MessageNew and MessageExpunge go together, and with every other event of messages",
         "MessageNew und MessageExpunge gehören zusammen, und beide zu jedem anderen Ereignis von Nachrichten",
         "MessageNew et MessageExpunge vont ensemble, et avec tout autre événement de messages"},
        {"One of the events cannot be watched here",
         "Eines der Ereignisse kann hier nicht beobachtet werden",
         "L'un des événements ne peut être suivi ici"},
        {"SELECTED or SELECTED-DELAYED stands once in a NOTIFY",
         "SELECTED oder SELECTED-DELAYED steht einmal in einem NOTIFY",
         "SELECTED ou SELECTED-DELAYED figure une seule fois dans un NOTIFY"},
        {"The selected mailbox has events of messages only: ask for the others with PERSONAL or MAILBOXES",
         "Das gewählte Postfach hat nur Ereignisse von Nachrichten: Verlangen Sie die anderen mit PERSONAL oder MAILBOXES",
         "La boîte sélectionnée n'a que des événements de messages : demandez les autres avec PERSONAL ou MAILBOXES"},
        {"These are mailboxes of too many accounts; watch fewer of them",
         "Das sind Postfächer von zu vielen Konten; beobachten Sie weniger davon",
         "Ce sont des boîtes de trop de comptes ; suivez-en moins"},
        {"These are too many mailboxes of others; watch fewer of them",
         "Das sind zu viele Postfächer von anderen; beobachten Sie weniger davon",
         "Ce sont trop de boîtes d'autrui ; suivez-en moins"},
        {"Too many mailboxes are named one by one; watch PERSONAL or a SUBTREE",
         "Zu viele Postfächer sind einzeln genannt; beobachten Sie PERSONAL oder einen SUBTREE",
         "Trop de boîtes sont nommées une à une ; suivez PERSONAL ou un SUBTREE"},
        {"Too much happened to tell all of it; look at the mailboxes, then use NOTIFY again",
         "Es ist zu viel geschehen, um alles zu melden; sehen Sie die Postfächer durch und verwenden Sie NOTIFY dann neu",
         "Il s'est passé trop de choses pour tout signaler ; consultez les boîtes, puis relancez NOTIFY"},
    });
    // clang-format on
    static_assert(std::ranges::is_sorted(notify_table, {}, &Text::english));

} // namespace

std::span<Text const> notify() { return notify_table; }

} // namespace mail::texts
