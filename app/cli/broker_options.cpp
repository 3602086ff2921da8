#include "app/cli/broker_options.h"

#include <QDir>

namespace sessionscope::cli {

void addBrokerOptions(Options &options)
{
    const BrokerSettings defaults;
    for (const Setting &setting : brokerSettings()) {
        const QString name = QString::fromLatin1(setting.name);
        QString help = QString::fromLatin1(setting.help);
        if (setting.kind == Setting::Kind::Value ||
            (setting.kind == Setting::Kind::List && !setting.texts(defaults).isEmpty()))
            help += QStringLiteral(" Default: %1.").arg(setting.texts(defaults).join(u' '));
        if (setting.kind == Setting::Kind::List)
            help += QStringLiteral(" Can be given several times.");
        if (setting.kind == Setting::Kind::Switch)
            options.addSwitch(name, help);
        else
            options.addValue(name, QString::fromLatin1(setting.valueName), help);
    }
}

std::optional<UsageError> applyOptions(BrokerSettings &settings, const Options &options)
{
    for (const Setting &setting : brokerSettings()) {
        const QString name = QString::fromLatin1(setting.name);
        if (!options.isSet(name))
            continue;
        if (setting.clear)
            setting.clear(settings);
        for (const QString &given : options.values(name)) {
            const bool isPath = setting.kind == Setting::Kind::Path && !given.isEmpty();
            const QString value = isPath ? QDir().absoluteFilePath(given) : given;
            if (const auto error = setting.set(settings, value))
                return UsageError{QStringLiteral("--%1: %2").arg(name, error->text)};
        }
    }
    return std::nullopt;
}

} // namespace sessionscope::cli
