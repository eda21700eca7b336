// IMAP URLs, for CATENATE, GENURLAUTH and URLFETCH.
#include "protocol/texts/tables.h"

#include <algorithm>
#include <array>

namespace mail::texts {
namespace {

    // clang-format off
    constexpr auto urls_table = std::to_array<Text>({
        {"How URLs are authorized",
         "So werden URLs berechtigt",
         "Mode d'autorisation des URL"},
        {"Only relative URLs without authorization are taken, like /mailbox/;UID=20",
         "Nur relative URLs ohne Berechtigung werden angenommen, wie /mailbox/;UID=20",
         "Seuls des URL relatifs sans autorisation sont acceptés, comme /mailbox/;UID=20"},
        {"Other octets than letters, digits and -._~ are percent-encoded in URLs",
         "Andere Oktette als Buchstaben, Ziffern und -._~ werden in URLs mit Prozentzeichen kodiert",
         "Les octets autres que lettres, chiffres et -._~ sont codés avec % dans les URL"},
        {"The URL begins with imap://, or with the \"/\" of its path",
         "Der URL beginnt mit imap:// oder mit dem \"/\" seines Pfads",
         "L'URL commence par imap://, ou par le \"/\" de son chemin"},
        {"The URL goes on behind its authorization; put ;URLAUTH= last",
         "Der URL geht hinter der Berechtigung weiter; schreiben Sie ;URLAUTH= ans Ende",
         "L'URL continue après son autorisation ; mettez ;URLAUTH= à la fin"},
        {"The URL is authorized already: leave out its token",
         "Der URL hat schon eine Berechtigung: Lassen Sie deren Token weg",
         "L'URL est déjà autorisé : omettez son jeton"},
        {"The URL names a search, not a message; give it ;UID= in place of \"?\"",
         "Der URL nennt eine Suche, keine Nachricht; schreiben Sie ;UID= anstelle von \"?\"",
         "L'URL désigne une recherche, non un message ; mettez-y ;UID= à la place de \"?\""},
        {"The URL names a server, not a message; give it a mailbox and ;UID=",
         "Der URL nennt einen Server, keine Nachricht; ergänzen Sie ein Postfach und ;UID=",
         "L'URL désigne un serveur, non un message ; ajoutez-y une boîte et ;UID="},
        {"The URL names another user; make URLs in your own name",
         "Der URL nennt einen anderen Benutzer; machen Sie URLs in Ihrem eigenen Namen",
         "L'URL nomme un autre utilisateur ; faites des URL en votre propre nom"},
        {"The URL names no message: it lacks ;UID=",
         "Der URL nennt keine Nachricht: Ihm fehlt ;UID=",
         "L'URL ne désigne aucun message : il lui manque ;UID="},
        {"The URL names no user: it begins like imap://user@host/",
         "Der URL nennt keinen Benutzer: Er beginnt wie imap://user@host/",
         "L'URL ne nomme aucun utilisateur : il commence comme imap://user@host/"},
        {"The URL names nobody who may use it: it ends like ;URLAUTH=authuser",
         "Der URL nennt niemanden, der ihn benutzen darf: Er endet wie ;URLAUTH=authuser",
         "L'URL ne nomme personne qui puisse l'utiliser : il finit comme ;URLAUTH=authuser"},
        {"The URL's UIDVALIDITY and UID are numbers above 0, of 32 bits",
         "UIDVALIDITY und UID des URL sind Zahlen über 0 mit 32 Bit",
         "UIDVALIDITY et UID de l'URL sont des nombres supérieurs à 0, de 32 bits"},
        {"The URL's access identifier is none: use anonymous, authuser, user+NAME, submit+NAME or stream",
         "Die Zugangskennung des URL ist keine: Verwenden Sie anonymous, authuser, user+NAME, submit+NAME oder stream",
         "L'identifiant d'accès de l'URL n'en est pas un : utilisez anonymous, authuser, user+NAME, submit+NAME ou stream"},
        {"The URL's authorization is written like ;URLAUTH=authuser:internal:TOKEN",
         "Die Berechtigung des URL schreibt man wie ;URLAUTH=authuser:internal:TOKEN",
         "L'autorisation de l'URL s'écrit comme ;URLAUTH=authuser:internal:TOKEN"},
        {"The URL's mailbox does not exist, is not selected or not yours to read; check the URL",
         "Das Postfach des URL gibt es nicht, es ist nicht gewählt oder darf von Ihnen nicht gelesen werden; prüfen Sie den URL",
         "La boîte de l'URL n'existe pas, n'est pas sélectionnée ou ne peut être lue par vous ; vérifiez l'URL"},
        {"The URL's mailbox does not exist, or you may not read it; check its name",
         "Das Postfach des URL gibt es nicht, oder Sie dürfen es nicht lesen; prüfen Sie seinen Namen",
         "La boîte de l'URL n'existe pas, ou vous ne pouvez la lire ; vérifiez son nom"},
        {"The URL's message does not exist (any more); SEARCH for it again",
         "Die Nachricht des URL gibt es nicht (mehr); suchen Sie sie noch einmal mit SEARCH",
         "Le message de l'URL n'existe pas (ou plus) ; cherchez-le de nouveau avec SEARCH"},
        {"The URL's message has no such part; see its BODYSTRUCTURE",
         "Die Nachricht des URL hat keinen solchen Teil; BODYSTRUCTURE nennt ihre Teile",
         "Le message de l'URL n'a pas de telle partie ; BODYSTRUCTURE donne les siennes"},
        {"The URL's parameters are ;UIDVALIDITY=, /;UID=, /;SECTION=, /;PARTIAL=, ;EXPIRE= and ;URLAUTH=, in this order",
         "Die Parameter des URL sind ;UIDVALIDITY=, /;UID=, /;SECTION=, /;PARTIAL=, ;EXPIRE= und ;URLAUTH=, in dieser Reihenfolge",
         "Les paramètres de l'URL sont ;UIDVALIDITY=, /;UID=, /;SECTION=, /;PARTIAL=, ;EXPIRE= et ;URLAUTH=, dans cet ordre"},
        {"The URL's range is written like ;PARTIAL=0.1024 or ;PARTIAL=1024",
         "Den Bereich des URL schreibt man wie ;PARTIAL=0.1024 oder ;PARTIAL=1024",
         "La plage de l'URL s'écrit comme ;PARTIAL=0.1024 ou ;PARTIAL=1024"},
        {"The URL's section is empty or not percent-encoded; write it like /;SECTION=1.2",
         "Der Abschnitt des URL ist leer oder nicht mit Prozentzeichen kodiert; schreiben Sie ihn wie /;SECTION=1.2",
         "La section de l'URL est vide ou n'est pas codée avec % ; écrivez-la comme /;SECTION=1.2"},
        {"The URL's section is not one; write what FETCH takes in BODY[...]",
         "Der Abschnitt des URL ist keiner; schreiben Sie, was FETCH in BODY[...] annimmt",
         "La section de l'URL n'en est pas une ; écrivez ce que FETCH accepte dans BODY[...]"},
        {"The URL's server is written like imap://user@host or imap://user@host:port",
         "Den Server des URL schreibt man wie imap://user@host oder imap://user@host:port",
         "Le serveur de l'URL s'écrit comme imap://user@host ou imap://user@host:port"},
        {"The URL's time is written like ;EXPIRE=2030-12-31T23:59:59Z",
         "Die Zeit des URL schreibt man wie ;EXPIRE=2030-12-31T23:59:59Z",
         "L'heure de l'URL s'écrit comme ;EXPIRE=2030-12-31T23:59:59Z"},
        {"This mechanism is not known here; use INTERNAL",
         "Dieses Verfahren ist hier nicht bekannt; verwenden Sie INTERNAL",
         "Ce mécanisme n'est pas connu ici ; utilisez INTERNAL"},
    });
    // clang-format on
    static_assert(std::ranges::is_sorted(urls_table, {}, &Text::english));

} // namespace

std::span<Text const> urls() { return urls_table; }

} // namespace mail::texts
