// What users may do and use: access rights and quotas.
#include "protocol/texts/tables.h"

#include <algorithm>
#include <array>

namespace mail::texts {
namespace {

    // clang-format off
    constexpr auto rights_table = std::to_array<Text>({
        {"A limit is reached: keywords or access rights of a mailbox, or length of a name; use less",
         "Eine Grenze ist erreicht: die der Schlüsselwörter oder Zugriffsrechte eines Postfachs oder der Länge eines Namens; verwenden Sie weniger",
         "Une limite est atteinte : celle des mots-clés ou des droits d'accès d'une boîte, ou de la longueur d'un nom ; employez-en moins"},
        {"A mailbox stays with the account it belongs to; CREATE one there and MOVE the messages",
         "Ein Postfach bleibt bei seinem Konto; legen Sie dort mit CREATE eines an und verschieben Sie die Nachrichten mit MOVE",
         "Une boîte reste dans son compte ; créez-en une là-bas avec CREATE et déplacez les messages avec MOVE"},
        {"Mailboxes are not shared on this server; ask the administrator for it",
         "Postfächer werden auf diesem Server nicht geteilt; bitten Sie den Administrator darum",
         "Les boîtes ne sont pas partagées sur ce serveur ; demandez-le à l'administrateur"},
        {"Only administrators set quotas; ask one of them",
         "Kontingente setzen nur Administratoren; bitten Sie einen davon",
         "Seuls les administrateurs fixent les quotas ; adressez-vous à l'un d'eux"},
        {"Rights are some of the letters lrswipkxtea, with + or - in front",
         "Rechte sind einige der Buchstaben lrswipkxtea, mit + oder - davor",
         "Les droits sont des lettres parmi lrswipkxtea, précédées de + ou de -"},
        {"The account is full; delete messages and expunge them first",
         "Das Konto ist voll; löschen Sie zuerst Nachrichten endgültig",
         "Le compte est plein ; supprimez d'abord des messages et effacez-les"},
        {"The accounts cannot be looked up now; try again later",
         "Die Konten können zurzeit nicht nachgeschlagen werden; versuchen Sie es später noch einmal",
         "Les comptes ne peuvent être consultés pour le moment ; réessayez plus tard"},
        {"The identifier has characters that no name may have; leave them out",
         "Die Kennung enthält Zeichen, die in keinem Namen stehen dürfen; lassen Sie sie weg",
         "L'identifiant contient des caractères qu'aucun nom ne peut avoir ; omettez-les"},
        {"The identifier is empty; give a login name, or a group as \"$group\"",
         "Die Kennung ist leer; nennen Sie einen Anmeldenamen oder eine Gruppe wie \"$group\"",
         "L'identifiant est vide ; donnez un nom de connexion, ou un groupe comme \"$group\""},
        {"The owner of a mailbox always has all rights to it; change those of others",
         "Der Besitzer eines Postfachs hat immer alle Rechte daran; ändern Sie die von anderen",
         "Le propriétaire d'une boîte y a toujours tous les droits ; changez ceux des autres"},
        {"There is no account of this name; give a login name as the quota root",
         "Ein Konto dieses Namens gibt es nicht; nennen Sie einen Anmeldenamen als Wurzel des Kontingents",
         "Il n'y a pas de compte de ce nom ; donnez un nom de connexion comme racine du quota"},
        {"There is no such quota root; GETQUOTAROOT INBOX tells yours",
         "Ein Kontingent mit dieser Wurzel gibt es nicht; GETQUOTAROOT INBOX nennt Ihre",
         "Il n'y a pas de quota de cette racine ; GETQUOTAROOT INBOX donne la vôtre"},
        {"There is no user of this name; give a login name, or a group as \"$group\"",
         "Einen Benutzer dieses Namens gibt es nicht; nennen Sie einen Anmeldenamen oder eine Gruppe wie \"$group\"",
         "Il n'y a pas d'utilisateur de ce nom ; donnez un nom de connexion, ou un groupe comme \"$group\""},
        {"This bound is beyond what can be counted; set a lower one",
         "Diese Grenze übersteigt alles, was sich zählen lässt; setzen Sie eine niedrigere",
         "Cette limite dépasse tout ce qui peut se compter ; fixez-en une plus basse"},
        {"This identifier can name nobody; give a login name, or a group as \"$group\"",
         "Diese Kennung kann niemanden bezeichnen; nennen Sie einen Anmeldenamen oder eine Gruppe wie \"$group\"",
         "Cet identifiant ne peut désigner personne ; donnez un nom de connexion, ou un groupe comme \"$group\""},
        {"This resource is not bounded here; CAPABILITY lists those that are",
         "Diese Ressource wird hier nicht begrenzt; CAPABILITY nennt die begrenzten",
         "Cette ressource n'est pas limitée ici ; CAPABILITY donne celles qui le sont"},
        {"This server gives no rights to \"anyone\"; name users, or groups as \"$group\"",
         "Dieser Server gibt \"anyone\" keine Rechte; nennen Sie Benutzer oder Gruppen wie \"$group\"",
         "Ce serveur ne donne pas de droits à \"anyone\" ; nommez des utilisateurs, ou des groupes comme \"$group\""},
        {"You may not do this with this mailbox; ask its owner for the right",
         "Das dürfen Sie mit diesem Postfach nicht; bitten Sie den Besitzer um das Recht dazu",
         "Vous n'y êtes pas autorisé dans cette boîte ; demandez ce droit à son propriétaire"},
        {"You may not make a mailbox here; ask the owner of the one above it for the right to",
         "Sie dürfen hier kein Postfach anlegen; bitten Sie den Besitzer des übergeordneten um das Recht dazu",
         "Vous ne pouvez créer de boîte ici ; demandez-en le droit au propriétaire de celle du dessus"},
    });
    // clang-format on
    static_assert(std::ranges::is_sorted(rights_table, {}, &Text::english));

} // namespace

std::span<Text const> rights() { return rights_table; }

} // namespace mail::texts
