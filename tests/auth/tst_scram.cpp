// SCRAM-SHA-256 against a server of the same library, and what becomes of wrong passwords and false servers.
#include "core/auth/scram_authenticator.h"
#include "tests/auth/scram_server.h"

#include <QTest>

using namespace sessionscope;
using Verdict = ScramServer::Verdict;

namespace {

const Authentication user{.method = "SCRAM-SHA-256", .userName = "plant", .password = "pencil"};

} // namespace

class ScramTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // MQTT-4.12.0-2
    void proves_the_password_to_the_server_and_has_it_prove_the_same()
    {
        const auto client = makeScramAuthenticator(user);
        ScramServer server("plant", "pencil");
        const auto first = client->begin();
        QVERIFY(first && first->startsWith("n,,n=plant,r="));
        const auto challenge = server.take(*first);
        QCOMPARE(challenge.verdict, Verdict::Continue);
        const auto proof = client->answer(challenge.data);
        QVERIFY(proof && proof->contains(",p=") && !proof->contains("pencil"));
        const auto last = server.take(*proof);
        QVERIFY(last.verdict != Verdict::Refused);
        QVERIFY(!client->distrust(last.data));
    }

    void begins_anew_with_another_nonce()
    {
        const auto client = makeScramAuthenticator(user);
        const auto first = client->begin();
        const auto second = client->begin();
        QVERIFY(first && second && *first != *second);
        QVERIFY(client->distrust({}).has_value());
    }

    void is_refused_with_a_wrong_password()
    {
        Authentication wrong = user;
        wrong.password = "pen";
        const auto client = makeScramAuthenticator(wrong);
        ScramServer server("plant", "pencil");
        const auto first = client->begin();
        QVERIFY(first);
        const auto proof = client->answer(server.take(*first).data);
        QVERIFY(proof);
        QCOMPARE(server.take(*proof).verdict, Verdict::Refused);
    }

    void does_not_believe_a_server_that_does_not_know_the_password_data()
    {
        QTest::addColumn<QByteArray>("last");
        QTest::newRow("a forged signature") << QByteArray("v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        QTest::newRow("not one") << QByteArray("welcome");
        QTest::newRow("nothing") << QByteArray();
    }

    void does_not_believe_a_server_that_does_not_know_the_password()
    {
        QFETCH(QByteArray, last);
        const auto client = makeScramAuthenticator(user);
        ScramServer server("plant", "pencil");
        const auto first = client->begin();
        QVERIFY(first);
        const auto proof = client->answer(server.take(*first).data);
        QVERIFY(proof);
        QVERIFY(client->distrust(last).has_value());
    }

    void answers_no_challenge_that_is_none()
    {
        const auto client = makeScramAuthenticator(user);
        QVERIFY(!client->answer("r=x,s=eA==,i=4096"));
        QVERIFY(client->begin());
        QVERIFY(!client->answer("r=another nonce,s=eA==,i=4096"));
    }

    void knows_only_scram_without_channel_binding()
    {
        for (const char *method : {"PLAIN", "SCRAM-SHA-256-PLUS", "SCRAM-NONE", "", "GS2-KRB5"})
            QVERIFY(!makeScramAuthenticator({.method = method}));
        QVERIFY(makeScramAuthenticator({.method = "SCRAM-SHA-1"}));
    }
};

QTEST_APPLESS_MAIN(ScramTest)
#include "tst_scram.moc"
