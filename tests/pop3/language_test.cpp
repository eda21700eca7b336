// UTF8 and LANG (RFC 6856): messages with UTF-8 in their headers, names and passwords, languages.
#include "tests/pop3/client.h"

namespace mail::pop3 {
namespace {

    struct Pop3Language : ::testing::Test {
        test::TestServices services;
        storage::Account alice = services.account("alice");
    };

    TEST_F(Pop3Language, ListsAndChangesLanguages)
    {
        Client client(services);
        client.start().play(R"(
        S: +OK mail.example.org POP3 server ready
        C: LANG
        S: +OK The languages are
        S: i-default English
        S: en English
        S: de Deutsch
        S: fr Français
        S: .
        C: LANG MUL
        S: -ERR This language is not spoken here: LANG alone lists those that are
        C: LANG de en
        S: -ERR LANG takes a language such as de or en-GB, or *
        C: LANG de-*
        S: -ERR LANG takes a language such as de or en-GB, or *
        C: LANG -
        S: -ERR LANG takes a language such as de or en-GB, or *
        C: lang DE-at
        S: +OK de Texte sind von nun an in dieser Sprache
        C: LANG tlh
        S: -ERR Diese Sprache wird hier nicht gesprochen: LANG allein nennt die vorhandenen
        C: PASS x
        S: -ERR Zuerst kommt USER
        C: USER alice
        S: +OK Jetzt das Passwort
        C: PASS wrong
        S: -ERR [AUTH] Name oder Passwort ist falsch
        C: LANG fr
        S: +OK fr Les textes sont désormais dans cette langue
        C: USER alice
        S: +OK Maintenant le mot de passe
        C: PASS secret
        S: +OK 0 messages (0 octets en tout)
        C: RETR 1
        S: -ERR Ce message n'existe pas : LIST donne ceux qui existent
        C: LANG *
        S: +OK i-default Texts are in this language from now on
        C: LANG en
        S: +OK en Texts are in this language from now on
        C: QUIT
        S: +OK Goodbye
    )");
    }

    TEST_F(Pop3Language, TheAdministratorChoosesOne)
    {
        services.settings.pop3.language = "de";
        Client(services).start().play("S: +OK *\nC: LANG *\nS: +OK de *\nC: QUIT\nS: +OK Auf "
                                      "Wiedersehen");
    }

    TEST_F(Pop3Language, IsForgottenWhenTlsBegins)
    {
        Client client(services, false);
        client.stream.offer_tls();
        client.start().play("S: +OK *\nC: LANG de\nS: +OK de *\nC: STLS\nS: +OK *\nC: PASS x\nS: "
                            "-ERR USER comes first");
    }

    TEST_F(Pop3Language, Utf8ComesBeforeTheLoginAndAfterTls)
    {
        Client client(services, false);
        client.stream.offer_tls();
        client.start().play(R"(
        S: +OK *
        C: UTF8 now
        S: -ERR This command takes no arguments
        C: UTF8
        S: +OK Messages come as they are
        C: utf8
        S: +OK Messages come as they are
        C: STLS
        S: -ERR STLS comes before UTF8: connect again
    )");
        Client(services).login().play("C: UTF8\nS: -ERR Not after the login");
    }

    TEST_F(Pop3Language, SendsASurrogateToThoseWhoDidNotSayUtf8)
    {
        std::string const message = "From: José <josé@exämple.com>\r\nSubject: Grüße\r\n"
                                    "X-Plain: 1\r\n\r\nöffentlich\r\n.\r\n";
        std::string const surrogate = "From: =?utf-8?B?Sm9zw6kgPGpvc8OpQGV4w6RtcGxlLmNvbT4=?= "
                                      "<invalid@internationalized-address.invalid>\r\n"
                                      "Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\nX-Plain: 1\r\n\r\n";
        test::store_message(services.store(), alice, message);
        Client old(services);
        old.login();
        EXPECT_EQ(old.say("RETR 1\r\n"), "+OK\r\n" + surrogate + "öffentlich\r\n..\r\n.\r\n");
        EXPECT_EQ(old.say("TOP 1 0\r\n"), "+OK\r\n" + surrogate + ".\r\n");
        EXPECT_EQ(old.say("TOP 1 1\r\n"), "+OK\r\n" + surrogate + "öffentlich\r\n.\r\n");
        old.play("C: QUIT\nS: +OK Goodbye");

        Client client(services);
        client.start().play("S: +OK *\nC: UTF8\nS: +OK *\nC: USER alice\nS: +OK *\nC: PASS "
                            "secret\nS: +OK 1 *");
        auto const stuffed = message.substr(0, message.size() - 3) + "..\r\n.\r\n";
        EXPECT_EQ(client.say("RETR 1\r\n"),
            "+OK " + std::to_string(message.size()) + " octets\r\n" + stuffed);
    }

    TEST_F(Pop3Language, TakesNamesAndPasswordsInUtf8)
    {
        services.authenticator.passwords["jösé"] = "pässwörd";
        // Composed otherwise, and with a soft hyphen that nobody sees.
        Client(services).start().play("S: +OK *\nC: USER jo\xcc\x88se\xcc\x81\nS: +OK *\nC: PASS "
                                      "pa\xcc\x88ss\xc2\xadwo\xcc\x88rd\nS: +OK 0 *");
        Client client(services);
        client.start().play(
            "S: +OK *\nC: USER j\xf6s\xe9\nS: -ERR Names and passwords are UTF-8 *\n"
            "C: USER a\tb\nS: -ERR Names and passwords are UTF-8 *\n"
            "C: USER alice\nS: +OK *\nC: PASS p\xe4ss\nS: -ERR Names and *\n"
            "C: PASS \xc2\x80\nS: -ERR Names and *\nC: PASS secret\nS: +OK 0 *");
    }

    TEST_F(Pop3Language, NoFirstLineIsTooLong)
    {
        // RFC 2449 §4: 512 octets with the CRLF, in every language.
        services.settings.hostname = std::string(255, 'h');
        for (auto const* language : { "en", "de", "fr" }) {
            Client client(services);
            client.start();
            auto said = client.say("LANG " + std::string(language)
                + "\r\nLANG\r\nCAPA\r\nAUTH\r\nFOO\r\nSTLS\r\nUSER " + std::string(8000, 'x')
                + "\r\nPASS x\r\nUSER \xff\r\nTOP\r\nAUTH X\r\nAUTH PLAIN a b\r\n"
                + "USER alice\r\n"
                + "PASS secret\r\nRETR 1\r\nRETR x\r\nTOP 1\r\nUIDL\r\nLANG tlh\r\nQUIT\r\n");
            while (!said.empty()) {
                auto const end = said.find("\r\n");
                ASSERT_NE(end, said.npos);
                EXPECT_LE(end + 2, 512u) << said.substr(0, end);
                said.erase(0, end + 2);
            }
        }
    }

} // namespace
} // namespace mail::pop3
