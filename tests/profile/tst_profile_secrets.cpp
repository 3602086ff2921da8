// From references to secrets: the environment, files and who may read them, what others supply; and messages that tell
// no secret.
#include "core/profile/secret.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace sessionscope;

class ProfileSecretsTest : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;

    QString file(const QByteArray &text, QFile::Permissions permissions)
    {
        QFile out(m_folder.filePath(QStringLiteral("secret")));
        if (!out.open(QIODevice::WriteOnly) || out.write(text) != text.size() || !out.setPermissions(permissions))
            return {};
        return out.fileName();
    }

private Q_SLOTS:
    void reads_the_environment()
    {
        qputenv("SESSIONSCOPE_TEST_SECRET", "correct-horse");
        QCOMPARE(*readSecret({SecretSource::Environment, QStringLiteral("SESSIONSCOPE_TEST_SECRET")}),
                 QByteArray("correct-horse"));
        qputenv("SESSIONSCOPE_TEST_SECRET", "");
        QCOMPARE(*readSecret({SecretSource::Environment, QStringLiteral("SESSIONSCOPE_TEST_SECRET")}), QByteArray());
        qunsetenv("SESSIONSCOPE_TEST_SECRET");
        QCOMPARE(readSecret({SecretSource::Environment, QStringLiteral("SESSIONSCOPE_TEST_SECRET")}).error(),
                 QStringLiteral("the environment variable SESSIONSCOPE_TEST_SECRET is not set"));
    }

    void reads_the_first_line_of_a_file_that_nobody_else_reads()
    {
        const QFile::Permissions own = QFile::ReadOwner | QFile::WriteOwner;
        const QString name = file("correct-horse\r\nsecond\n", own);
        QCOMPARE(*readSecret({SecretSource::File, name}), QByteArray("correct-horse"));
        // Relative to the file that names it.
        QCOMPARE(*readSecret({SecretSource::File, QStringLiteral("secret"), m_folder.path() + u'/'}),
                 QByteArray("correct-horse"));
        const QFile::Permission others[] = {QFile::ReadGroup, QFile::WriteGroup, QFile::ReadOther, QFile::WriteOther};
        for (const QFile::Permission other : others) {
            file("correct-horse\n", own | other);
            const auto refused = readSecret({SecretSource::File, name});
            QVERIFY(!refused.ok());
            QVERIFY2(refused.error().contains(u"can be read by others"), qPrintable(refused.error()));
            QVERIFY(!refused.error().contains(u"correct-horse"));
        }
        QVERIFY(
            readSecret({SecretSource::File, QStringLiteral("/nowhere/secret")}).error().contains(u"/nowhere/secret"));
    }

    void leaves_keyring_and_asking_to_others()
    {
        const SecretWays ways{
            .keyring = [](const QString &service, const QString &key) -> FoundSecret {
                return QByteArray(service.toUtf8() + '+' + key.toUtf8());
            },
            .ask = [](const QString &whose) -> FoundSecret { return QByteArray("of " + whose.toUtf8()); }};
        QCOMPARE(*readSecret({SecretSource::Keyring, QStringLiteral("plant/door/7")}, ways),
                 QByteArray("plant+door/7"));
        QCOMPARE(*readSecret({SecretSource::Asked, QStringLiteral("me")}, ways), QByteArray("of me"));
        QVERIFY(!readSecret({SecretSource::Keyring, QStringLiteral("plant/door")}).ok());
        QVERIFY(!readSecret({SecretSource::Asked, QStringLiteral("me")}).ok());
    }
};

QTEST_APPLESS_MAIN(ProfileSecretsTest)
#include "tst_profile_secrets.moc"
