#include "app/cli/broker_file.h"

#include <QDir>
#include <QRegularExpression>

#include <set>
#include <yaml-cpp/yaml.h>

namespace sessionscope::cli {

namespace {

using Kind = Setting::Kind;

TextError errorAt(const YAML::Mark &mark, const QString &what)
{
    // A null mark, as an empty document has, counts as the beginning.
    return {std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1, what};
}

const Setting *settingOf(const std::string &name)
{
    for (const Setting &setting : brokerSettings()) {
        if (name == setting.name)
            return &setting;
    }
    return nullptr;
}

QString unknownKey(const QString &name)
{
    QStringList known;
    for (const Setting &setting : brokerSettings())
        known << QString::fromLatin1(setting.name);
    return QStringLiteral("\"%1\" is not a setting: expected one of those that \"broker --help\" lists.%2")
        .arg(name, didYouMean(name, known));
}

std::optional<TextError> applyOne(BrokerSettings &settings, const Setting &setting, const YAML::Node &value,
                                  const QString &folder)
{
    if (!value.IsScalar())
        return errorAt(
            value.Mark(),
            QStringLiteral("expected %1: %2").arg(QLatin1String(setting.name), QLatin1String(setting.valueName)));
    QString text = QString::fromStdString(value.Scalar());
    if (setting.kind == Kind::Path && !text.isEmpty())
        text = QDir(folder).absoluteFilePath(text);
    if (const auto error = setting.set(settings, text))
        return errorAt(value.Mark(), error->text);
    return std::nullopt;
}

std::optional<TextError> applyNode(BrokerSettings &settings, const Setting &setting, const YAML::Node &value,
                                   const QString &folder)
{
    if (setting.clear)
        setting.clear(settings);
    if (setting.kind != Kind::List || !value.IsSequence())
        return applyOne(settings, setting, value, folder);
    for (const YAML::Node &one : value) {
        if (auto error = applyOne(settings, setting, one, folder))
            return error;
    }
    return std::nullopt;
}

std::optional<TextError> applyDocument(BrokerSettings &settings, const YAML::Node &document, const QString &folder)
{
    if (document.IsNull())
        return std::nullopt;
    if (!document.IsMap())
        return errorAt(document.Mark(), QStringLiteral("expected lines of NAME: VALUE"));
    std::set<std::string> seen;
    for (const auto &entry : document) {
        const YAML::Node &key = entry.first;
        if (!key.IsScalar())
            return errorAt(key.Mark(), QStringLiteral("expected the name of a setting"));
        const Setting *setting = settingOf(key.Scalar());
        if (!setting)
            return errorAt(key.Mark(), unknownKey(QString::fromStdString(key.Scalar())));
        if (!seen.insert(key.Scalar()).second)
            return errorAt(key.Mark(),
                           QStringLiteral("\"%1\" is set already: expected it once").arg(QLatin1String(setting->name)));
        // Where nothing stands, the parser points behind it.
        if (entry.second.IsNull())
            return errorAt(
                key.Mark(),
                QStringLiteral("expected %1: %2").arg(QLatin1String(setting->name), QLatin1String(setting->valueName)));
        if (auto error = applyNode(settings, *setting, entry.second, folder))
            return error;
    }
    return std::nullopt;
}

/// Plain where every reader takes it for this text, in double quotes otherwise.
QString scalarText(const QString &text)
{
    static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9/][A-Za-z0-9_./:+-]*$"));
    if (plain.match(text).hasMatch() && !text.endsWith(u':') && text != u"null")
        return text;
    QString quoted;
    for (const QChar c : text) {
        if (c == u'"' || c == u'\\')
            quoted += u'\\';
        if (c.unicode() < 0x20 || c.unicode() == 0x7F)
            quoted += QStringLiteral("\\x%1").arg(c.unicode(), 2, 16, QLatin1Char('0'));
        else
            quoted += c;
    }
    return u'"' + quoted + u'"';
}

} // namespace

std::optional<TextError> applyFile(BrokerSettings &settings, const QByteArray &text, const QString &folder)
{
    BrokerSettings changed = settings;
    try {
        if (auto error = applyDocument(changed, YAML::Load(text.toStdString()), folder))
            return error;
    } catch (const YAML::Exception &error) {
        return errorAt(error.mark, QStringLiteral("not YAML: %1").arg(QString::fromStdString(error.msg)));
    }
    settings = changed;
    return std::nullopt;
}

QString fileText(const BrokerSettings &settings)
{
    QString text = QStringLiteral("# Settings of \"sessionscope-cli broker --config FILE\".\n");
    for (const Setting &setting : brokerSettings()) {
        QStringList values = setting.texts(settings);
        const bool isSet = !values.isEmpty();
        for (QString &value : values)
            value = scalarText(value);
        QString value = isSet ? values.join(QStringLiteral(", ")) : QString::fromLatin1(setting.valueName);
        if (setting.kind == Kind::List)
            value = u'[' + value + u']';
        text += QStringLiteral("\n# %1\n%2%3: %4\n")
                    .arg(QLatin1String(setting.help), isSet ? QString() : QStringLiteral("# "),
                         QLatin1String(setting.name), value);
    }
    return text;
}

QString placedText(const QString &fileName, const TextError &error)
{
    return QStringLiteral("%1:%2:%3: %4").arg(fileName).arg(error.line).arg(error.column).arg(error.what);
}

} // namespace sessionscope::cli
