// show: a recording as text, as JSON, or as a capture file.
#include "app/cli/commands.h"
#include "app/cli/record_filter.h"

#include "core/scenario/ladder.h"
#include "core/trace/json.h"
#include "core/trace/pcapng.h"
#include "core/trace/text.h"

#include <QDateTime>
#include <QFile>
#include <QJsonDocument>
#include <QSaveFile>

namespace sessionscope::cli {

namespace {

Options declareOptions()
{
    Options options(QStringLiteral("show FILE [options]"),
                    QStringLiteral("Shows a recording, as run --keep-failing and connect --capture write them: "
                                   "without an option what it is about and every record, a line each."));
    options.addPositional(QStringLiteral("FILE"), QStringLiteral("The recording; - is standard input."));
    options.addFlag(QStringLiteral("ladder"),
                    QStringLiteral("Draw the packets as arrows between clients and broker. Goes with no other "
                                   "option."));
    options.addFlag(QStringLiteral("state"),
                    QStringLiteral("Only how both ends stood whenever a connection had ended. Goes with no other "
                                   "option."));
    options.addValue(
        QStringLiteral("filter"), QStringLiteral("TERMS"),
        QStringLiteral("Only records for which all terms hold, as in the window: words, and FIELD=VALUE or "
                       "FIELD!=VALUE with the fields %1; also with --json. For example \"type=PUBLISH qos=2 valve\".")
            .arg(RecordFilter::fieldNames()));
    options.addFlag(QStringLiteral("json"), QStringLiteral("Print JSON, one object a record, with all fields."));
    options.addValue(QStringLiteral("pcapng"), QStringLiteral("FILE"),
                     QStringLiteral("Write a capture of everything for Wireshark or tshark instead. Goes with no other "
                                    "option."));
    return options;
}

Result<Recording, QString> readFile(const QString &name)
{
    QFile file(name);
    const bool isOpen = name == u"-" ? file.open(stdin, QIODevice::ReadOnly) : file.open(QIODevice::ReadOnly);
    if (!isOpen)
        return file.errorString();
    if (file.size() > recordingBytesLimit)
        return QStringLiteral("larger than %1 MiB").arg(recordingBytesLimit / 1024 / 1024);
    return readRecording(file.readAll());
}

void printHead(const Recording &recording)
{
    QStringList parts{recording.program};
    if (!recording.broker.isEmpty())
        parts << QStringLiteral("broker: ") + recording.broker;
    if (recording.seed)
        parts << QStringLiteral("seed %1").arg(*recording.seed);
    if (recording.startedAt)
        parts << QDateTime::fromMSecsSinceEpoch(*recording.startedAt).toString(Qt::ISODateWithMs);
    printResult(parts.join(QStringLiteral(", ")));
    const QString verdict = recording.verdict.isEmpty() ? QString() : recording.verdict + QStringLiteral(": ");
    printResult(verdict + recording.title +
                (recording.source.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(recording.source)));
    for (const QString &line : recording.outcome)
        printResult(QStringLiteral("  ") + line);
    if (recording.leftOut > 0)
        printResult(QStringLiteral("%1 older records are not in it").arg(recording.leftOut));
    printResult({});
}

/// With its names in front of the number of the record, as reports refer to them.
void printRecords(const Recording &recording, const RecordFilter &filter, bool asJson)
{
    for (const TraceRecord &record : recording.records) {
        const QString who = record.role == Role::Broker ? QStringLiteral("broker") : recording.nameOf(record.client);
        if (!filter.matches(record, who))
            continue;
        if (asJson)
            printResult(QString::fromUtf8(QJsonDocument(toJson(record, who)).toJson(QJsonDocument::Compact)));
        else
            printResult(QStringLiteral("%1  %2").arg(record.seq.value, 5).arg(recordText(record, who)));
    }
}

void printStandings(const Recording &recording)
{
    for (const Standing &standing : recording.standings)
        printResult(QStringLiteral("%1  %2  %3: %4")
                        .arg(standing.after.value, 5)
                        .arg(instantText(standing.at), 12)
                        .arg(recording.nameOf(standing.client), standing.text));
}

/// Two options of which one would be ignored; nothing when they go together.
std::optional<QString> conflictIn(const Options &options)
{
    QStringList set;
    for (const QString &name : {QStringLiteral("ladder"), QStringLiteral("state"), QStringLiteral("pcapng"),
                                QStringLiteral("filter"), QStringLiteral("json")}) {
        if (options.isSet(name))
            set << name;
    }
    const QStringList together{QStringLiteral("filter"), QStringLiteral("json")};
    if (set.size() < 2 || set == together)
        return std::nullopt;
    return QStringLiteral("--%1 does not go with --%2").arg(set.at(1), set.at(0));
}

ExitCode writeCapture(const Recording &recording, const QString &name)
{
    const QByteArray content = writePcapng(recording);
    QSaveFile file(name);
    if (file.open(QIODevice::WriteOnly) && file.write(content) == content.size() && file.commit())
        return ExitCode::Ok;
    printNote(QStringLiteral("sessionscope-cli show: \"%1\": %2").arg(name, file.errorString()));
    return ExitCode::Failed;
}

} // namespace

ExitCode runShow(const QStringList &arguments)
{
    const QString name = QStringLiteral("show");
    Options options = declareOptions();
    if (const auto code = readArguments(options, name, arguments))
        return *code;
    if (options.positional().isEmpty())
        return usageError(name, QStringLiteral("expected the file of a recording"));
    if (const auto conflict = conflictIn(options))
        return usageError(name, *conflict);
    const auto filter = RecordFilter::parse(options.value(QStringLiteral("filter")));
    if (!filter)
        return usageError(name, QStringLiteral("--filter: ") + filter.error().text);
    const QString file = options.positional().first();
    const auto recording = readFile(file);
    if (!recording) {
        printNote(QStringLiteral("sessionscope-cli show: \"%1\": %2").arg(file, recording.error()));
        return ExitCode::Usage;
    }
    if (options.isSet(QStringLiteral("pcapng")))
        return writeCapture(*recording, options.value(QStringLiteral("pcapng")));
    const bool asJson = options.isSet(QStringLiteral("json"));
    if (!asJson)
        printHead(*recording);
    if (options.isSet(QStringLiteral("state")))
        printStandings(*recording);
    else if (options.isSet(QStringLiteral("ladder")))
        printResult(ladderText(ladderOf(*recording)).join(u'\n'));
    else
        printRecords(*recording, *filter, asJson);
    return ExitCode::Ok;
}

} // namespace sessionscope::cli
