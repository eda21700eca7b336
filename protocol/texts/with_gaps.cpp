// Texts with something in them that differs from case to case.
#include "protocol/texts/tables.h"

#include <array>

namespace mail::texts {
namespace {

    /// What fills the gaps keeps its order, and is translated by itself. The first that fits
    /// counts: what has a gap in the place of words of another stands behind it.
    // clang-format off
    constexpr auto with_gaps_table = std::to_array<Text>({
        {"{} completed",
         "Befehl {} ausgeführt",
         "Commande {} exécutée"},
        {"Syntax error at octet {}: expected {}",
         "Syntaxfehler bei Oktett {}: erwartet wird {}",
         "Erreur de syntaxe à l'octet {}, où l'on attend {}"},
        {"one of {}",
         "eines von {}",
         "l'un de {}"},
        {"The account is full, {}",
         "Das Konto ist voll: {}",
         "Le compte est plein : {}"},
        {"The account is nearly full, {}",
         "Das Konto ist fast voll: {}",
         "Le compte est presque plein : {}"},
        {"{} of {} KiB of messages are in use ({}%): delete messages and expunge them",
         "{} von {} KiB für Nachrichten sind belegt ({} %); löschen Sie Nachrichten endgültig",
         "{} Kio sur {} sont occupés par des messages ({} %) ; supprimez des messages et effacez-les"},
        {"{} of {} messages are in use ({}%): delete messages and expunge them",
         "{} von höchstens {} Nachrichten sind gespeichert ({} %); löschen Sie Nachrichten endgültig",
         "{} messages sur {} possibles sont conservés ({} %) ; supprimez des messages et effacez-les"},
        {"{} of {} mailboxes are in use ({}%): delete mailboxes that you do not need",
         "{} von höchstens {} Postfächern sind angelegt ({} %); löschen Sie die, die Sie nicht brauchen",
         "{} boîtes sur {} possibles sont créées ({} %) ; supprimez celles dont vous n'avez pas besoin"},
        {"{} POP3 server ready",
         "POP3-Server {} ist bereit",
         "Serveur POP3 {} prêt"},
        {"{} messages ({} octets)",
         "{} Nachrichten ({} Oktette)",
         "{} messages ({} octets en tout)"},
        {"{} octets",
         "{} Oktette",
         "{} octets suivent"},
        {"Nothing was deleted: {}",
         "Es wurde nichts gelöscht: {}",
         "Rien n'a été supprimé : {}"},
        {"This account has just logged in: try again in {} seconds",
         "Dieses Konto hat sich gerade erst angemeldet: Versuchen Sie es in {} Sekunden noch einmal",
         "Ce compte vient de se connecter : réessayez dans {} secondes"},
    });
    // clang-format on

} // namespace

std::span<Text const> with_gaps() { return with_gaps_table; }

} // namespace mail::texts
