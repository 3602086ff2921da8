// Passwords against the hashes that mosquitto_passwd made of them, kept ones and fresh ones.
#include "core/broker/access_text.h"
#include "core/engine/password_check.h"

#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace sessionscope;

namespace {

constexpr int limit = 30'000;

PasswordHash only(const QByteArray &line)
{
    const auto accounts = parsePasswordFile(line);
    [&] { QVERIFY2(accounts.ok(), accounts ? "" : qPrintable(accounts.error().what)); }();
    return accounts ? accounts->begin()->second : PasswordHash();
}

} // namespace

class PasswordCheckTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knows_the_password_of_a_hash_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QByteArray>("password");
        QTest::newRow("$7$") << QByteArray(
                                    "ann:$7$101$g2WghiyDa4adrTvK$DGEXkmzaJ+jh+c66F7gTmpqEzwmAEvsgfU6Mbr3i0N5mXqW+"
                                    "6WFDQh//UlM/knUFjqvc5BVnbtPwBFep3xJpTw==")
                             << QByteArray("sesame");
        QTest::newRow("$6$") << QByteArray("bob:$6$+bWf5QRj0ZKFwYlj$oN7Ktn64qhrvItssCKGJ5aG8OA44MT7B0hcnAztZw5CjCzPb3TW"
                                           "NbMcjE+66yG4i1QuZXvmLAEHVIt2bLJ1h8g==")
                             << QByteArray("pepper");
    }
    void knows_the_password_of_a_hash()
    {
        QFETCH(QByteArray, line);
        QFETCH(QByteArray, password);
        PasswordHash hash = only(line);
        QVERIFY(matchesPassword(hash, password));
        QVERIFY(!matchesPassword(hash, password + ' '));
        QVERIFY(!matchesPassword(hash, {}));
        hash.salt[0] = char(hash.salt[0] ^ 1);
        QVERIFY(!matchesPassword(hash, password));
    }

    void reads_what_mosquitto_passwd_writes_data()
    {
        QTest::addColumn<QString>("algorithm");
        QTest::newRow("PBKDF2") << "sha512-pbkdf2";
        QTest::newRow("SHA-512") << "sha512";
    }
    void reads_what_mosquitto_passwd_writes()
    {
        QFETCH(QString, algorithm);
        const QString tool = QStandardPaths::findExecutable(QStringLiteral("mosquitto_passwd"));
        if (tool.isEmpty())
            QSKIP("mosquitto_passwd is not installed");
        QTemporaryDir folder;
        const QString fileName = folder.filePath(QStringLiteral("passwords"));
        for (const char *account : {"ann", "bob"}) {
            QStringList arguments{QStringLiteral("-H"), algorithm};
            if (!QFile::exists(fileName))
                arguments << QStringLiteral("-c");
            arguments << QStringLiteral("-b") << fileName << QString::fromLatin1(account)
                      << QStringLiteral("pass of ") + QString::fromLatin1(account);
            QProcess process;
            process.start(tool, arguments);
            QVERIFY(process.waitForFinished(limit));
            QCOMPARE(process.exitCode(), 0);
        }
        QFile file(fileName);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto accounts = parsePasswordFile(file.readAll());
        QVERIFY2(accounts.ok(), accounts ? "" : qPrintable(accounts.error().what));
        QVERIFY(matchesPassword(accounts->at("ann"), "pass of ann"));
        QVERIFY(matchesPassword(accounts->at("bob"), "pass of bob"));
        QVERIFY(!matchesPassword(accounts->at("ann"), "pass of bob"));
    }
};

QTEST_APPLESS_MAIN(PasswordCheckTest)
#include "tst_password_check.moc"
