// Where a secret is found. Files that people share hold such references, never the secret itself; whoever drives a run
// turns them into secrets (core/profile/secret.h).
#pragma once

#include <QString>

#include <compare>

namespace sessionscope {

enum class SecretSource : quint8
{
    None,
    Environment,
    File,
    Keyring,
    Asked
};

struct SecretReference
{
    SecretSource source = SecretSource::None;
    /// The variable; the file as it was written; SERVICE/KEY of the keyring; of Asked, whose password it is.
    QString name = {};
    QString folder = {}; ///< of File: what its name is relative to

    bool isNone() const { return source == SecretSource::None; }
    std::strong_ordering operator<=>(const SecretReference &) const = default;
};

} // namespace sessionscope
