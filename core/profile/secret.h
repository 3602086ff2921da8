// From a reference to the secret. What needs nobody, the environment and files, is read here; the keyring and asking
// are supplied by whoever has a desktop or a terminal. No message contains a secret.
#pragma once

#include "core/base/result.h"
#include "core/scenario/secret_reference.h"

#include <QByteArray>

#include <functional>

namespace sessionscope {

using FoundSecret = Result<QByteArray, QString>;

/// Ways to a secret that not every program has; one that is left out is told as such.
struct SecretWays
{
    std::function<FoundSecret(const QString &service, const QString &key)> keyring = {};
    std::function<FoundSecret(const QString &whose)> ask = {};
};

/// The secret, or why there is none. reference is not None.
FoundSecret readSecret(const SecretReference &reference, const SecretWays &ways = {});

/// The first line of a file that only its owner may read; "~/" is the home folder.
FoundSecret readSecretFile(const QString &file);

/// "the environment variable PLANT_PASSWORD"
QString secretText(const SecretReference &reference);

} // namespace sessionscope
