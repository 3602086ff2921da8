// SCRAM at the server's end, against our own client and against messages that no honest client sends: who is believed,
// and how little the others learn.
#include "core/auth/scram_authenticator.h"
#include "core/auth/scram_method.h"
#include "core/broker/access_text.h"

#include <QCryptographicHash>
#include <QMessageAuthenticationCode>
#include <QPasswordDigestor>
#include <QTest>

using namespace sessionscope;
using enum AuthenticationAnswer::Verdict;

namespace {

/// Of "pencil", as gsasl --mkpasswd prints them. Salt and iterations are those of the example in RFC 7677.
const QByteArray file =
    "plant:{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=\n"
    "plant:{SCRAM-SHA-1}4096,W22ZaJ0SNY7soEsUEjb6gQ==,g2pEzX2tMaoibxTD4YfBJkq1y8w=,ZGkNjsmKwVX5C5z80vGxHZ02jOI=\n";

std::shared_ptr<const AuthenticationMethod> methodOf(const QByteArray &name = "SCRAM-SHA-256")
{
    const auto accounts = parseScramFile(file);
    [&] { QVERIFY(accounts.ok()); }();
    return makeScramMethod(name, accounts->at(name));
}

std::unique_ptr<Authenticator> clientOf(const QByteArray &userName, const QByteArray &password,
                                        const QByteArray &method = "SCRAM-SHA-256")
{
    return makeScramAuthenticator({.method = method, .userName = userName, .password = password});
}

QByteArray dataOf(const Result<QByteArray, QString> &data)
{
    return data ? *data : QByteArray();
}

/// The last message of a client with the password "pencil", without GNU SASL. header: what first begins with.
QByteArray handMadeProof(const QByteArray &header, const QByteArray &first, const QByteArray &challenge)
{
    constexpr auto sha256 = QCryptographicHash::Sha256;
    const QByteArray salt = QByteArray::fromBase64("W22ZaJ0SNY7soEsUEjb6gQ==");
    const QByteArray salted = QPasswordDigestor::deriveKeyPbkdf2(sha256, "pencil", salt, 4096, 32);
    const QByteArray clientKey = QMessageAuthenticationCode::hash("Client Key", salted, sha256);
    const QByteArray storedKey = QCryptographicHash::hash(clientKey, sha256);
    const QByteArray unproved = "c=" + header.toBase64() + ',' + challenge.first(challenge.indexOf(','));
    const QByteArray all = first.sliced(header.size()) + ',' + challenge + ',' + unproved;
    QByteArray proof = QMessageAuthenticationCode::hash(all, storedKey, sha256);
    for (qsizetype i = 0; i < proof.size(); ++i)
        proof[i] = char(proof[i] ^ clientKey[i]);
    return unproved + ",p=" + proof.toBase64();
}

struct Exchange
{
    std::unique_ptr<AuthenticationExchange> server;
    std::unique_ptr<Authenticator> client;
    QByteArray first;
    QByteArray challenge;
    QByteArray proof;
};

/// Up to the client's proof, which is not given to the server.
Exchange begun(const AuthenticationMethod &method, std::unique_ptr<Authenticator> client)
{
    Exchange exchange{.server = method.begin(), .client = std::move(client)};
    exchange.first = dataOf(exchange.client->begin());
    const AuthenticationAnswer answer = exchange.server->answer(exchange.first);
    [&] { QCOMPARE(answer.verdict, Continue); }();
    exchange.challenge = answer.data;
    exchange.proof = dataOf(exchange.client->answer(answer.data));
    [&] { QVERIFY(!exchange.proof.isEmpty()); }();
    return exchange;
}

/// The challenge to a client of this name, without its nonce: "s=…,i=…".
QByteArray challengeTo(const AuthenticationMethod &method, const QByteArray &userName)
{
    const QByteArray challenge = method.begin()->answer("n,,n=" + userName + ",r=nonce").data;
    return challenge.sliced(challenge.indexOf(',') + 1);
}

} // namespace

class ScramMethodTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void believes_a_proof_and_proves_itself_data()
    {
        QTest::addColumn<QByteArray>("mechanism");
        QTest::newRow("SCRAM-SHA-256") << QByteArray("SCRAM-SHA-256");
        QTest::newRow("SCRAM-SHA-1") << QByteArray("SCRAM-SHA-1");
    }
    // MQTT-4.12.0-2
    void believes_a_proof_and_proves_itself()
    {
        QFETCH(QByteArray, mechanism);
        const auto method = methodOf(mechanism);
        Exchange exchange = begun(*method, clientOf("plant", "pencil", mechanism));
        QVERIFY(exchange.challenge.endsWith(",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));
        const AuthenticationAnswer last = exchange.server->answer(exchange.proof);
        QCOMPARE(last.verdict, Accept);
        QCOMPARE(last.userName, QByteArray("plant"));
        QVERIFY(!exchange.client->distrust(last.data));
        // One proof is for one exchange.
        QCOMPARE(exchange.server->answer(exchange.proof).verdict, Refuse);
    }

    // RFC 7677 §3 fixes both nonces, which the library draws: it is held against the client that was made by hand, and
    // the server against that client.
    void agrees_with_the_example_of_the_rfc()
    {
        const QByteArray challenge =
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        QCOMPARE(handMadeProof("n,,", "n,,n=user,r=rOprNGfwEbeRWgbNEkqO", challenge),
                 QByteArray("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                            "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
        const QByteArray first = "n,,n=plant,r=rOprNGfwEbeRWgbNEkqO";
        const auto server = methodOf()->begin();
        const AuthenticationAnswer last = server->answer(handMadeProof("n,,", first, server->answer(first).data));
        QCOMPARE(last.verdict, Accept);
        QVERIFY(last.data.startsWith("v="));
    }

    void lets_nobody_act_for_somebody_else_data()
    {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<bool>("isBelieved");
        QTest::newRow("for nobody") << QByteArray("n,,") << true;
        QTest::newRow("for oneself") << QByteArray("n,a=plant,") << true;
        QTest::newRow("for another") << QByteArray("n,a=admin,") << false;
        QTest::newRow("could bind the channel") << QByteArray("y,,") << true;
    }
    void lets_nobody_act_for_somebody_else()
    {
        QFETCH(QByteArray, header);
        QFETCH(bool, isBelieved);
        const QByteArray first = header + "n=plant,r=nonce";
        const auto server = methodOf()->begin();
        const QByteArray challenge = server->answer(first).data;
        QCOMPARE(server->answer(handMadeProof(header, first, challenge)).verdict, isBelieved ? Accept : Refuse);
    }

    void makes_verifiers_of_passwords_in_the_same_way()
    {
        const auto method = makeScramMethodOfPasswords("SCRAM-SHA-256", {{"plant", "pencil"}, {"door", "wood"}});
        for (const auto &[user, password] : std::map<QByteArray, QByteArray>{{"plant", "pencil"}, {"door", "wood"}}) {
            Exchange exchange = begun(*method, clientOf(user, password));
            QCOMPARE(exchange.server->answer(exchange.proof).userName, user);
        }
        QVERIFY(challengeTo(*method, "plant") != challengeTo(*method, "door"));
    }

    void begins_with_empty_data_where_a_client_does()
    {
        const auto server = methodOf()->begin();
        const AuthenticationAnswer answer = server->answer({});
        QCOMPARE(answer.verdict, Continue);
        QCOMPARE(answer.data, QByteArray());
        QCOMPARE(server->answer("n,,n=plant,r=nonce").verdict, Continue);
    }

    void refuses_who_does_not_know_the_password_data()
    {
        QTest::addColumn<QByteArray>("user");
        QTest::addColumn<QByteArray>("password");
        QTest::newRow("wrong password") << QByteArray("plant") << QByteArray("pen");
        QTest::newRow("unknown user") << QByteArray("nobody") << QByteArray("pencil");
        QTest::newRow("user in other letters") << QByteArray("Plant") << QByteArray("pencil");
    }
    void refuses_who_does_not_know_the_password()
    {
        QFETCH(QByteArray, user);
        QFETCH(QByteArray, password);
        Exchange exchange = begun(*methodOf(), clientOf(user, password));
        const AuthenticationAnswer answer = exchange.server->answer(exchange.proof);
        QCOMPARE(answer.verdict, Refuse);
        QCOMPARE(answer.data, QByteArray());
        QVERIFY(!answer.userName);
    }

    void gives_no_second_guess_at_the_same_nonce()
    {
        const QByteArray first = "n,,n=plant,r=nonce";
        const auto server = methodOf()->begin();
        const QByteArray proof = handMadeProof("n,,", first, server->answer(first).data);
        QByteArray guess = proof;
        guess[guess.size() - 5] = guess[guess.size() - 5] == 'A' ? 'B' : 'A';
        QCOMPARE(server->answer(guess).verdict, Refuse);
        QCOMPARE(server->answer(proof).verdict, Refuse);
    }

    void shows_nobody_which_users_there_are()
    {
        const auto method = methodOf();
        const QByteArray known = challengeTo(*method, "plant");
        const QByteArray unknown = challengeTo(*method, "nobody");
        QCOMPARE(unknown.size(), known.size());
        QVERIFY(unknown != known && unknown.endsWith(",i=4096"));
        QCOMPARE(challengeTo(*method, "nobody"), unknown);
        // Nor by being another one after a restart, or another one for a name that is the same.
        QCOMPARE(challengeTo(*methodOf(), "nobody"), unknown);
        QCOMPARE(challengeTo(*method, "no\xC2\xAD"
                                      "body"),
                 unknown);
        QVERIFY(challengeTo(*method, "noboby") != unknown);
        // The salt of a user is no key to those that are made up.
        QVERIFY(challengeTo(*makeScramMethodOfPasswords("SCRAM-SHA-256", {{"plant", "pencil"}}), "nobody") != unknown);
    }

    void refuses_what_is_not_the_proof_of_this_exchange_data()
    {
        QTest::addColumn<QByteArray>("part");
        QTest::addColumn<QByteArray>("other");
        QTest::newRow("another proof") << QByteArray(",p=") << QByteArray(",p=AAAA");
        QTest::newRow("another nonce") << QByteArray(",r=") << QByteArray(",r=x");
        QTest::newRow("another channel") << QByteArray("c=biws") << QByteArray("c=eSws");
        QTest::newRow("an extension") << QByteArray(",p=") << QByteArray(",x=1,p=");
        QTest::newRow("no proof") << QByteArray(",p=") << QByteArray(",q=");
        QTest::newRow("a NUL behind which nothing is proved") << QByteArray(",p=") << QByteArray("\0,p=", 4);
    }
    void refuses_what_is_not_the_proof_of_this_exchange()
    {
        QFETCH(QByteArray, part);
        QFETCH(QByteArray, other);
        Exchange exchange = begun(*methodOf(), clientOf("plant", "pencil"));
        QByteArray proof = exchange.proof;
        QVERIFY(proof.contains(part));
        proof.replace(proof.indexOf(part), part.size(), other);
        QCOMPARE(exchange.server->answer(proof).verdict, Refuse);
    }

    void refuses_a_proof_that_was_heard_before()
    {
        const auto method = methodOf();
        Exchange heard = begun(*method, clientOf("plant", "pencil"));
        QCOMPARE(heard.server->answer(heard.proof).verdict, Accept);
        const auto server = method->begin();
        QCOMPARE(server->answer(heard.first).verdict, Continue);
        QCOMPARE(server->answer(heard.proof).verdict, Refuse);
    }

    void refuses_what_is_no_beginning_data()
    {
        QTest::addColumn<QByteArray>("data");
        QTest::newRow("nonsense") << QByteArray("hello");
        QTest::newRow("channel binding") << QByteArray("p=tls-exporter,,n=plant,r=nonce");
        QTest::newRow("no name") << QByteArray("n,,n=,r=nonce");
        QTest::newRow("a NUL") << QByteArray("n,,n=plant\0x,r=nonce", 20);
        QTest::newRow("a mandatory extension") << QByteArray("n,,m=x,n=plant,r=nonce");
    }
    void refuses_what_is_no_beginning()
    {
        QFETCH(QByteArray, data);
        const auto server = methodOf()->begin();
        const AuthenticationAnswer answer = server->answer(data);
        // Channel binding that is not there fails at the proof.
        if (answer.verdict == Continue)
            QCOMPARE(server->answer("c=cD10bHMtZXhwb3J0ZXIsLA==,r=nonce,p=AAAA").verdict, Refuse);
        else
            QCOMPARE(answer.verdict, Refuse);
    }

    void compares_names_as_saslprep_has_them()
    {
        // The soft hyphen is nothing; the name is told as it was given.
        const QByteArray written = "I\xC2\xADX";
        const auto method = makeScramMethodOfPasswords("SCRAM-SHA-256", {{written, "pencil"}});
        for (const QByteArray &name : {written, QByteArray("IX")}) {
            QVERIFY(method->admits(name));
            Exchange exchange = begun(*method, clientOf(name, "pencil"));
            QCOMPARE(exchange.server->answer(exchange.proof).userName, written);
        }
        QVERIFY(!method->admits("ix"));
        QVERIFY(!method->admits(""));
    }

    void takes_names_with_the_characters_of_the_protocol()
    {
        const auto method = makeScramMethodOfPasswords("SCRAM-SHA-256", {{"a=b,c", "pencil"}});
        Exchange exchange = begun(*method, clientOf("a=b,c", "pencil"));
        QCOMPARE(exchange.server->answer(exchange.proof).userName, QByteArray("a=b,c"));
    }

    void knows_only_scram_without_channel_binding()
    {
        for (const char *name : {"PLAIN", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-512", ""}) {
            QVERIFY(!makeScramMethod(name, {}));
            QVERIFY(!makeScramMethodOfPasswords(name, {}));
        }
    }

    void refuses_everybody_where_there_are_no_users()
    {
        Exchange exchange = begun(*makeScramMethod("SCRAM-SHA-256", {}), clientOf("plant", "pencil"));
        QCOMPARE(exchange.server->answer(exchange.proof).verdict, Refuse);
    }
};

QTEST_APPLESS_MAIN(ScramMethodTest)
#include "tst_scram_method.moc"
