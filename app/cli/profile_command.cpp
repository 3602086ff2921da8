// profile: list, show, check, begin and import profiles.
#include "app/cli/commands.h"
#include "app/cli/profile_import.h"
#include "app/cli/profiles.h"
#include "app/cli/secret.h"
#include "app/keyring/keyring.h"
#include "core/profile/profile_folder.h"
#include "core/profile/write_profile.h"
#include "core/scenario/grammar.h"
#include "core/scenario/write_document.h"

#include <QDir>
#include <QFileInfo>
#include <QJsonDocument>

namespace sessionscope::cli {

namespace {

QByteArray templateText(const QString &name)
{
    static const QString text = QStringLiteral(
        R"(# A profile: sessionscope-cli connect --profile NAME. "sessionscope-cli profile --keys" lists every key.
%1
about: A device that is away now and then
broker: mqtt://127.0.0.1:1883        # without it: the bundled broker
clean_start: false
session_expiry: 1h
keep_alive: 60s
# client_id: another-name            # the profile's name unless given
# username: me
# password: { env: BROKER_PASSWORD } # or { file: PATH }, { keyring: SERVICE/KEY }, { ask: true }; never the password itself
# will: { topic: %2/state, payload: lost, qos: 1, retain: true, delay: 30s }
subscribe:
  - filter: %2/cmd/#
    qos: 1
)");
    const QByteArray first = writeDocument(mapNode(QStringLiteral("profile"), scalarNode(name))).trimmed();
    return text.arg(QString::fromUtf8(first), fileNameOf(name)).toUtf8();
}

/// Files, folders and names as files; none at all: the folder of profiles.
Parsed<QStringList> filesOf(const QStringList &names)
{
    QStringList files;
    const QStringList wanted = names.isEmpty() ? QStringList{profileFolder()} : names;
    for (const QString &name : wanted) {
        if (QFileInfo(name).isDir() || names.isEmpty()) {
            for (const ProfileFile &file : profileFiles(name))
                files << file.path;
            continue;
        }
        const auto file = findProfile(name);
        if (!file && !QFileInfo(name).isFile())
            return UsageError{file.error()};
        files << (file ? file->path : name);
    }
    return files;
}

ExitCode runList(const QStringList &arguments)
{
    const QString command = QStringLiteral("profile list");
    Options options(QStringLiteral("profile list [FOLDER]"),
                    QStringLiteral("Shows the profiles of a folder and of those below it."));
    options.addPositional(QStringLiteral("[FOLDER]"), QStringLiteral("Without it: %1.").arg(profileFolder()));
    if (const auto code = readArguments(options, command, arguments))
        return *code;
    const QString folder = options.positional().isEmpty() ? profileFolder() : options.positional().first();
    if (!options.positional().isEmpty() && !QFileInfo(folder).isDir())
        return usageError(command, wrongValue(folder, QStringLiteral("a folder")).text);
    const std::vector<ProfileFile> files = profileFiles(folder);
    qsizetype width = 0;
    for (const ProfileFile &file : files)
        width = std::max(width, file.name.size());
    ExitCode code = ExitCode::Ok;
    for (const ProfileFile &file : files) {
        const auto profile = loadProfile(file.path);
        if (profile) {
            const auto &broker = profile->client.broker;
            const QString text = QStringLiteral("%1  %2  %3")
                                     .arg(file.name, -int(width))
                                     .arg(broker ? toUrl(*broker) : QStringLiteral("bundled"), -28)
                                     .arg(profile->about);
            printResult(text.trimmed());
            continue;
        }
        code = ExitCode::Usage;
        for (const Problem &problem : profile.error())
            printNote(problemText(problem));
    }
    if (files.empty())
        printNote(QStringLiteral("No profiles in %1. \"sessionscope-cli profile new NAME\" begins one.").arg(folder));
    return code;
}

ExitCode runShow(const QStringList &arguments)
{
    const QString command = QStringLiteral("profile show");
    Options options(QStringLiteral("profile show NAME"),
                    QStringLiteral("Prints a profile as the program reads it, defaults left out."));
    options.addPositional(QStringLiteral("NAME"), QStringLiteral("A file, or a name in %1.").arg(profileFolder()));
    if (const auto code = readArguments(options, command, arguments))
        return *code;
    if (options.positional().isEmpty())
        return usageError(command, QStringLiteral("expected the name of a profile"));
    const auto profile = readProfileNamed(options.positional().first());
    if (!profile)
        return usageError(command, profile.error().text);
    printResult(QString::fromUtf8(writeProfile(*profile)).trimmed());
    return ExitCode::Ok;
}

ExitCode runCheckProfiles(const QStringList &arguments)
{
    const QString command = QStringLiteral("profile check");
    Options options(QStringLiteral("profile check [FILE…]"),
                    QStringLiteral("Looks for mistakes in profiles and tells every one with its place."));
    options.addPositionals(QStringLiteral("[FILE…]"),
                           QStringLiteral("Files, folders and names. Without any: %1.").arg(profileFolder()));
    if (const auto code = readArguments(options, command, arguments))
        return *code;
    const auto files = filesOf(options.positional());
    if (!files)
        return usageError(command, files.error().text);
    std::size_t problems = 0;
    for (const QString &file : *files) {
        const auto profile = loadProfile(file);
        if (profile)
            continue;
        problems += profile.error().size();
        for (const Problem &problem : profile.error())
            printNote(problemText(problem));
    }
    printResult(QStringLiteral("%1 profiles, %2 problems").arg(files->size()).arg(problems));
    return problems == 0 ? ExitCode::Ok : ExitCode::Usage;
}

ExitCode runNewProfile(const QStringList &arguments)
{
    const QString command = QStringLiteral("profile new");
    Options options(QStringLiteral("profile new NAME"),
                    QStringLiteral("Writes a commented profile to begin with. An existing file is left alone."));
    options.addPositional(
        QStringLiteral("NAME"),
        QStringLiteral("NAME or FOLDER/NAME in %1, or a path that ends in .yaml.").arg(profileFolder()));
    if (const auto code = readArguments(options, command, arguments))
        return *code;
    const QString name = options.positional().value(0);
    if (name.isEmpty() || name.endsWith(u'/'))
        return usageError(command, QStringLiteral("expected a name"));
    const bool isPath = name.endsWith(u".yaml") || name.endsWith(u".yml");
    const QString path = isPath ? name : QStringLiteral("%1/%2.yaml").arg(profileFolder(), name);
    if (const auto wrong = saveTextFile(path, templateText(QFileInfo(path).completeBaseName()), Overwrite::No)) {
        printNote(QStringLiteral("sessionscope-cli profile: ") + *wrong);
        return ExitCode::Failed;
    }
    printResult(path);
    return ExitCode::Ok;
}

ExitCode runStorePassword(const QStringList &arguments)
{
    const QString command = QStringLiteral("profile password");
    Options options(QStringLiteral("profile password NAME [--password-file FILE]"),
                    QStringLiteral("Stores the password of a profile in the keyring's entry that the profile names, "
                                   "over one that is there. Asks for it on the terminal, without an echo."));
    options.addPositional(QStringLiteral("NAME"), QStringLiteral("A file, or a name in %1.").arg(profileFolder()));
    options.addValue(QStringLiteral("password-file"), QStringLiteral("FILE"),
                     QStringLiteral("Take it from the first line of this file instead."));
    if (const auto code = readArguments(options, command, arguments))
        return *code;
    if (options.positional().isEmpty())
        return usageError(command, QStringLiteral("expected the name of a profile"));
    const QString name = options.positional().first();
    const auto profile = readProfileNamed(name);
    if (!profile)
        return usageError(command, profile.error().text);
    const SecretReference &from = profile->client.passwordFrom;
    if (from.source != SecretSource::Keyring)
        return usageError(command, QStringLiteral("%1 has its password not in the keyring (%2): expected password: "
                                                  "{ keyring: SERVICE/KEY }")
                                       .arg(name, secretText(from)));
    const QString file = options.value(QStringLiteral("password-file"));
    const FoundSecret secret = file.isEmpty() ? askSecret(name) : readSecretFile(file);
    if (!secret)
        return usageError(command, secret.error());
    if (const auto wrong = writeKeyring(from.name.section(u'/', 0, 0), from.name.section(u'/', 1), *secret)) {
        printNote(QStringLiteral("sessionscope-cli profile: ") + *wrong);
        return ExitCode::Failed;
    }
    printResult(QStringLiteral("stored in the keyring as %1").arg(from.name));
    return ExitCode::Ok;
}

struct Part
{
    const char *name;
    const char *usage;
    const char *summary;
    ExitCode (*run)(const QStringList &arguments);
};

constexpr Part parts[] = {
    {"list", "list [FOLDER]", "Show the profiles that are there.", runList},
    {"show", "show NAME", "Print one, defaults left out.", runShow},
    {"check", "check [FILE…]", "Look for mistakes.", runCheckProfiles},
    {"new", "new NAME", "Write a commented one to begin with.", runNewProfile},
    {"password", "password NAME", "Store a password in the keyring.", runStorePassword},
    {"import", "import FORMAT FILE", "Make profiles of mqttx, mqtt-explorer and mosquitto settings.", runProfileImport},
};

QString helpText()
{
    QString text = QStringLiteral("Usage: sessionscope-cli profile COMMAND [options]\n"
                                  "Profiles: connections with a name, each a YAML file.\n\nCommands:\n");
    for (const Part &part : parts)
        text += QStringLiteral("  %1%2\n").arg(QString::fromUtf8(part.usage), -22).arg(QString::fromUtf8(part.summary));
    return text + QStringLiteral("\nOptions:\n"
                                 "  --keys    List every key of a profile.\n"
                                 "  --schema  Print the JSON Schema, for editors.\n"
                                 "  -h, --help  Show this help; behind a command, that command's.\n\n"
                                 "They are in %1, or anywhere else by their path.")
                      .arg(profileFolder());
}

} // namespace

ExitCode runProfile(const QStringList &arguments)
{
    const QString name = arguments.value(0);
    if (name == u"-h" || name == u"--help") {
        printResult(helpText());
        return ExitCode::Ok;
    }
    if (name == u"--schema") {
        printResult(QString::fromUtf8(QJsonDocument(profileSchema()).toJson()).trimmed());
        return ExitCode::Ok;
    }
    if (name == u"--keys") {
        printResult(profileHelp().chopped(1));
        return ExitCode::Ok;
    }
    QStringList known;
    for (const Part &part : parts) {
        if (name == QLatin1String(part.name))
            return part.run(arguments.mid(1));
        known << QString::fromLatin1(part.name);
    }
    if (name.isEmpty()) {
        printNote(helpText());
        return ExitCode::Usage;
    }
    return usageError(QStringLiteral("profile"),
                      QStringLiteral("unknown command \"%1\": expected %2.%3")
                          .arg(name, known.join(QStringLiteral(", ")), didYouMean(name, known)));
}

} // namespace sessionscope::cli
