#include "app/cli/profile_import.h"

#include "app/cli/commands.h"
#include "core/profile/import_profile.h"
#include "core/profile/profile_folder.h"
#include "core/profile/shell_words.h"
#include "core/profile/write_profile.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>

namespace sessionscope::cli {

namespace {

/// An export with the messages that MQTTX kept.
constexpr qint64 exportBytesLimit = 256 * 1024 * 1024;

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
    QByteArray text = file.read(exportBytesLimit + 1);
    if (text.size() > exportBytesLimit)
        return QStringLiteral("\"%1\" is larger than %2 bytes").arg(name).arg(exportBytesLimit);
    return text;
}

/// Every command line of a text; lines that begin with # and empty ones do not count.
ImportResult importLines(QString text, const QString &name)
{
    ProfileImport all;
    text.replace(QStringLiteral("\\\n"), QStringLiteral(" "));
    for (const QString &line : text.split(u'\n')) {
        if (line.trimmed().isEmpty() || line.trimmed().startsWith(u'#'))
            continue;
        const auto words = shellWords(line);
        if (!words)
            return words.error();
        auto one = importMosquitto(*words, name);
        if (!one)
            return one;
        for (const ImportedProfile &profile : one->profiles)
            all.profiles.push_back(profile);
        all.notes += one->notes;
    }
    if (all.profiles.empty())
        return QStringLiteral("no command line in it: expected one such as mosquitto_sub -h host -t 'a/#'");
    return all;
}

ImportResult importCommandLines(const QStringList &words, const QString &name)
{
    if (words.size() > 1)
        return importMosquitto(words, name);
    static const QRegularExpression space(QStringLiteral("\\s"));
    if (words.first().contains(space) && !QFile::exists(words.first()))
        return importLines(words.first(), name);
    const auto text = readInput(words.first());
    if (!text)
        return text.error();
    return importLines(QString::fromUtf8(*text), name);
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
    return format == u"mqttx" ? importMqttx(*text) : importMqttExplorer(*text);
}

QString pathOf(const ImportedProfile &imported, const QString &folder)
{
    QStringList parts{folder};
    for (const QString &part : imported.folder.split(u'/', Qt::SkipEmptyParts))
        parts << fileNameOf(part);
    parts << fileNameOf(imported.profile.name) + QStringLiteral(".yaml");
    return parts.join(u'/');
}

/// The names of files are the command line's: a profile stands elsewhere.
void anchorFiles(ProfileImport &imported)
{
    for (ImportedProfile &one : imported.profiles) {
        TlsSettings &tls = one.profile.client.tls;
        for (QString *file : {&tls.caFile, &tls.certificateFile, &tls.keyFile}) {
            if (!file->isEmpty())
                *file = QDir().absoluteFilePath(*file);
        }
    }
}

void print(const ProfileImport &imported)
{
    QStringList documents;
    for (const ImportedProfile &one : imported.profiles)
        documents << QString::fromUtf8(writeProfile(one.profile)).trimmed();
    printResult(documents.join(QStringLiteral("\n---\n")));
}

ExitCode save(const ProfileImport &imported, const QString &folder)
{
    ExitCode code = ExitCode::Ok;
    for (const ImportedProfile &one : imported.profiles) {
        const QString path = pathOf(one, folder);
        if (const auto wrong = saveTextFile(path, writeProfile(one.profile), Overwrite::No)) {
            printNote(QStringLiteral("sessionscope-cli profile: ") + *wrong);
            code = ExitCode::Failed;
        } else {
            printResult(path);
        }
    }
    return code;
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
    anchorFiles(imported);
    for (const QString &note : imported.notes)
        printNote(note);
    const QString to = options.isSet(QStringLiteral("to")) ? options.value(QStringLiteral("to")) : profileFolder();
    if (to == u"-") {
        print(imported);
        return ExitCode::Ok;
    }
    return save(imported, to);
}

} // namespace sessionscope::cli
