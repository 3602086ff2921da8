#include "app/cli/options.h"

#include <limits>

namespace sessionscope::cli {

namespace {
constexpr QLatin1String switchValue("true|false");
} // namespace

Options::Options(QString usage, QString description) : m_usage(std::move(usage))
{
    m_parser->setApplicationDescription(description);
    m_parser->setSingleDashWordOptionMode(QCommandLineParser::ParseAsLongOptions);
    m_parser->addOption({{QStringLiteral("h"), QStringLiteral("help")}, QStringLiteral("Show this help.")});
    m_names << QStringLiteral("help");
}

void Options::addFlag(const QString &name, const QString &help)
{
    m_names << name;
    m_parser->addOption({name, help});
}

void Options::addSwitch(const QString &name, const QString &help)
{
    m_names << name;
    m_switches << QStringLiteral("--") + name;
    m_parser->addOption({name, help, switchValue});
}

void Options::addValue(const QString &name, const QString &valueName, const QString &help)
{
    m_names << name;
    m_parser->addOption({name, help, valueName});
}

void Options::addPositional(const QString &name, const QString &help)
{
    ++m_positionalCount;
    m_parser->addPositionalArgument(name, help);
}

void Options::addPositionals(const QString &name, const QString &help)
{
    m_positionalCount = std::numeric_limits<qsizetype>::max();
    m_parser->addPositionalArgument(name, help);
}

std::optional<UsageError> Options::parse(const QStringList &arguments)
{
    // The parser takes the first argument for the program's name.
    QStringList given{QStringLiteral("sessionscope-cli")};
    for (const QString &argument : arguments)
        given << (m_switches.contains(argument) ? argument + QStringLiteral("=true") : argument);
    const bool isParsed = m_parser->parse(given);
    if (const QStringList unknown = m_parser->unknownOptionNames(); !unknown.isEmpty()) {
        QString hint = didYouMean(unknown.first(), m_names);
        if (unknown.first() == u"password")
            hint = QStringLiteral(" A password is never an argument: use --password-file or --password-env.");
        return UsageError{QStringLiteral("unknown option --%1.%2").arg(unknown.first(), hint)};
    }
    if (!isParsed)
        return UsageError{m_parser->errorText()};
    const QStringList positionals = m_parser->positionalArguments();
    if (positionals.size() > m_positionalCount)
        return UsageError{QStringLiteral("unexpected argument \"%1\"").arg(positionals.at(m_positionalCount))};
    return std::nullopt;
}

QString Options::helpText() const
{
    QString text = m_parser->helpText();
    text.replace(0, text.indexOf(u'\n'), QStringLiteral("Usage: sessionscope-cli %1").arg(m_usage));
    text.replace(QStringLiteral(" <%1>").arg(switchValue), QStringLiteral("[=%1]").arg(switchValue));
    return m_epilogue.isEmpty() ? text.trimmed() : text.trimmed() + QStringLiteral("\n\n") + m_epilogue;
}

Parsed<qint64> readNumber(const Options &options, const QString &name, qint64 least, qint64 most, qint64 fallback)
{
    if (!options.isSet(name))
        return fallback;
    const auto number = parseNumber(options.value(name), least, most);
    if (!number)
        return UsageError{QStringLiteral("--%1: %2").arg(name, number.error().text)};
    return qint64(*number);
}

} // namespace sessionscope::cli
