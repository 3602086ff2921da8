#include "core/scenario/comparison.h"

#include "core/scenario/ladder_svg.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace sessionscope {

namespace {

std::vector<std::size_t> packetsOf(const Ladder &ladder, qsizetype lane)
{
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < ladder.rows.size(); ++i) {
        if (ladder.rows[i].kind == LadderRow::Kind::Packet && ladder.rows[i].lane == lane)
            rows.push_back(i);
    }
    return rows;
}

bool isSame(const LadderRow &left, const LadderRow &right)
{
    return left.direction == right.direction && left.isLost == right.isLost && left.sameness == right.sameness;
}

QString arrowText(const LadderRow &row)
{
    return (row.direction == Direction::Sent ? QStringLiteral("→ ") : QStringLiteral("← ")) + row.text;
}

/// The packets that one of the two does not have, with the client's name before them.
struct Differing
{
    QStringList onlyLeft;
    QStringList onlyRight;
};
Differing differingTexts(const Ladder &left, const Ladder &right)
{
    Differing found;
    for (qsizetype lane = 0; lane < left.lanes.size(); ++lane) {
        for (const AlignedRows &rows : alignPackets(left, right, lane)) {
            if (rows.left && rows.right)
                continue;
            const LadderRow &row = rows.left ? left.rows[*rows.left] : right.rows[*rows.right];
            (rows.left ? found.onlyLeft : found.onlyRight) << left.lanes[lane] + u' ' + arrowText(row);
        }
    }
    return found;
}

QString gridText(const Comparison &comparison)
{
    qsizetype nameWidth = 8;
    for (const RunResult &run : comparison.columns.front().runs)
        nameWidth = std::max(nameWidth, run.name.size());
    QString text = QStringLiteral("scenario").leftJustified(nameWidth);
    for (const BrokerColumn &column : comparison.columns)
        text += QStringLiteral("  ") + column.broker.leftJustified(12);
    for (std::size_t i = 0; i < comparison.columns.front().runs.size(); ++i) {
        text += u'\n' + comparison.columns.front().runs[i].name.leftJustified(nameWidth);
        for (const BrokerColumn &column : comparison.columns)
            text += QStringLiteral("  ") + QString::fromLatin1(verdictText(column.runs[i].verdict))
                                               .leftJustified(std::max<qsizetype>(12, column.broker.size()));
        while (text.endsWith(u' '))
            text.chop(1);
    }
    return text + u'\n';
}

QString differenceText(const Comparison &comparison, std::size_t scenario)
{
    const BrokerColumn &first = comparison.columns.front();
    const RunResult &reference = first.runs[scenario];
    QString text = QStringLiteral("\n%1\n").arg(reference.name);
    if (!reference.statements.isEmpty())
        text += QStringLiteral("  statements: %1\n").arg(reference.statements.join(QStringLiteral(", ")));
    for (const BrokerColumn &column : comparison.columns) {
        const RunResult &run = column.runs[scenario];
        text += QStringLiteral("  %1: %2\n").arg(column.broker, QLatin1String(verdictText(run.verdict)));
        text +=
            failureText(run).replace(QStringLiteral("\n  "), QStringLiteral("\n    ")).prepend(QStringLiteral("  "));
        if (!text.endsWith(u'\n'))
            text.chop(2);
        if (&column == &first)
            continue;
        const Differing packets = differingTexts(reference.ladder, run.ladder);
        for (const QString &row : packets.onlyLeft)
            text += QStringLiteral("    only %1: %2\n").arg(first.broker, row);
        for (const QString &row : packets.onlyRight)
            text += QStringLiteral("    only %1: %2\n").arg(column.broker, row);
    }
    return text;
}

QByteArray comparisonJson(const Comparison &comparison)
{
    QJsonArray scenarios;
    for (std::size_t i = 0; i < comparison.columns.front().runs.size(); ++i) {
        const RunResult &reference = comparison.columns.front().runs[i];
        QJsonArray runs;
        for (const BrokerColumn &column : comparison.columns) {
            const RunResult &run = column.runs[i];
            const Differing packets = differingTexts(reference.ladder, run.ladder);
            runs.append(
                QJsonObject{{QStringLiteral("broker"), column.broker},
                            {QStringLiteral("verdict"), QLatin1String(verdictText(run.verdict))},
                            {QStringLiteral("what"), failureText(run).trimmed()},
                            {QStringLiteral("client_ids"), QJsonArray::fromStringList(run.clientIds)},
                            {QStringLiteral("missing_packets"), QJsonArray::fromStringList(packets.onlyLeft)},
                            {QStringLiteral("additional_packets"), QJsonArray::fromStringList(packets.onlyRight)}});
        }
        scenarios.append(QJsonObject{{QStringLiteral("name"), reference.name},
                                     {QStringLiteral("file"), reference.place.file},
                                     {QStringLiteral("statements"), QJsonArray::fromStringList(reference.statements)},
                                     {QStringLiteral("differs"), verdictsDiffer(comparison, i)},
                                     {QStringLiteral("runs"), runs}});
    }
    return QJsonDocument(QJsonObject{{QStringLiteral("program"), comparison.program},
                                     {QStringLiteral("seed"), qint64(comparison.seed)},
                                     {QStringLiteral("scenarios"), scenarios}})
        .toJson();
}

constexpr struct
{
    const char *name;
    ComparisonFormat format;
} comparisonFormats[] = {
    {"text", ComparisonFormat::Text}, {"json", ComparisonFormat::Json}, {"html", ComparisonFormat::Html}};

} // namespace

std::vector<AlignedRows> alignPackets(const Ladder &left, const Ladder &right, qsizetype lane)
{
    const auto a = packetsOf(left, lane);
    const auto b = packetsOf(right, lane);
    // The longest common subsequence of what follows a[i] and b[j].
    std::vector<std::vector<quint16>> common(a.size() + 1, std::vector<quint16>(b.size() + 1, 0));
    const auto same = [&](std::size_t i, std::size_t j) { return isSame(left.rows[a[i]], right.rows[b[j]]); };
    for (std::size_t i = a.size(); i-- > 0;) {
        for (std::size_t j = b.size(); j-- > 0;)
            common[i][j] =
                same(i, j) ? quint16(common[i + 1][j + 1] + 1) : std::max(common[i + 1][j], common[i][j + 1]);
    }
    std::vector<AlignedRows> rows;
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() || j < b.size()) {
        if (i < a.size() && j < b.size() && same(i, j))
            rows.push_back({a[i++], b[j++]});
        else if (j == b.size() || (i < a.size() && common[i + 1][j] >= common[i][j + 1]))
            rows.push_back({a[i++], std::nullopt});
        else
            rows.push_back({std::nullopt, b[j++]});
    }
    return rows;
}

std::size_t differingPackets(const Ladder &left, const Ladder &right)
{
    const Differing found = differingTexts(left, right);
    return std::size_t(found.onlyLeft.size() + found.onlyRight.size());
}

bool verdictsDiffer(const Comparison &comparison, std::size_t scenario)
{
    return std::ranges::any_of(comparison.columns, [&](const BrokerColumn &column) {
        return column.runs[scenario].verdict != comparison.columns.front().runs[scenario].verdict;
    });
}

std::optional<ComparisonFormat> comparisonFormatOf(const QString &name)
{
    for (const auto &one : comparisonFormats) {
        if (name == QLatin1String(one.name))
            return one.format;
    }
    return std::nullopt;
}

QString comparisonFormatNames()
{
    QStringList names;
    for (const auto &one : comparisonFormats)
        names << QLatin1String(one.name);
    return names.join(QStringLiteral(", "));
}

QString comparisonText(const Comparison &comparison)
{
    QString text = gridText(comparison);
    for (std::size_t i = 0; i < comparison.columns.front().runs.size(); ++i) {
        if (verdictsDiffer(comparison, i))
            text += differenceText(comparison, i);
    }
    text += u'\n';
    for (const BrokerColumn &column : comparison.columns)
        text += QStringLiteral("%1: %2\n").arg(column.broker, totalsText(totalsOf(column.runs)));
    return text;
}

QByteArray writeComparison(const Comparison &comparison, ComparisonFormat format)
{
    switch (format) {
    case ComparisonFormat::Text:
        break;
    case ComparisonFormat::Json:
        return comparisonJson(comparison);
    case ComparisonFormat::Html:
        return comparisonHtml(comparison);
    }
    return comparisonText(comparison).toUtf8();
}

} // namespace sessionscope
