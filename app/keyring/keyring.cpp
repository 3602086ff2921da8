#include "app/keyring/keyring.h"

#ifdef SESSIONSCOPE_KEYCHAIN
#include <qt6keychain/keychain.h>

#include <QEventLoop>
#include <QTimer>
#endif

namespace sessionscope {

#ifdef SESSIONSCOPE_KEYCHAIN

FoundSecret readKeyring(const QString &service, const QString &key)
{
    constexpr std::chrono::minutes longest{2};
    QEventLoop loop;
    // It deletes itself, also when its answer comes after everybody has gone.
    auto *job = new QKeychain::ReadPasswordJob(service);
    job->setKey(key);
    bool isDone = false;
    FoundSecret found(QStringLiteral("the keyring did not answer"));
    QObject::connect(job, &QKeychain::Job::finished, &loop, [&] {
        isDone = true;
        if (job->error() == QKeychain::NoError)
            found = job->binaryData();
        else
            found = QStringLiteral(
                        "the keyring's entry %1/%2 cannot be read: %3 (is a keyring running, and the entry there?)")
                        .arg(service, key, job->errorString());
        loop.quit();
    });
    // Whoever asked must find things as they were: nothing is clicked meanwhile.
    job->start();
    QTimer::singleShot(longest, &loop, &QEventLoop::quit);
    if (!isDone)
        loop.exec(QEventLoop::ExcludeUserInputEvents);
    return found;
}

#else

FoundSecret readKeyring(const QString &service, const QString &key)
{
    return QStringLiteral("the keyring's entry %1/%2 cannot be read: this program was built without QtKeychain")
        .arg(service, key);
}

#endif

} // namespace sessionscope
