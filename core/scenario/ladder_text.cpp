// The ladder in characters: a column of time, a lane for each client and one for the broker, what happened beside it.
#include "core/scenario/ladder.h"

#include "core/trace/text.h"

namespace sessionscope {

namespace {

constexpr qsizetype laneWidth = 14;
constexpr qsizetype timeWidth = 14;

/// The lifelines with the row's own mark on one of them.
QString lifelines(const Ladder &ladder, const LadderRow &row)
{
    QString line;
    const qsizetype lanes = ladder.lanes.size();
    for (qsizetype lane = 0; lane <= lanes; ++lane) {
        const bool isOwn = row.lane < 0 ? lane == lanes : lane == row.lane;
        line += isOwn && row.kind != LadderRow::Kind::Packet ? QChar(u'*') : QChar(u'|');
        line += QString(lane < lanes ? laneWidth - 1 : 1, u' ');
    }
    return line;
}

QString arrow(const Ladder &ladder, const LadderRow &row)
{
    QString line = lifelines(ladder, row);
    const qsizetype from = row.lane * laneWidth;
    const qsizetype to = ladder.lanes.size() * laneWidth;
    for (qsizetype at = from + 1; at < to; ++at)
        line[at] = u'-';
    const bool isSent = row.direction == Direction::Sent;
    if (row.isLost)
        line[(from + to) / 2] = u'X';
    else
        line[isSent ? to - 1 : from + 1] = isSent ? u'>' : u'<';
    return line;
}

QString names(const Ladder &ladder)
{
    QString line(timeWidth, u' ');
    for (const QString &lane : ladder.lanes)
        line += lane.left(laneWidth - 1).leftJustified(laneWidth);
    return line + QStringLiteral("broker");
}

} // namespace

QStringList ladderText(const Ladder &ladder)
{
    QStringList lines{names(ladder)};
    if (ladder.leftOut > 0)
        lines << QStringLiteral("… %1 rows left out").arg(ladder.leftOut);
    for (const LadderRow &row : ladder.rows) {
        const bool isArrow = row.kind == LadderRow::Kind::Packet && row.lane >= 0;
        lines << (instantText(row.at).rightJustified(timeWidth - 2) + QStringLiteral("  ") +
                  (isArrow ? arrow(ladder, row) : lifelines(ladder, row)) + row.text);
    }
    return lines;
}

} // namespace sessionscope
