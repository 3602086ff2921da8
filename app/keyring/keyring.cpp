#include "app/keyring/keyring.h"

#ifdef SESSIONSCOPE_KEYCHAIN
#include <qt6keychain/keychain.h>

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusVariant>
#include <QEventLoop>
#include <QTimer>
#endif

namespace sessionscope {

#ifdef SESSIONSCOPE_KEYCHAIN

namespace {

/// Of a keyring that answers, or of its user, who has to be asked.
constexpr std::chrono::minutes longestWait{2};

/// A locked keyring says that it has no such entry, and so it is asked whether it is locked. Without one: false.
bool isLocked()
{
    QDBusMessage ask = QDBusMessage::createMethodCall(
        QStringLiteral("org.freedesktop.secrets"), QStringLiteral("/org/freedesktop/secrets/aliases/default"),
        QStringLiteral("org.freedesktop.DBus.Properties"), QStringLiteral("Get"));
    ask << QStringLiteral("org.freedesktop.Secret.Collection") << QStringLiteral("Locked");
    constexpr int longestAnswer = 2'000; // milliseconds
    const QDBusMessage answer = QDBusConnection::sessionBus().call(ask, QDBus::Block, longestAnswer);
    return answer.type() == QDBusMessage::ReplyMessage && !answer.arguments().isEmpty() &&
           answer.arguments().constFirst().value<QDBusVariant>().variant().toBool();
}

QString problemOf(const QKeychain::Job &job)
{
    if (isLocked())
        return QStringLiteral("the keyring is locked: unlock it, as a login on the desktop does, and try again");
    if (job.error() == QKeychain::EntryNotFound)
        return QStringLiteral("the keyring has no such entry: \"sessionscope-cli profile password PROFILE\" stores it");
    return QStringLiteral("there is no keyring to be asked (%1): start one, as GNOME Keyring or KWallet, or take the "
                          "password from elsewhere, as with { env: NAME }")
        .arg(job.errorString());
}

/// Runs the job to its end. False when it has none in time.
bool isFinished(QKeychain::Job *job)
{
    QEventLoop loop;
    bool isDone = false;
    QObject::connect(job, &QKeychain::Job::finished, &loop, [&] {
        isDone = true;
        loop.quit();
    });
    // Whoever asked must find things as they were: nothing is clicked meanwhile.
    job->start();
    QTimer::singleShot(longestWait, &loop, &QEventLoop::quit);
    if (!isDone)
        loop.exec(QEventLoop::ExcludeUserInputEvents);
    return isDone;
}

QString didNotAnswer()
{
    return QStringLiteral("the keyring did not answer within %1 minutes").arg(longestWait.count());
}

} // namespace

FoundSecret readKeyring(const QString &service, const QString &key)
{
    // It deletes itself, also when its answer comes after everybody has gone.
    auto *job = new QKeychain::ReadPasswordJob(service);
    job->setKey(key);
    const QString what = QStringLiteral("the keyring's entry %1/%2 cannot be read: ").arg(service, key);
    if (!isFinished(job))
        return what + didNotAnswer();
    if (job->error() != QKeychain::NoError)
        return what + problemOf(*job);
    return job->binaryData();
}

std::optional<QString> writeKeyring(const QString &service, const QString &key, const QByteArray &secret)
{
    auto *job = new QKeychain::WritePasswordJob(service);
    job->setKey(key);
    job->setBinaryData(secret);
    const QString what = QStringLiteral("the keyring's entry %1/%2 cannot be stored: ").arg(service, key);
    if (!isFinished(job))
        return what + didNotAnswer();
    return job->error() == QKeychain::NoError ? std::nullopt : std::optional(what + problemOf(*job));
}

#else

namespace {

QString isAbsent(const QString &service, const QString &key)
{
    return QStringLiteral("the keyring's entry %1/%2 cannot be reached: this program was built without QtKeychain")
        .arg(service, key);
}

} // namespace

FoundSecret readKeyring(const QString &service, const QString &key)
{
    return isAbsent(service, key);
}

std::optional<QString> writeKeyring(const QString &service, const QString &key, const QByteArray &)
{
    return isAbsent(service, key);
}

#endif

} // namespace sessionscope
