// One subcommand's options: declared once, parsed strictly, shown by --help.
#pragma once

#include "core/notation/values.h"

#include <QCommandLineParser>

#include <memory>

namespace sessionscope::cli {

class Options
{
public:
    /// usage is what follows the program's name, "connect URL [options]".
    Options(QString usage, QString description);

    void addFlag(const QString &name, const QString &help);
    /// true or false; without a value it means true.
    void addSwitch(const QString &name, const QString &help);
    void addValue(const QString &name, const QString &valueName, const QString &help);
    void addPositional(const QString &name, const QString &help);
    /// Any number of them.
    void addPositionals(const QString &name, const QString &help);
    /// Shown below the options.
    void setEpilogue(const QString &text) { m_epilogue = text; }

    /// Nothing when the arguments are in order.
    std::optional<UsageError> parse(const QStringList &arguments);

    bool isSet(const QString &name) const { return m_parser->isSet(name); }
    QString value(const QString &name) const { return m_parser->value(name); }
    QStringList values(const QString &name) const { return m_parser->values(name); }
    QStringList positional() const { return m_parser->positionalArguments(); }
    bool wantsHelp() const { return m_parser->isSet(QStringLiteral("help")); }
    QString helpText() const;

private:
    QString m_usage;
    QString m_epilogue;
    QStringList m_names;
    QStringList m_switches;
    qsizetype m_positionalCount = 0;
    std::unique_ptr<QCommandLineParser> m_parser = std::make_unique<QCommandLineParser>();
};

/// The number of an option, within its range; fallback where it is not given.
Parsed<qint64> readNumber(const Options &options, const QString &name, qint64 least, qint64 most, qint64 fallback);

} // namespace sessionscope::cli
