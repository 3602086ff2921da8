#include "ui/packets/packet_model.h"

#include "ui/common/table_view.h"
#include "ui/common/theme.h"
#include "ui/common/words.h"
#include "ui/packets/event_words.h"
#include "ui/packets/packet_peek.h"

#include <QBrush>

namespace sessionscope {

namespace {

/// From client to broker, whichever end saw it.
bool isOutgoing(const TraceRecord &record, const PacketTrace &packet)
{
    return (packet.direction == Direction::Sent) == (record.role == Role::Client);
}

QString packetText(const TraceRecord &record, const PacketTrace &packet, int column, PayloadShown payload)
{
    switch (column) {
    case PacketModel::Arrow:
        return isOutgoing(record, packet) ? QStringLiteral("\u2192") : QStringLiteral("\u2190");
    case PacketModel::Packet:
        return words::packet(peek(packet).type);
    case PacketModel::Id: {
        const PacketId id = peek(packet).packetId;
        return id.value ? QString::number(id.value) : QString();
    }
    case PacketModel::Summary:
        return packetSummary(packet, payload);
    case PacketModel::Bytes:
        return QString::number(packet.size());
    default:
        return {};
    }
}

QString eventText(const TraceRecord &record, int column)
{
    if (column == PacketModel::Packet)
        return eventWords(record).kind;
    return column == PacketModel::Summary ? eventWords(record).text : QString();
}

} // namespace

void PacketModel::setFilter(const PacketFilter &filter)
{
    m_filter = filter;
    rebuild();
}

QList<ShownFinding> PacketModel::findings(int row) const
{
    const TraceRecord &shown = record(row);
    if (const auto own = findingIn(shown))
        return {*own};
    QList<ShownFinding> found;
    if (!std::holds_alternative<PacketTrace>(shown.what))
        return found;
    const LogRow last = std::min(logRow(row) + findingsWithin, log().end() - 1);
    for (LogRow next = logRow(row) + 1; next <= last; ++next) {
        const TraceRecord &record = log().at(next);
        if (record.cause == shown.seq && std::holds_alternative<FindingTrace>(record.what))
            found.append(*findingIn(record));
    }
    return found;
}

bool PacketModel::accepts(const LogDigest &digest, LogRow row) const
{
    if (digest.kind == LogKind::None || digest.kind == LogKind::Message)
        return false;
    return m_filter.isEmpty() || m_filter.matches(digest, log(), row);
}

QVariant PacketModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    const QString titles[Columns] = {tr("#"),  tr("Time"),    QString(),  tr("Packet"),
                                     tr("Id"), tr("Summary"), tr("Bytes")};
    return section >= 0 && section < Columns ? titles[section] : QVariant();
}

QVariant PacketModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const TraceRecord &seen = record(index.row());
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
        return text(seen, index.column(), PayloadShown::Start);
    case fullTextRole:
        return index.column() == Summary ? text(seen, Summary, PayloadShown::All) : QVariant();
    case Qt::FontRole:
        return index.column() == Summary ? QVariant() : QVariant(monospaceFont());
    case Qt::ForegroundRole:
        return colour(seen, index.column());
    default:
        return {};
    }
}

QString PacketModel::text(const TraceRecord &record, int column, PayloadShown payload) const
{
    if (column == Number)
        return QString::number(record.seq.value);
    if (column == Time)
        return words::clock(record.at);
    const auto *packet = std::get_if<PacketTrace>(&record.what);
    return log().shown(record, packet ? packetText(record, *packet, column, payload) : eventText(record, column));
}

QVariant PacketModel::colour(const TraceRecord &record, int column) const
{
    const auto *packet = std::get_if<PacketTrace>(&record.what);
    if (column == Number || column == Time)
        return QBrush(colours().dim);
    if (!packet)
        return QBrush(toneColour(eventWords(record).tone));
    if (packet->malformed)
        return QBrush(colours().bad);
    if (column == Arrow)
        return QBrush(isOutgoing(record, *packet) ? colours().accent : colours().ok);
    return {};
}

} // namespace sessionscope
