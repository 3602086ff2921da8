#include "app/cli/profile_import.h"

#include "app/cli/commands.h"
#include "core/profile/import_files.h"
#include "core/profile/profile_folder.h"
#include "core/profile/write_profile.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>

namespace sessionscope::cli {

namespace {

Options declareOptions()
{
    Options options(
        QStringLiteral("profile import FORMAT FILE [options]"),
        QStringLiteral("Makes profiles of what other programs keep. Passwords are not taken over: such a profile "
                       "asks for its own."));
    options.addPositionals(
        QStringLiteral("FORMAT FILE…"),
        QStringLiteral(
            "mqttx: its exported JSON. mqtt-explorer: settings.json, or its exported connections. mosquitto: a "
            "command line behind --, as one quoted text, or a file of them, one a line. - is standard input."));
    options.addValue(QStringLiteral("to"), QStringLiteral("FOLDER"),
                     QStringLiteral("Where to; - prints them. Default: the folder of profiles."));
    options.addValue(QStringLiteral("name"), QStringLiteral("NAME"),
                     QStringLiteral("Of the profile, with mosquitto. Default: its Client Identifier, or the host."));
    options.setEpilogue(
        QStringLiteral("Files that are there are left alone. What a profile has no place for is told, a line each.\n\n"
                       "Exit codes: 0 all of it is imported; 1 a file was there already; 2 this is no such export."));
    return options;
}

Result<QByteArray, QString> readInput(const QString &name)
{
    QFile file(name);
    const bool isOpen = name == u"-" ? file.open(stdin, QIODevice::ReadOnly) : file.open(QIODevice::ReadOnly);
    if (!isOpen)
        return QStringLiteral("\"%1\" cannot be read: %2").arg(name, file.errorString());
    QByteArray text = file.read(importBytesLimit + 1);
    if (text.size() > importBytesLimit)
        return QStringLiteral("\"%1\" is larger than %2 bytes").arg(name).arg(importBytesLimit);
    return text;
}

ImportResult importCommandLines(const QStringList &words, const QString &name)
{
    if (words.size() > 1)
        return importMosquitto(words, name);
    static const QRegularExpression space(QStringLiteral("\\s"));
    if (words.first().contains(space) && !QFile::exists(words.first()))
        return importText(ImportFormat::Mosquitto, words.first().toUtf8(), name);
    const auto text = readInput(words.first());
    if (!text)
        return text.error();
    return importText(ImportFormat::Mosquitto, *text, name);
}

ImportResult import(const QStringList &arguments, const QString &name)
{
    const QString format = arguments.value(0);
    static const QStringList formats{QStringLiteral("mqttx"), QStringLiteral("mqtt-explorer"),
                                     QStringLiteral("mosquitto")};
    if (!formats.contains(format))
        return wrongValue(format, QStringLiteral("a format: expected ") + formats.join(QStringLiteral(", "))).text +
               didYouMean(format, formats);
    if (arguments.size() < 2)
        return format == u"mosquitto" ? QStringLiteral("expected -- and a command line behind it")
                                      : QStringLiteral("expected a file");
    if (format == u"mosquitto")
        return importCommandLines(arguments.mid(1), name);
    if (arguments.size() > 2)
        return QStringLiteral("unexpected argument \"%1\"").arg(arguments.at(2));
    const auto text = readInput(arguments.at(1));
    if (!text)
        return text.error();
    return importText(format == u"mqttx" ? ImportFormat::Mqttx : ImportFormat::MqttExplorer, *text);
}

void print(const ProfileImport &imported)
{
    QStringList documents;
    for (const ImportedProfile &one : imported.profiles)
        documents << QString::fromUtf8(writeProfile(one.profile)).trimmed();
    printResult(documents.join(QStringLiteral("\n---\n")));
}

} // namespace

ExitCode runProfileImport(const QStringList &arguments)
{
    const QString command = QStringLiteral("profile import");
    Options options = declareOptions();
    if (const auto code = readArguments(options, command, arguments))
        return *code;
    const auto read = import(options.positional(), options.value(QStringLiteral("name")));
    if (!read)
        return usageError(command, read.error());
    ProfileImport imported = *read;
    anchorFiles(imported, QDir::currentPath());
    for (const QString &note : imported.notes)
        printNote(note);
    const QString to = options.isSet(QStringLiteral("to")) ? options.value(QStringLiteral("to")) : profileFolder();
    if (to == u"-") {
        print(imported);
        return ExitCode::Ok;
    }
    const SavedImport saved = saveImport(imported, to);
    for (const QString &path : saved.paths)
        printResult(path);
    for (const QString &problem : saved.problems)
        printNote(QStringLiteral("sessionscope-cli profile: ") + problem);
    return saved.problems.isEmpty() ? ExitCode::Ok : ExitCode::Failed;
}

} // namespace sessionscope::cli
