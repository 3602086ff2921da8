#include "app/cli/scenario_files.h"

#include "app/cli/commands.h"
#include "app/cli/secret.h"
#include "core/profile/profile_folder.h"
#include "core/scenario/run_commands.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>

namespace sessionscope::cli {

namespace {

const QString &libraryRoot()
{
    static const QString root = QStringLiteral(":/scenarios");
    return root;
}

/// A name of the library to its resource, any other as it is.
QString pathOf(const QString &name)
{
    if (name != libraryName && !name.startsWith(libraryName + QLatin1Char('/')))
        return name;
    return libraryRoot() + name.mid(libraryName.size());
}

/// The same backwards, for places that people read.
QString shownName(const QString &path)
{
    return path.startsWith(libraryRoot()) ? libraryName + path.mid(libraryRoot().size()) : path;
}

QStringList filesOf(const QString &path)
{
    if (!QFileInfo(path).isDir())
        return {path};
    QStringList files;
    QDirIterator found(path, {QStringLiteral("*.yaml"), QStringLiteral("*.yml")}, QDir::Files,
                       QDirIterator::Subdirectories);
    while (found.hasNext()) {
        const QString file = found.next();
        if (!found.fileName().startsWith(u'_'))
            files << file;
    }
    files.sort();
    return files;
}

Result<LoadedFile, QString> load(const QString &path, const QString &from, LoadKind kind)
{
    const QDir folder = QFileInfo(pathOf(from)).dir();
    QString file = folder.filePath(path);
    if (kind == LoadKind::Profile) {
        const auto found = findProfile(path, folder.path());
        if (!found)
            return found.error();
        file = found->path;
    }
    const auto text = readTextFile(file);
    if (!text)
        return QStringLiteral("\"%1\" %2").arg(path, text.error());
    return LoadedFile{shownName(file), *text};
}

void readOne(ScenarioFiles &all, const QString &path, const Variables &variables)
{
    ++all.files;
    const QString shown = shownName(path);
    const auto text = readTextFile(path);
    if (!text)
        return all.problems.push_back({{shown}, text.error()});
    auto scenarios = readScenarios(*text, shown, variables, load);
    if (!scenarios) {
        all.problems.insert(all.problems.end(), scenarios.error().begin(), scenarios.error().end());
        return;
    }
    for (Scenario &scenario : std::move(scenarios).value())
        all.scenarios.push_back(std::move(scenario));
}

} // namespace

ScenarioFiles readScenarioFiles(const QStringList &names, const Variables &variables)
{
    ScenarioFiles all;
    for (const QString &name : names) {
        const QStringList files = filesOf(pathOf(name));
        if (files.isEmpty())
            all.problems.push_back({{name}, QStringLiteral("a folder without scenarios: expected *.yaml in it")});
        for (const QString &file : files)
            readOne(all, file, variables);
    }
    return all;
}

Parsed<Variables> readVariables(const QStringList &settings)
{
    Variables variables;
    for (const QString &setting : settings) {
        const qsizetype equals = setting.indexOf(u'=');
        if (equals < 1)
            return wrongValue(setting, QStringLiteral("NAME=VALUE"));
        variables[setting.left(equals)] = setting.mid(equals + 1);
    }
    return variables;
}

Result<std::vector<Scenario>, ExitCode> readScenarioArguments(const Options &options, const QString &command)
{
    if (options.positional().isEmpty())
        return usageError(command, QStringLiteral("expected files or folders of scenarios, or library"));
    const auto variables = readVariables(options.values(QStringLiteral("set")));
    if (!variables)
        return usageError(command, variables.error().text);
    ScenarioFiles files = readScenarioFiles(options.positional(), *variables);
    for (const Problem &problem : files.problems)
        printNote(problemText(problem));
    if (!files.problems.empty())
        return ExitCode::Usage;
    return std::move(files.scenarios);
}

Parsed<Secrets> readSecrets(const std::vector<Scenario> &scenarios)
{
    Secrets secrets;
    const SecretWays ways = secretWays();
    for (const Scenario &scenario : scenarios) {
        for (const auto &[from, whose] : secretsOf(scenario)) {
            if (secrets.contains(from))
                continue;
            const auto secret = readSecret(from, ways);
            if (!secret)
                return UsageError{
                    QStringLiteral("%1: the password of %2: %3").arg(scenario.place.file, whose, secret.error())};
            secrets[from] = *secret;
        }
    }
    return secrets;
}

} // namespace sessionscope::cli
