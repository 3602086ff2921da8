#include "core/scenario/ladder_svg.h"

#include "core/scenario/html_page.h"
#include "core/scenario/scalars.h"

namespace sessionscope {

namespace {

using RowKind = LadderRow::Kind;

constexpr int firstLane = 96;  ///< right of the times
constexpr int laneStep = 130;  ///< from client to client
constexpr int lastStep = 640;  ///< from the last client to the broker
constexpr int margin = 24;     ///< right of the broker
constexpr int headHeight = 34; ///< with the names
constexpr int packetHeight = 30;
constexpr int eventHeight = 24;
constexpr double letterWidth = 6.7; ///< of the style's font
/// Time between two rows from which on it is told.
constexpr Duration gapFrom = std::chrono::seconds(1);

const char *classOf(RowKind kind)
{
    switch (kind) {
    case RowKind::Packet:
        return "packet";
    case RowKind::Closed:
        return "closed";
    case RowKind::Cut:
        return "cut";
    case RowKind::Fault:
        return "fault";
    case RowKind::Broker:
        return "restart";
    case RowKind::Session:
        return "session";
    case RowKind::Finding:
        return "finding";
    case RowKind::Standing:
        break;
    }
    return "standing";
}

class Drawing
{
public:
    Drawing(const Ladder &ladder, QString anchor, TraceSeq marked)
        : m_ladder(ladder), m_anchor(std::move(anchor)), m_marked(marked)
    {
        m_brokerX = firstLane + int(std::max<qsizetype>(ladder.lanes.size() - 1, 0)) * laneStep + lastStep;
    }

    QString draw(const QString &name)
    {
        if (m_ladder.leftOut > 0)
            note(QStringLiteral("%1 rows before these are left out").arg(m_ladder.leftOut));
        std::optional<Instant> before;
        for (const LadderRow &row : m_ladder.rows) {
            if (before && row.at - *before >= gapFrom)
                note(spanText(std::chrono::floor<std::chrono::milliseconds>(row.at - *before)) +
                     QStringLiteral(" pass"));
            before = row.at;
            put(row);
        }
        const int width = m_brokerX + margin + 40;
        const int height = m_y + 10;
        return QStringLiteral("<svg class=\"ladder\" role=\"list\" aria-label=\"%1\" viewBox=\"0 0 %2 %3\" "
                              "width=\"%2\" height=\"%3\">\n")
                   .arg(html(name), QString::number(width), QString::number(height)) +
               lanes(height) + m_rows + QStringLiteral("</svg>\n");
    }

private:
    int x(qsizetype lane) const { return lane < 0 ? m_brokerX : firstLane + int(lane) * laneStep; }

    QString lanes(int height) const
    {
        QString text;
        for (qsizetype lane = -1; lane < m_ladder.lanes.size(); ++lane) {
            const QString name = lane < 0 ? QStringLiteral("broker") : m_ladder.lanes[lane];
            text += QStringLiteral("<line class=\"lane\" x1=\"%1\" y1=\"%2\" x2=\"%1\" y2=\"%3\"/>"
                                   "<text class=\"name\" x=\"%1\" y=\"18\" text-anchor=\"middle\">%4</text>\n")
                        .arg(x(lane))
                        .arg(headHeight - 8)
                        .arg(height)
                        .arg(html(cut(name, laneStep - 10)));
        }
        return text;
    }

    static QString cut(const QString &text, int width)
    {
        const auto room = qsizetype(width / letterWidth);
        return text.size() <= room ? text : text.left(room - 1) + u'…';
    }

    /// Something between the rows.
    void note(const QString &text)
    {
        m_rows += QStringLiteral("<text class=\"gap\" x=\"%1\" y=\"%2\" text-anchor=\"middle\">%3</text>\n")
                      .arg((firstLane + m_brokerX) / 2)
                      .arg(m_y + 15)
                      .arg(html(text));
        m_y += eventHeight;
    }

    void put(const LadderRow &row)
    {
        const QString spoken = QStringLiteral("%1, %2: %3%4")
                                   .arg(ladderTime(row.at), ladderWay(m_ladder, row), row.text,
                                        row.isLost ? QStringLiteral(", lost") : QString());
        const bool isMarked = m_marked.value && row.seq == m_marked && row.kind != RowKind::Standing;
        m_rows += QStringLiteral("<g role=\"listitem\" class=\"%1%2%3\"%4 aria-label=\"%5\">")
                      .arg(QLatin1String(classOf(row.kind)), row.isLost ? QStringLiteral(" lost") : QString(),
                           isMarked ? QStringLiteral(" marked") : QString(),
                           isMarked ? QStringLiteral(" id=\"%1-%2\"").arg(m_anchor).arg(row.seq.value) : QString(),
                           html(spoken));
        if (!row.detail.isEmpty())
            m_rows += QStringLiteral("<title>%1</title>").arg(html(row.detail));
        m_rows += QStringLiteral("<text class=\"time\" x=\"78\" y=\"%1\" text-anchor=\"end\">%2</text>")
                      .arg(m_y + 16)
                      .arg(ladderTime(row.at));
        if (row.kind == RowKind::Packet)
            arrow(row);
        else
            event(row);
        m_rows += QStringLiteral("</g>\n");
    }

    void arrow(const LadderRow &row)
    {
        const bool isSent = row.direction == Direction::Sent;
        const int from = isSent ? x(row.lane) : m_brokerX;
        const int whole = isSent ? m_brokerX : x(row.lane);
        const int to = row.isLost ? (from + whole) / 2 : whole;
        const int y1 = m_y + 18;
        const int y2 = row.isLost ? m_y + 21 : m_y + 24;
        const int back = isSent ? -9 : 9;
        m_rows += QStringLiteral("<g class=\"%1\"><line x1=\"%2\" y1=\"%3\" x2=\"%4\" y2=\"%5\"/>")
                      .arg(isSent ? QStringLiteral("out") : QStringLiteral("in"))
                      .arg(from)
                      .arg(y1)
                      .arg(to)
                      .arg(y2);
        if (row.isLost)
            m_rows +=
                QStringLiteral("<path class=\"stop\" d=\"M%1 %2l10 10m0 -10l-10 10\"/></g>").arg(to - 5).arg(y2 - 5);
        else
            m_rows += QStringLiteral("<path class=\"head\" d=\"M%1 %2l%3 -4v8z\"/></g>").arg(to).arg(y2).arg(back);
        words(row, m_brokerX - x(row.lane) - 24, m_y + 14);
        m_y += packetHeight;
    }

    void event(const LadderRow &row)
    {
        const int left = row.lane < 0 ? firstLane : x(row.lane);
        m_rows += QStringLiteral("<rect x=\"%1\" y=\"%2\" width=\"%3\" height=\"%4\" rx=\"3\"/>")
                      .arg(left - 6)
                      .arg(m_y + 3)
                      .arg(m_brokerX - left + 12)
                      .arg(eventHeight - 5);
        words(row, m_brokerX - left - 16, m_y + 16);
        m_y += eventHeight;
    }

    void words(const LadderRow &row, int width, int y)
    {
        const QString shown = cut(row.text, width);
        const int left = row.lane < 0 ? firstLane : x(row.lane);
        m_rows += QStringLiteral("<text x=\"%1\" y=\"%2\">%3").arg(left + 12).arg(y).arg(html(shown));
        if (shown != row.text && row.detail.isEmpty())
            m_rows += QStringLiteral("<title>%1</title>").arg(html(row.text));
        m_rows += QStringLiteral("</text>");
    }

    const Ladder &m_ladder;
    QString m_anchor;
    TraceSeq m_marked;
    QString m_rows;
    int m_brokerX = 0;
    int m_y = headHeight;
};

} // namespace

QString ladderTime(Instant at)
{
    return QString::number(std::chrono::duration<double>(at.time_since_epoch()).count(), 'f', 3);
}

QString ladderWay(const Ladder &ladder, const LadderRow &row)
{
    const QString broker = QStringLiteral("broker");
    const QString client = row.lane < 0 ? broker : ladder.lanes[row.lane];
    if (row.kind != RowKind::Packet)
        return client;
    return row.direction == Direction::Sent ? client + QStringLiteral(" → ") + broker
                                            : broker + QStringLiteral(" → ") + client;
}

QString ladderSvg(const Ladder &ladder, const QString &name, const QString &anchor, TraceSeq marked)
{
    return Drawing(ladder, anchor, marked).draw(name);
}

} // namespace sessionscope
