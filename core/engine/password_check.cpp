#include "core/engine/password_check.h"

#include <QCryptographicHash>
#include <QPasswordDigestor>

namespace sessionscope {

namespace {

QByteArray hashOf(const PasswordHash &hash, const QByteArray &password)
{
    if (hash.scheme == PasswordHash::Scheme::Sha512)
        return QCryptographicHash::hash(password + hash.salt, QCryptographicHash::Sha512);
    return QPasswordDigestor::deriveKeyPbkdf2(QCryptographicHash::Sha512, password, hash.salt, int(hash.iterations),
                                              quint64(hash.hash.size()));
}

} // namespace

bool matchesPassword(const PasswordHash &hash, const QByteArray &password)
{
    const QByteArray found = hashOf(hash, password);
    quint8 difference = found.size() == hash.hash.size() ? 0 : 1;
    for (qsizetype i = 0; i < std::min(found.size(), hash.hash.size()); ++i)
        difference |= quint8(found[i]) ^ quint8(hash.hash[i]);
    return difference == 0;
}

} // namespace sessionscope
