#include "app/cli/profiles.h"

#include "core/profile/profile_folder.h"

namespace sessionscope::cli {

Parsed<Profile> readProfileNamed(const QString &name)
{
    const auto file = findProfile(name);
    if (!file)
        return UsageError{file.error()};
    auto profile = loadProfile(file->path);
    if (profile)
        return std::move(profile).value();
    QStringList lines;
    for (const Problem &problem : profile.error())
        lines << problemText(problem);
    return UsageError{lines.join(u'\n')};
}

namespace {

/// Whether a word was rather meant for a profile than for a host.
bool isNearAProfile(const QString &word)
{
    if (word.contains(u'.') || word.contains(u':'))
        return false;
    QStringList known;
    for (const ProfileFile &file : profileFiles(profileFolder()))
        known << file.name;
    return !nearest(word, known).isEmpty();
}

} // namespace

Parsed<BrokerTarget> readBrokerTarget(const QString &text)
{
    const bool isUrl = text.contains(QStringLiteral("://"));
    const auto file = isUrl ? Result<ProfileFile, QString>(QString()) : findProfile(text);
    if (!file) {
        const auto endpoint = parseEndpoint(text);
        if (!endpoint || (!isUrl && text.contains(u'/')))
            return UsageError{isUrl ? endpoint.error() : file.error()};
        if (!isUrl && isNearAProfile(text))
            return UsageError{QStringLiteral("%1 For a host of this name say mqtt://%2.").arg(file.error(), text)};
        return BrokerTarget{*endpoint, std::nullopt};
    }
    const auto profile = readProfileNamed(text);
    if (!profile)
        return profile.error();
    if (!profile->client.broker)
        return UsageError{QStringLiteral("%1 names no broker: expected broker: URL in it").arg(file->path)};
    if (!profile->authMethod.isEmpty())
        return UsageError{QStringLiteral("%1 has an auth_method, and a scenario's clients play none").arg(file->path)};
    BrokerTarget target{profile->client.endpoint({}), std::nullopt};
    if (profile->client.connect.userName || !profile->client.passwordFrom.isNone())
        target.login = BrokerLogin{profile->client.connect.userName, profile->client.passwordFrom};
    return target;
}

} // namespace sessionscope::cli
